import Linux
import NetworkPlumbing

/// A connection to a published port that is carried on to the container: bytes both ways, each end's end told to the other.
final class RelayedConnection {
    let port: PublishedPort
    private let sides: [OpenFile]
    /// From the client to the container, and back.
    private var flows = [Flow(), Flow()]
    private var isConnected = false
    private(set) var failed = false

    /// Bytes on their way in one direction.
    private struct Flow {
        static let limit = 64 << 10

        var bytes: [UInt8] = []
        var sent = 0
        /// The sender has ended.
        var ended = false
        /// The receiver has been told.
        var closed = false

        var isEmpty: Bool { sent == bytes.count }
    }

    /// `server` may still be connecting.
    init(_ port: PublishedPort, client: consuming FileDescriptor, server: consuming FileDescriptor) {
        self.port = port
        sides = [OpenFile(client), OpenFile(server)]
    }

    var isDone: Bool { failed || flows.allSatisfy(\.closed) }

    func register(in set: inout PollSet, token: Int) {
        if failed { return }
        for side in 0...1 {
            let wantsInput = isConnected && !flows[side].ended && flows[side].isEmpty
            let hasOutput = side == 1 && !isConnected || !flows[1 - side].isEmpty
            // A side from which and to which nothing is wanted would only tell of its end again and again.
            if wantsInput || hasOutput { set.add(sides[side].descriptor, read: wantsInput, write: hasOutput, token: token + side) }
        }
    }

    func handle(side: Int, _ event: PollSet.Ready) {
        if failed { return }
        do throws(SyscallError) {
            if !isConnected {
                if let error = sides[1].descriptor.pendingError() { throw SyscallError("connect", "container", errno: error) }
                isConnected = true
                return
            }
            if event.writable { try send(1 - side) }
            if event.readable || event.hungUp { try receive(side) }
        } catch { failed = true }
    }

    /// Takes from a side what there is, and passes on what the other takes.
    private func receive(_ side: Int) throws(SyscallError) {
        guard !flows[side].ended, flows[side].isEmpty else { return }
        do throws(SyscallError) {
            let piece = try sides[side].descriptor.read(upTo: Flow.limit)
            if piece.isEmpty { flows[side].ended = true }
            flows[side].bytes = piece
            flows[side].sent = 0
        } catch  where error.errno == .wouldBlock { return }
        try send(side)
    }

    private func send(_ flow: Int) throws(SyscallError) {
        let receiver = sides[1 - flow]
        do throws(SyscallError) {
            while !flows[flow].isEmpty { flows[flow].sent += try receiver.descriptor.write(flows[flow].bytes, from: flows[flow].sent) }
        } catch  where error.errno == .wouldBlock { return }
        flows[flow].bytes = []
        flows[flow].sent = 0
        guard flows[flow].ended, !flows[flow].closed else { return }
        flows[flow].closed = true
        do throws(SyscallError) { try receiver.descriptor.shutdownWrite() } catch  where error.errno == Errno(rawValue: 107 /* ENOTCONN */) {}
    }
}
