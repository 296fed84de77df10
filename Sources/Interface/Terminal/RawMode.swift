internal import Linux
internal import Synchronization

/// What is known of the three standard streams as terminals.
package enum TerminalDevice {
    package static var inputIsTerminal: Bool { TerminalMode.isTerminal(0) }
    package static var outputIsTerminal: Bool { TerminalMode.isTerminal(1) }
    package static var errorIsTerminal: Bool { TerminalMode.isTerminal(2) }

    /// Rows and columns of the terminal on standard output, or else on standard input; nil when neither is one.
    package static var size: (rows: Int, columns: Int)? {
        guard let size = TerminalMode.size(1) ?? TerminalMode.size(0) else { return nil }
        return (Int(size.rows), Int(size.columns))
    }

    /// Columns that help and tables may take: 80 where there is no terminal.
    package static var columns: Int { TerminalMode.size(1).map { Int($0.columns) } ?? 80 }
}

/// The terminal on standard input without line editing, echo and signal keys, until `restore` or the last owner ends.
package final class RawMode: Sendable {
    private let saved: Mutex<[TerminalMode]>

    /// Makes standard input raw, and standard output too when it is a terminal.
    package init() throws {
        let input = try TerminalMode(of: 0)
        try input.makeRaw()
        var modes = [input]
        if TerminalMode.isTerminal(1) {
            let output = try TerminalMode(of: 1)
            // On the same terminal this reads settings that are raw already, so putting them back goes first.
            try output.makeRaw()
            modes.insert(output, at: 0)
        }
        saved = Mutex(modes)
    }

    /// Puts things back; later calls do nothing.
    package func restore() {
        let modes = saved.withLock { modes in
            defer { modes = [] }
            return modes
        }
        for mode in modes {
            try? mode.restore()  // The terminal is gone: there is nothing left to restore.
        }
    }

    deinit { restore() }
}
