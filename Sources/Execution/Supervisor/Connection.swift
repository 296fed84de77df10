import Linux

/// A client of the supervisor, from its request to its last byte. Non-blocking.
final class Connection {
    /// A client that does not read holds back the output at this many bytes: what it attached to waits for it, as with Docker.
    static let queueLimit = 1 << 20

    private let socket: FileDescriptor
    private var outgoing: [UInt8] = []
    private var sent = 0
    /// What it has sent of its request.
    var incoming: [UInt8] = []

    /// Whose streams it follows.
    weak var streams: ProcessStreams?
    var selection: StreamSelection?
    var detachKeys = DetachKeys([])
    /// Nothing more will come from it.
    var inputEnded = false
    /// It waits for the container's end.
    var waits = false
    /// It has been told.
    var told = false
    /// To be closed when all is sent.
    var closing = false
    /// Gone; nothing can be sent or received.
    private(set) var failed = false

    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    var hasOutgoing: Bool { sent < outgoing.count }
    var isFull: Bool { outgoing.count - sent >= Self.queueLimit }

    /// Whether input of it is wanted now.
    var wantsInput: Bool {
        if failed || inputEnded { return false }
        // Attached before there is a process: its input waits in the socket.
        if selection != nil, streams == nil { return false }
        if let streams { return selection?.stdin == true ? streams.acceptsInput : true }
        return true
    }

    func register(in set: inout PollSet, token: Int) {
        if failed { return }
        set.add(socket, read: wantsInput, write: hasOutgoing, token: token)
    }

    /// Sends, or keeps for later what the socket does not take.
    func send(_ bytes: [UInt8]) {
        if failed || bytes.isEmpty { return }
        outgoing += bytes
        flush()
    }

    func flush() {
        while hasOutgoing, !failed {
            do throws(SyscallError) {
                sent += try socket.write(outgoing, from: sent)
            } catch  where error.errno == .wouldBlock {
                break
            } catch {
                failed = true
            }
        }
        if sent == outgoing.count {
            outgoing.removeAll(keepingCapacity: outgoing.capacity <= 1 << 16)
            sent = 0
        }
    }

    /// What has come; empty when nothing is there. Sets `inputEnded` at the end.
    func receive() -> [UInt8] {
        do throws(SyscallError) {
            let bytes = try socket.read(upTo: 32 << 10)
            if bytes.isEmpty { inputEnded = true }
            return bytes
        } catch  where error.errno == .wouldBlock {
            return []
        } catch {
            inputEnded = true
            failed = true
            return []
        }
    }

    /// The other end is closed for good, both ways.
    func hangUp() {
        inputEnded = true
        failed = true
    }
}
