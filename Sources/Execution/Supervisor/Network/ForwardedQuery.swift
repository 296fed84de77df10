import DNS
import Linux
import Values

/// A question that is asked elsewhere: of each server in turn, until one has an answer. Non-blocking, and a socket of its own for each
/// try, so that the kernel picks a port at random and takes datagrams from that server alone.
final class ForwardedQuery {
    /// Who gets the answer.
    enum Client {
        case datagram(Endpoint)
        case stream(ResolverStream)
    }

    /// For one try. Two tries fit into the five seconds that C libraries wait.
    private static let patience = Duration.seconds(2)

    let client: Client
    let query: DNSMessage
    /// The longest answer that the client takes.
    let limit: Int
    private let bytes: [UInt8]
    private var servers: ArraySlice<IPAddress>
    private let port: UInt16
    private var id: UInt16 = 0
    private var socket: OpenFile?
    private var isStream = false
    private var isSent = false
    private var incoming: [UInt8] = []
    private(set) var deadline = Duration.zero
    /// The best of what servers said that is no good: told when nothing better comes.
    private var poor: [UInt8]?

    /// `bytes` are the client's; `isStream` says how it asked.
    init(_ query: DNSMessage, bytes: [UInt8], client: Client, limit: Int, isStream: Bool, servers: [IPAddress], port: UInt16, now: Duration) {
        self.query = query
        self.bytes = bytes
        self.client = client
        self.limit = limit
        self.servers = servers[...]
        self.port = port
        begin(stream: isStream, now: now)
    }

    /// Set when there is an answer, or there will be none.
    private(set) var answer: [UInt8]?

    func register(in set: inout PollSet, token: Int) {
        guard let socket else { return }
        set.add(socket.descriptor, read: !isStream || isSent, write: isStream && !isSent, token: token)
    }

    /// Asks the first of the servers that remain; a server that cannot be asked at all is left out.
    private func begin(stream: Bool, now: Duration) {
        incoming = []
        isStream = stream
        isSent = false
        deadline = now + Self.patience
        while let server = servers.first {
            let endpoint = Endpoint(server, port)
            id = UInt16.random(in: 0 ... .max)
            do throws(SyscallError) {
                if stream {
                    socket = OpenFile(try InternetSocket.beginConnecting(endpoint))
                } else {
                    let file = try InternetSocket.datagrams(peer: endpoint)
                    _ = try file.write(question)
                    socket = OpenFile(file)
                    isSent = true
                }
                return
            } catch { servers.removeFirst() }
        }
        socket = nil
        conclude(poor)
    }

    /// As the client put it, under a number of our own.
    private var question: [UInt8] { [UInt8(id >> 8), UInt8(id & 255)] + bytes.dropFirst(2) }

    private func next(now: Duration) {
        socket = nil
        servers = servers.dropFirst()
        begin(stream: isStream, now: now)
    }

    func expire(now: Duration) { if answer == nil, now >= deadline { next(now: now) } }

    func handle(_ event: PollSet.Ready, now: Duration) {
        guard let socket, answer == nil else { return }
        do throws(SyscallError) {
            if isStream { try handleStream(socket.descriptor, now: now) } else { try handleDatagram(socket.descriptor, now: now) }
        } catch  where error.errno == .wouldBlock {
        } catch { next(now: now) }
    }

    private func handleDatagram(_ socket: borrowing FileDescriptor, now: Duration) throws(SyscallError) {
        // Wrong ones count for nothing, or anybody who guesses the port could end the search with a bad answer.
        for _ in 0..<16 { if take(try socket.read(upTo: 65535), now: now) { return } }
    }

    private func handleStream(_ socket: borrowing FileDescriptor, now: Duration) throws(SyscallError) {
        if !isSent {
            if let error = socket.pendingError() { throw SyscallError("connect", "name server", errno: error) }
            guard let frame = DNSFraming.frame(question) else { return next(now: now) }
            // It fits into any socket's first buffer.
            guard try socket.write(frame) == frame.count else { return next(now: now) }
            isSent = true
            return
        }
        let piece = try socket.read(upTo: 65537 - incoming.count)
        incoming += piece
        if let message = DNSFraming.takeMessage(from: &incoming) {
            if !take(message, now: now) { next(now: now) }
        } else if piece.isEmpty {
            next(now: now)
        }
    }

    /// Looks at what came from the server; false when it is not an answer to this question.
    private func take(_ bytes: [UInt8], now: Duration) -> Bool {
        // Not a message: not an answer.
        guard let message = try? DNSMessage(parsing: bytes), message.isResponse, message.id == id, message.operation == query.operation,
            message.questions == query.questions
        else { return false }
        if message.isTruncated, !isStream {
            // Over TCP there may be more, and the client may have room for it.
            poor = bytes
            socket = nil
            begin(stream: true, now: now)
        } else if message.status == .serverFailure || message.status == .refused {
            if poor == nil { poor = bytes }
            next(now: now)
        } else {
            conclude(bytes)
        }
        return true
    }

    private func conclude(_ found: [UInt8]?) {
        socket = nil
        guard let found, found.count >= 2 else {
            answer = DNSMessage(answering: query, .serverFailure, udpSize: Resolver.udpSize).bytes(limit: limit)
            return
        }
        if found.count <= limit {
            answer = [UInt8(query.id >> 8), UInt8(query.id & 255)] + found.dropFirst(2)
        } else {
            var short = DNSMessage(answering: query, udpSize: Resolver.udpSize)
            short.isTruncated = true
            answer = short.bytes(limit: limit)
        }
    }
}
