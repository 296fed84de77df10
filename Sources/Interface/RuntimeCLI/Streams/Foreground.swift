import ContainerRuntime
import Linux
import OCI

/// Stands before a process in a container until it has ended: passes signals on, and what goes to and fro on its terminal.
struct Foreground: ~Copyable {
    private let process: StartedProcess
    private let signals: FileDescriptor
    /// How the terminal was before, when there is one.
    private let raw: TerminalMode?
    private var readsInput: Bool
    /// Nobody has the terminal open any more. It stays open here: closing it would be a hang-up for a program that goes on without.
    private var isHungUp = false
    /// What the terminal has not taken yet.
    private var input: [UInt8] = []
    /// How the process has ended.
    private var end: ExitStatus?

    /// What is passed on: all that may be caught, but for what a program gets for its own doings.
    private static let passed = (1...64).map(CInt.init).filter { ![9, 19, 11, 8, 4, 7, 5, 17, 13, 21, 22, 23, 32, 33].contains($0) }
    private static let resized: CInt = 28
    private static let childEnded: CInt = 17

    /// Has to be called before the process is made, so that no signal is lost; the process has the default actions.
    static func holdSignals() { Signal.block(passed + [childEnded]) }

    /// Has the process's terminal be as large as ours from the beginning, unless it is to have another size.
    static func fit(_ process: inout RuntimeProcess) {
        guard process.terminal == true, process.consoleSize == nil, let size = TerminalMode.size(0) else { return }
        process.consoleSize = ConsoleSize(height: size.rows, width: size.columns)
    }

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
            if let end {
                drain()
                return Int32(truncatingIfNeeded: end.code)
            }
            var set = PollSet()
            set.add(signals, read: true, token: 1)
            register(in: &set)
            for event in try set.wait(timeoutMilliseconds: -1) {
                switch event.token {
                case 1: try attend()
                case 2: relay(event)
                default: read()
                }
            }
        }
    }

    private borrowing func register(in set: inout PollSet) {
        switch process.terminal {
        case .some where isHungUp: break
        case .some(let terminal): set.add(terminal, read: true, write: !input.isEmpty, token: 2)
        case .none: break
        }
        if readsInput, input.isEmpty {
            // Standard input is always there: something is open under each of the first numbers.
            try? FileDescriptor.lending(0) { file throws(SyscallError) in set.add(file, read: true, token: 3) }
        }
    }

    private mutating func attend() throws {
        while let number = try signals.nextSignal() {
            switch number {
            case Self.resized: resize()
            case Self.childEnded:
                // The others are orphans of the container, when it has no process of its own to reap them.
                while let (ended, status) = try Process.waitAny(block: false) { if ended == process.process.pid { end = status } }
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

    private mutating func relay(_ event: PollSet.Ready) {
        do throws(SyscallError) {
            switch process.terminal {
            case .some(let terminal):
                if event.writable, !input.isEmpty { input.removeFirst(try terminal.write(input)) }
                if event.readable { Self.show(try terminal.read(upTo: 64 << 10)) }
            case .none: break
            }
        } catch {
            // Nobody has it open: that is a hang-up too.
        }
        if event.hungUp, !event.readable {
            isHungUp = true
            readsInput = false
        }
    }

    private static func show(_ bytes: [UInt8]) {
        // The program need not end because nobody listens.
        try? StandardStream.write(bytes, to: 1)
    }

    private mutating func read() {
        // What cannot be read any more has ended.
        input = (try? FileDescriptor.lending(0) { file throws(SyscallError) in try file.read(upTo: 64 << 10) }) ?? []
        if !input.isEmpty { return }
        readsInput = false
        // The end of a file is ^D on a terminal.
        input = [4]
    }

    private borrowing func drain() {
        switch process.terminal {
        case .some(let terminal):
            // The terminal's end is an error to read.
            while let bytes = try? terminal.read(upTo: 64 << 10), !bytes.isEmpty { Self.show(bytes) }
        case .none: break
        }
    }
}
