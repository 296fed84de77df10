import Linux
import Testing

/// What a program printed and how it ended.
struct Outcome: CustomStringConvertible {
    var command: [String]
    var status: Linux.ExitStatus
    var out: String
    var err: String

    var code: Int { status.code }
    /// The first line printed, without its end.
    var line: String { String(out.prefix { $0 != "\n" && $0 != "\r\n" }) }
    var lines: [String] { out.split(whereSeparator: \.isNewline).map(String.init) }

    var description: String { "\(command.joined(separator: " "))\n→ \(status)\n--- out\n\(out)\n--- err\n\(err)" }
}

/// The program did not do something in time.
struct TimedOut: Error, CustomStringConvertible {
    var description: String
}

/// A program under test while it runs. Its end, its output and its silence are waited for with a deadline, never with a sleep.
final class RunningCommand {
    let command: [String]
    let child: ChildProcess
    private let process: FileDescriptor
    private var input: FileDescriptor?
    private var output: FileDescriptor?
    private var errors: FileDescriptor?
    private(set) var outBytes: [UInt8] = []
    private(set) var errBytes: [UInt8] = []
    private var status: Linux.ExitStatus?

    static let outputLimit = 256 << 20

    /// On pipes. `withInput` false: the program reads `/dev/null`; otherwise `send` feeds it and `closeInput` ends it.
    /// It runs in `network`, or in the tests' own.
    init(_ command: [String], environment: [String], withInput: Bool, network: NetworkSpace? = nil) throws {
        let out = try FileDescriptor.pipe(), err = try FileDescriptor.pipe(), into = try FileDescriptor.pipe()
        let nothing = try FileDescriptor.open("/dev/null", .readOnly)
        var spawn = Spawn(command[0], command, environment: environment)
        if withInput { spawn.give(into.first, as: 0) } else { spawn.give(nothing, as: 0) }
        spawn.give(out.second, as: 1)
        spawn.give(err.second, as: 2)
        child = try spawn.start(in: network)
        process = try Process.open(child.pid)
        output = out.keepFirst()
        errors = err.keepFirst()
        input = withInput ? into.keepSecond() : nil
        self.command = command
        try readyInput()
    }

    /// On a terminal of its own, of the given size; both outputs and the input are that terminal.
    init(onTerminal command: [String], environment: [String], rows: UInt16 = 24, columns: UInt16 = 80, network: NetworkSpace? = nil) throws {
        let primary = try PseudoTerminal.open("/dev/ptmx")
        let peer = try PseudoTerminal.peer(primary)
        try PseudoTerminal.resize(primary, rows: rows, columns: columns)
        // setsid(1) makes the terminal the controlling one, which posix_spawn cannot.
        var spawn = Spawn("/usr/bin/setsid", ["setsid", "--ctty", "--wait"] + command, environment: environment + ["TERM=xterm"])
        for number: CInt in 0...2 { spawn.give(peer, as: number) }
        child = try spawn.start(in: network)
        process = try Process.open(child.pid)
        input = try primary.duplicate()
        output = consume primary
        errors = nil
        self.command = command
        try readyInput()
    }

    private func readyInput() throws {
        // A program may end before it has read everything, which must not end the tests. Children start with default actions whatever is set here.
        Signal.ignore(13)
        switch input {
        case .some(let file): try file.setNonBlocking();
        case .none: break
        }
    }

    deinit {
        // A test that failed half-way leaves nothing behind; that it is gone already is right.
        guard status == nil else { return }
        try? child.signal(9)
        _ = try? child.wait()
    }

    var out: String { String(decoding: outBytes, as: UTF8.self) }
    var err: String { String(decoding: errBytes, as: UTF8.self) }

    // MARK: - Acting on it

    /// What the program does not take at once is written while something is waited for.
    func send(_ text: String) throws {
        pending += text.utf8
        try give()
    }

    /// After what has been sent.
    func closeInput() { closesInput = true }

    private var pending: [UInt8] = []
    private var closesInput = false

    func signal(_ number: CInt) throws { try child.signal(number) }

    /// Changes the terminal's size.
    func resize(rows: UInt16, columns: UInt16) throws {
        switch output {
        case .some(let file): try PseudoTerminal.resize(file, rows: rows, columns: columns)
        case .none: Issue.record("\(command) has no terminal")
        }
    }

    // MARK: - Waiting

