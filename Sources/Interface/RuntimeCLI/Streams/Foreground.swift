import ContainerRuntime
import Linux

/// Stands before a process in a container until it has ended: passes signals on, and what goes to and fro on its terminal.
struct Foreground: ~Copyable {
    private let process: StartedProcess
    private let signals: FileDescriptor
    /// How the terminal was before, when there is one.
    private let raw: TerminalMode?
    private var readsInput: Bool
    /// What the terminal has not taken yet.
    private var input: [UInt8] = []

    /// What is passed on: all that may be caught, but for what a program gets for its own doings.
    private static let passed = (1...64).map(CInt.init).filter { ![9, 19, 11, 8, 4, 7, 5, 17, 13, 21, 22, 23, 32, 33].contains($0) }
    private static let resized: CInt = 28
    private static let childEnded: CInt = 17

    /// Has to be called before the process is made, so that no signal is lost; the process has the default actions.
    static func holdSignals() { Signal.block(passed + [childEnded]) }

    init(_ process: consuming StartedProcess) throws {
        // Streams that are no terminals are used as they are.
        let hasTerminal = try Self.prepare(process)
        let raw = hasTerminal && TerminalMode.isTerminal(0) ? try TerminalMode(of: 0) : nil
        try raw?.makeRaw(keepsOutput: true)
        let signals = try FileDescriptor.signals(Self.passed + [Self.childEnded])
        self.raw = raw
        self.signals = signals
        self.process = process
        readsInput = hasTerminal
        resize()
    }

    private static func prepare(_ process: borrowing StartedProcess) throws -> Bool {
        switch process.terminal {
        case .some(let terminal):
            try terminal.setNonBlocking()
            return true
        case .none: return false
        }
    }

    /// The exit code, when all has been written that the process had to say.
    consuming func wait() throws -> Int32 {
        // A terminal that is gone needs nothing put back.
        defer { try? raw?.restore() }
        while true {
            var set = PollSet()
            set.add(process.process.pidfd, read: true, token: 0)
            set.add(signals, read: true, token: 1)
            register(in: &set)
            let ready = try set.wait(timeoutMilliseconds: -1)
            for event in ready {
                switch event.token {
                case 1: try attend()
                case 2: try relay(event)
                case 3: try read()
                default: break
                }
            }
            if ready.contains(where: { $0.token == 0 }), let status = try process.process.reap() {
                drain()
                return Int32(truncatingIfNeeded: status.code)
            }
        }
    }

    private borrowing func register(in set: inout PollSet) {
        switch process.terminal {
        case .some(let terminal): set.add(terminal, read: true, write: !input.isEmpty, token: 2)
        case .none: break
        }
        if readsInput, input.isEmpty {
            // Standard input is always there: something is open under each of the first numbers.
            try? FileDescriptor.lending(0) { file throws(SyscallError) in set.add(file, read: true, token: 3) }
        }
    }

    private borrowing func attend() throws {
        while let number = try signals.nextSignal() {
            switch number {
            case Self.resized: resize()
            // Others' children are reaped by the way.
            case Self.childEnded: break
            // It may have ended just now.
            default: try? Process.signal(process.process.pidfd, number)
            }
        }
    }

    private borrowing func resize() {
        guard raw != nil, let size = TerminalMode.size(0) else { return }
        switch process.terminal {
        // A size that it does not take leaves it as it was.
        case .some(let terminal): try? PseudoTerminal.resize(terminal, rows: size.rows, columns: size.columns)
        case .none: break
        }
    }

    private mutating func relay(_ event: PollSet.Ready) throws {
        switch process.terminal {
        case .some(let terminal):
            if event.writable, !input.isEmpty { input.removeFirst(try terminal.write(input)) }
            if event.readable { try StandardStream.write(try terminal.read(upTo: 64 << 10), to: 1) }
        case .none: break
        }
    }

    private mutating func read() throws {
        input = try FileDescriptor.lending(0) { file throws(SyscallError) in try file.read(upTo: 64 << 10) }
        if !input.isEmpty { return }
        readsInput = false
        // The end of a file is ^D on a terminal.
        input = [4]
    }

    private borrowing func drain() {
        switch process.terminal {
        case .some(let terminal):
            // The terminal's end is an error to read.
            while let bytes = try? terminal.read(upTo: 64 << 10), !bytes.isEmpty { try? StandardStream.write(bytes, to: 1) }
        case .none: break
        }
    }
}
