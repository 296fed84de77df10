import DNS
import Linux

/// A client that asks over TCP: RFC 7766. It may ask several things at once, and gets answers as they come.
final class ResolverStream {
    /// An idle one is closed after this.
    static let patience = Duration.seconds(10)
    /// Answers that wait for a client that does not read.
    private static let outgoingLimit = 256 << 10
    /// Questions that are being forwarded for one client.
    private static let pendingLimit = 32

    let socket: OpenFile
    private var incoming: [UInt8] = []
    private var outgoing: [UInt8] = []
    private var inputEnded = false
    private(set) var failed = false
    var deadline: Duration
    /// Questions of its that are asked elsewhere.
    var pending = 0

    init(_ socket: consuming FileDescriptor, now: Duration) {
        self.socket = OpenFile(socket)
        deadline = now + Self.patience
    }

    var isDone: Bool { failed || (inputEnded && pending == 0 && outgoing.isEmpty) }
    private var wantsInput: Bool { !inputEnded && outgoing.count < Self.outgoingLimit && pending < Self.pendingLimit }

    func register(in set: inout PollSet, token: Int) {
        set.add(socket.descriptor, read: wantsInput, write: !outgoing.isEmpty, token: token)
    }

    /// Whole messages that have come.
    func receive(now: Duration) -> [[UInt8]] {
        do throws(SyscallError) {
            let piece = try socket.descriptor.read(upTo: 16 << 10)
            if piece.isEmpty { inputEnded = true }
            incoming += piece
            deadline = now + Self.patience
        } catch  where error.errno == .wouldBlock {
        } catch { failed = true }
        var messages: [[UInt8]] = []
        while let message = DNSFraming.takeMessage(from: &incoming) { messages.append(message) }
        return messages
    }

    func send(_ message: [UInt8]) {
        guard let frame = DNSFraming.frame(message), outgoing.count < Self.outgoingLimit + 65537 else { return failed = true }
        outgoing += frame
        flush()
    }

    func flush() {
        do throws(SyscallError) {
            while !outgoing.isEmpty { outgoing.removeFirst(try socket.descriptor.write(outgoing)) }
        } catch  where error.errno == .wouldBlock {
        } catch { failed = true }
    }
}