    /// Until `text` has been printed (again, after what earlier calls have seen); returns all that was printed up to then.
    @discardableResult
    func wait(forOutput text: String, seconds: Int = 20) throws -> String {
        let wanted = Array(text.utf8)
        let from = seen
        try pump(seconds: seconds, what: "print “\(text)”") { [self] in
            guard let found = outBytes[from...].firstRange(of: wanted) else { return false }
            seen = found.upperBound
            return true
        }
        return out
    }
    private var seen = 0

    /// Until `text` has been printed as an error.
    func wait(forError text: String, seconds: Int = 20) throws {
        let wanted = Array(text.utf8)
        try pump(seconds: seconds, what: "say “\(text)”") { [self] in errBytes.firstRange(of: wanted) != nil }
    }

    /// Until it has ended and nobody holds its output open any more: a command that leaves its pipe to a supervisor would make
    /// `$(davit run -d …)` wait for ever, and fails here.
    func finish(seconds: Int = 60) throws -> Outcome {
        try pump(seconds: seconds, what: "end and let go of its output") { [self] in status != nil && isDrained }
        guard let status else { throw TimedOut(description: "\(command): no status") }
        return Outcome(command: command, status: status, out: out, err: err)
    }

    /// Whether it has ended; does not wait.
    func hasEnded() throws -> Bool {
        if status == nil {
            var poll = PollSet()
            poll.add(process, read: true, token: 0)
            if try !poll.wait(timeoutMilliseconds: 0).isEmpty { status = try child.reap() }
        }
        return status != nil
    }

    private var isDrained: Bool {
        let outDone: Bool =
            switch output {
            case .none: true;
            case .some: false
            }
        let errDone: Bool =
            switch errors {
            case .none: true;
            case .some: false
            }
        return outDone && errDone
    }

    private func pump(seconds: Int, what: String, until isDone: () -> Bool) throws {
        let deadline = MonotonicClock.now + .seconds(seconds)
        while !isDone() {
            let rest = deadline - MonotonicClock.now
            guard rest > .zero else {
                throw TimedOut(description: "did not \(what) in \(seconds) s: \(command.joined(separator: " "))\n--- out\n\(out)\n--- err\n\(err)")
            }
            var poll = PollSet()
            if status == nil { poll.add(process, read: true, token: 0) }
            if pending.isEmpty && closesInput { input = nil }
            if !pending.isEmpty {
                switch input {
                case .some(let file): poll.add(file, read: false, write: true, token: 3);
                case .none: break
                }
            }
            switch output {
            case .some(let file): poll.add(file, read: true, token: 1);
            case .none: break
            }
            switch errors {
            case .some(let file): poll.add(file, read: true, token: 2);
            case .none: break
            }
            for ready in try poll.wait(timeoutMilliseconds: min(1000, Int(rest.components.seconds) * 1000 + 100)) {
                switch ready.token {
                case 0: status = try child.reap()
                case 3: try give()
                case 1: if try !take(from: &output, into: &outBytes) { output = nil }
                default: if try !take(from: &errors, into: &errBytes) { errors = nil }
                }
            }
            if outBytes.count > Self.outputLimit { throw TimedOut(description: "\(command) prints without end") }
        }
    }

    /// A program that has closed its input, or ended, takes no more.
    private func give() throws {
        switch input {
        case .none: pending = []
        case .some(let file):
            do {
                let count = try pending.withUnsafeBytes { try file.write(UnsafeRawBufferPointer(rebasing: $0.prefix(65536))) }
                pending.removeFirst(count)
            } catch let error as SyscallError where error.errno == .brokenPipe || error.errno == .inputOutput {
                pending = []
            } catch let error as SyscallError where error.errno == .wouldBlock {}
        }
    }

    /// False at the end; a terminal whose other end is closed says `EIO`.
    private func take(from file: inout FileDescriptor?, into bytes: inout [UInt8]) throws -> Bool {
        switch file {
        case .none: return false
        case .some(let file):
            do {
                let chunk = try file.read(upTo: 65536)
                bytes += chunk
                return !chunk.isEmpty
            } catch  where error.errno == .inputOutput {
                return false
            } catch  where error.errno == .wouldBlock { return true }
        }
    }
}

extension Spawn {
    /// Starts the program in a network namespace.
    fileprivate consuming func start(in network: NetworkSpace?) throws -> ChildProcess {
        guard let network else { return try start() }
        var spawn: Spawn? = self
        return try network.visit {
            guard let spawn = spawn.take() else { throw TimedOut(description: "started twice") }
            return try spawn.start()
        }
    }
}
