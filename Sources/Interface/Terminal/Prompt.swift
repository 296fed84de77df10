package import Linux

/// A line that the user types on standard input.
package enum Prompt {
    /// Bytes of a line at most.
    private static let limit = 4096

    /// Without its end; empty at the end of the input.
    package static func line() throws(SyscallError) -> String {
        let input = try FileDescriptor.standard(0)
        var bytes: [UInt8] = []
        // One at a time: what follows is the next reader's.
        while bytes.count < limit {
            let next = try input.read(upTo: 1)
            guard let byte = next.first, byte != 10 else { break }
            bytes.append(byte)
        }
        if bytes.last == 13 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same without showing what is typed; `ask` writes the question once nothing is shown any more.
    package static func secret(_ ask: () -> Void) throws(SyscallError) -> String {
        let before = try TerminalMode(of: 0)
        try before.hideInput()
        ask()
        do throws(SyscallError) {
            let text = try line()
            try before.restore()
            return text
        } catch {
            // The first error is the one that tells.
            try? before.restore()
            throw error
        }
    }
}
