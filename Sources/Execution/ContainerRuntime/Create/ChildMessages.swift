package import Linux

/// A process that runs in a container, as its parent has it.
package struct StartedProcess: ~Copyable {
    package let process: ForkedProcess
    /// The owner's end of its terminal, when it was to have one.
    package var terminal: FileDescriptor?

    package init(process: consuming ForkedProcess, terminal: consuming FileDescriptor?) {
        self.process = process
        self.terminal = terminal
    }
}

/// What passes between the child and its parent, one `SOCK_SEQPACKET` message each. The child's, in this order:
///
/// | message | when | carries | answered |
/// |---|---|---|---|
/// | `P` + number | one that goes between has made the process | a descriptor that names it | |
/// | `M` | it is in a user namespace of its own, where nobody is anybody | | yes |
/// | `T` | the process has a terminal | the owner's end, as a descriptor | |
/// | `H` | the namespaces are there, and hooks to run outside of them | | yes |
/// | `R` | all is there but the program, of a container that shall live on by itself | | yes |
/// | `I` | after that: it does not end with the parent any more | | |
/// | `N` | a system call filter asks somebody | the descriptor that tells of it | yes |
/// | `E` + text | something failed; the child ends | a `RuntimeError` | |
/// | end of file | execve(2) has happened: the socket is close-on-exec | | |
///
/// An answer is the number of the process as the parent has it: four bytes, the lowest first.
enum ChildMessage: UInt8 {
    case process = 0x50
    case mappings = 0x4d
    case terminal = 0x54
    case hooks = 0x48
    case ready = 0x52
    case independent = 0x49
    case notifier = 0x4e
    case error = 0x45

    /// Sends one that is answered, and gives the number of the own process that the answer tells. Ends the process when nobody answers.
    static func ask(_ message: ChildMessage, on channel: borrowing FileDescriptor) throws(RuntimeError) -> Int32 {
        try at("ask the runtime") { () throws(SyscallError) in
            try channel.send([message.rawValue])
            return try answer(on: channel)
        }
    }

    /// The same with a descriptor for the parent.
    static func ask(_ message: ChildMessage, passing file: borrowing FileDescriptor, on channel: borrowing FileDescriptor) throws(RuntimeError) {
        _ = try at("ask the runtime") { () throws(SyscallError) in
            try channel.send([message.rawValue], passing: file)
            return try answer(on: channel)
        }
    }

    private static func answer(on channel: borrowing FileDescriptor) throws(SyscallError) -> Int32 {
        guard let answer = try channel.receive(limit: 4) else { Process.exit(1) }
        return number(answer.bytes)
    }

    static func bytes(_ number: Int32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
    static func number(_ bytes: some Collection<UInt8>) -> Int32 { bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int32($1) } }
}

/// The parent's side of it.
struct ChildAttendance: ~Copyable {
    private var process: ForkedProcess
    private let channel: FileDescriptor
    /// Another makes the process, and ends.
    private var isBetween: Bool

    init(of process: consuming ForkedProcess, on channel: consuming FileDescriptor, isBetween: Bool = false) {
        self.process = process
        self.channel = channel
        self.isBetween = isBetween
    }

    /// Reads the child's messages until it has begun its program, with `isGated` until it waits for the word to do so, or until it has told why
    /// it cannot. `answer` does what a message asks for, before the child is answered; with `mustBeReady` the child must have said that it is.
    consuming func run(
        isGated: Bool = false, mustBeReady: Bool = false, _ answer: (ChildMessage, Int32, OpenFile?) throws(RuntimeError) -> Void = { _, _, _ in }
    ) throws(RuntimeError) -> StartedProcess {
        var terminal: FileDescriptor?
        var isReady = false
        while true {
            guard var message = try at("wait for the container's process", { () throws(SyscallError) in try channel.receive() }) else {
                // It has been killed, which nobody but the kernel or an administrator does.
                if isBetween || mustBeReady && !isReady { throw end(RuntimeError("the container's process ended before it was ready")) }
                return StartedProcess(process: process, terminal: terminal)
            }
            let file = message.file.take()
            switch message.bytes.first.flatMap(ChildMessage.init) {
            case .terminal: terminal = file
            case .process:
                guard let file else { throw end(RuntimeError("the container's process has no descriptor")) }
                // It ends by itself, having done what it was for.
                _ = try? Process.wait(process.pid)
                process = ForkedProcess(pid: ChildMessage.number(message.bytes.dropFirst()), pidfd: file)
                isBetween = false
            // Before that the parent must not end.
            case .independent: if isGated { return StartedProcess(process: process, terminal: terminal) }
            case .some(let asked) where asked != .error:
                do throws(RuntimeError) { try answer(asked, process.pid, OpenFile(file)) } catch { throw end(error) }
                try at("answer the container's process") { () throws(SyscallError) in try channel.send(ChildMessage.bytes(process.pid)) }
                isReady = isReady || asked == .ready
            default: throw end(RuntimeError(String(decoding: message.bytes.dropFirst(), as: UTF8.self)))
            }
        }
    }

    /// Sees the child to its end.
    private borrowing func end(_ error: RuntimeError) -> RuntimeError {
        // It may have ended by itself; its status says no more than the text.
        try? Process.signal(process.pidfd, 9)
        _ = try? Process.wait(process.pid)
        return error
    }

    /// Does the child's work and gives its exit code; its last word, when it fails, is the error.
    static func reporting(on channel: borrowing FileDescriptor, _ body: () throws(RuntimeError) -> Void) -> CInt {
        do throws(RuntimeError) {
            try body()
            return 0
        } catch {
            // When the parent is gone there is nobody to tell.
            try? channel.send([ChildMessage.error.rawValue] + Array(error.description.utf8.prefix(60_000)))
            return 1
        }
    }
}
