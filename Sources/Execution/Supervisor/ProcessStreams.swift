import ContainerRuntime
import Linux
import LogFiles
import Values

/// The standard streams of one process, the container's or an exec session's: to its log, to whoever is attached, and from
/// them to its input.
final class ProcessStreams {
    /// Input that clients sent and the process has not read is kept up to this many bytes.
    private static let inputLimit = 64 << 10

    let isTerminal: Bool
    private var terminal: OpenFile?
    private var output: OpenFile?
    private var errors: OpenFile?
    private var input: OpenFile?
    private var pendingInput: [UInt8] = []
    private var inputCloses = false
    private var log: LogWriter?
    private(set) var clients: [Connection] = []
    /// The first trouble with the log; told once, at the end.
    private(set) var logError: String?
    /// The client whose leaving closes the input.
    private let inputOnce: Bool
    private let captured: LimitedOutput?

    init(isTerminal: Bool, inputOnce: Bool, log: consuming LogWriter?, captured: LimitedOutput? = nil) {
        self.captured = captured
        self.isTerminal = isTerminal
        self.inputOnce = inputOnce
        self.log = log
    }

    /// The process's ends of its streams; nil when it is to open a terminal itself.
    func open(input: Bool) throws(SyscallError) -> StandardStreams? {
        if isTerminal { return nil }
        return try makePipes(openInput: input)
    }

    /// Makes the pipes: this end stays here, the other is the process's. A process without input gets the null device.
    private func makePipes(openInput: Bool) throws(SyscallError) -> StandardStreams {
        let out = try FileDescriptor.pipe()
        let err = try FileDescriptor.pipe()
        try out.first.setNonBlocking()
        try err.first.setNonBlocking()
        var theirs: FileDescriptor
        if openInput {
            let inp = try FileDescriptor.pipe()
            try inp.second.setNonBlocking()
            theirs = try inp.first.duplicate()
            input = OpenFile(inp.keepSecond())
        } else {
            theirs = try FileDescriptor.open("/dev/null")
        }
        let ends = StandardStreams(input: theirs, output: try out.second.duplicate(), error: try err.second.duplicate())
        output = OpenFile(out.keepFirst())
        errors = OpenFile(err.keepFirst())
        return ends
    }

    /// Takes the owner's end of the process's terminal.
    func attach(terminal: consuming FileDescriptor) throws(SyscallError) {
        try terminal.setNonBlocking()
        self.terminal = OpenFile(terminal)
    }

    func resize(rows: UInt16, columns: UInt16) throws(SyscallError) {
        if let terminal { try PseudoTerminal.resize(terminal.descriptor, rows: rows, columns: columns) }
    }

    // MARK: - Clients

    func add(_ client: Connection) {
        client.streams = self
        clients.append(client)
    }

    /// The client is gone.
    func remove(_ client: Connection) {
        detach(client)
        if client.selection?.stdin == true { closeInput(for: client) }
    }

    /// The client lets go; the input stays as it is.
    func detach(_ client: Connection) {
        clients.removeAll { $0 === client }
    }

    /// The client will send nothing more: where one client is all there is to be, so does the input end.
    func closeInput(for client: Connection) {
        if inputOnce, client.selection?.stdin == true { closeInput() }
    }

    var acceptsInput: Bool { pendingInput.count < Self.inputLimit }

    /// Bytes from a client to the process.
    func write(_ bytes: [UInt8]) {
        if inputCloses { return }
        pendingInput += bytes
        flushInput()
    }

    /// No more input after what is pending. A terminal stays open: there is no half of it to close.
    private func closeInput() {
        if isTerminal { return }
        inputCloses = true
        flushInput()
    }

    private func flushInput() {
        while !pendingInput.isEmpty {
            do throws(SyscallError) {
                let count = try writeOnce(pendingInput)
                if count == 0 { break }
                pendingInput.removeFirst(count)
            } catch  where error.errno == .wouldBlock {
                return
            } catch {
                // The process has closed its input: what was meant for it is dropped, as a pipe would.
                pendingInput.removeAll()
                input = nil
            }
        }
        if inputCloses, pendingInput.isEmpty { input = nil }
    }

    private func writeOnce(_ bytes: [UInt8]) throws(SyscallError) -> Int {
        guard let file = terminal ?? input else {
            pendingInput.removeAll()
            return 0
        }
        return try file.descriptor.write(bytes)
    }

    // MARK: - Waiting

    /// True while the process, or one it left behind, can still write.
    var isOpen: Bool { terminal != nil || output != nil || errors != nil }

    func register(in set: inout PollSet, token: Int) {
        let flows = !clients.contains { $0.isFull }
        if let terminal { set.add(terminal.descriptor, read: flows, write: !pendingInput.isEmpty, token: token) }
        if flows, let output { set.add(output.descriptor, read: true, token: token + 1) }
        if flows, let errors { set.add(errors.descriptor, read: true, token: token + 2) }
        if let input, !pendingInput.isEmpty { set.add(input.descriptor, read: false, write: true, token: token + 3) }
    }

    /// Acts on what `register`'s token `token + part` told.
    func handle(part: Int, _ ready: PollSet.Ready) {
        switch part {
        case 0:
            if ready.writable { flushInput() }
            if ready.readable || ready.hungUp { pump(&terminal, .stdout) }
        case 1: pump(&output, .stdout)
        case 2: pump(&errors, .stderr)
        default: flushInput()
        }
    }

    /// Reads what is there, once.
    private func pump(_ file: inout OpenFile?, _ stream: OutputStream) {
        var bytes: [UInt8] = []
        do throws(SyscallError) {
            bytes = try file?.descriptor.read(upTo: 32 << 10) ?? []
        } catch  where error.errno == .wouldBlock {
            return
        } catch {
            // A terminal nobody has open any more reads EIO.
        }
        if bytes.isEmpty { file = nil } else { deliver(bytes, stream) }
    }

    private func deliver(_ bytes: [UInt8], _ stream: OutputStream) {
        do {
            try log?.append(stream == .stdout ? .stdout : .stderr, bytes, at: .now)
        } catch {
            if logError == nil { logError = "write log: \(error)" }
        }
        captured?.append(bytes)
        var framed: [UInt8]?
        for client in clients {
            guard let selection = client.selection, stream == .stdout ? selection.stdout : selection.stderr else { continue }
            if !selection.frames {
                client.send(bytes)
            } else {
                let frame = framed ?? stream.header(length: bytes.count) + bytes
                framed = frame
                client.send(frame)
            }
        }
    }

    /// The process has ended and nobody else will write: closes what is open and tells the log.
    func finish() {
        terminal = nil
        output = nil
        errors = nil
        input = nil
        do { try log?.finish() } catch { if logError == nil { logError = "write log: \(error)" } }
        for client in clients { client.closing = true }
        clients.removeAll()
    }
}
