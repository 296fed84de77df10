import DNS
import Linux
import NetworkPlumbing
import Values

/// The resolver of one container, on 127.0.0.11: its sockets in the container's namespace, and those to other servers in the host's.
/// All in the supervisor's one loop; nothing waits.
final class ResolverServer {
    static let address = IPAddress(.v4, 0x7f00_000b)

    private static let streamLimit = 32
    /// Questions that are being asked elsewhere.
    private static let queryLimit = 256
    /// Datagrams taken at one turn of the loop, so that a flood of them does not keep it from the rest.
    private static let batch = 64

    var resolver: Resolver
    private let datagrams: OpenFile
    private let listener: OpenFile
    /// Of the other servers: 53.
    private let serverPort: UInt16
    private var streams: [ResolverStream] = []
    private var queries: [ForwardedQuery] = []
    private var generator = SystemRandomNumberGenerator()

    /// Takes sockets that were made in the container's namespace.
    init(_ resolver: Resolver, datagrams: OpenFile, listener: OpenFile, serverPort: UInt16 = 53) {
        self.resolver = resolver
        self.datagrams = datagrams
        self.listener = listener
        self.serverPort = serverPort
    }

    /// When something is to be done even if nothing comes.
    var due: Duration? { (queries.map(\.deadline) + streams.map(\.deadline)).min() }

    // MARK: - The loop

    /// Tokens: 0 and 1 the two sockets, then streams, then queries.
    func register(in set: inout PollSet, token: Int) -> Int {
        set.add(datagrams.descriptor, read: true, token: token)
        set.add(listener.descriptor, read: streams.count < Self.streamLimit, token: token + 1)
        for (index, stream) in streams.enumerated() { stream.register(in: &set, token: token + 2 + index) }
        for (index, query) in queries.enumerated() { query.register(in: &set, token: token + 2 + streams.count + index) }
        return 2 + streams.count + queries.count
    }

    /// Acts on events whose tokens count from what `register` was given; nothing was added in between.
    func handle(_ events: [(part: Int, event: PollSet.Ready)], now: Duration) {
        let (streamsThen, queriesThen) = (streams, queries)
        for (part, event) in events {
            switch part {
            case 0: takeDatagrams(now: now)
            case 1: accept(now: now)
            case 2..<2 + streamsThen.count:
                let stream = streamsThen[part - 2]
                if event.writable { stream.flush() }
                for message in stream.receive(now: now) { answer(message, .stream(stream), now: now) }
            case (2 + streamsThen.count)...:
                let index = part - 2 - streamsThen.count
                if index < queriesThen.count { queriesThen[index].handle(event, now: now) }
            default: break
            }
        }
        for query in queries { query.expire(now: now) }
        for query in queries { if let answer = query.answer { finish(query, answer) } }
        queries.removeAll { $0.answer != nil }
        streams.removeAll { $0.isDone || (now >= $0.deadline && $0.pending == 0) }
    }

    private func takeDatagrams(now: Duration) {
        for _ in 0..<Self.batch {
            // Nothing more to read, or an error that a client sent us, which is not ours.
            guard let (bytes, peer) = try? datagrams.descriptor.receiveDatagram(limit: 4096), let peer else { return }
            answer(bytes, .datagram(peer), now: now)
        }
    }

    private func accept(now: Duration) {
        // One that cannot be accepted sees its connection closed and may try again.
        while streams.count < Self.streamLimit, let socket = try? UnixSocket.accept(listener.descriptor) {
            streams.append(ResolverStream(socket, now: now))
        }
    }

    private func answer(_ bytes: [UInt8], _ client: ForwardedQuery.Client, now: Duration) {
        let query: DNSMessage
        do throws(DNSError) { query = try DNSMessage(parsing: bytes) } catch {
            if let answer = Resolver.refusal(of: bytes) { send(answer.bytes(), to: client) }
            return
        }
        let limit = Self.limit(of: query, from: client)
        switch resolver.decide(query, using: &generator) {
        case .ignore: return
        case .answer(let answer): send(answer.bytes(limit: limit), to: client)
        case .forward:
            guard queries.count < Self.queryLimit else { return send(resolver.reply(query, .serverFailure).bytes(limit: limit), to: client) }
            var isStream = false
            if case .stream(let stream) = client {
                isStream = true
                stream.pending += 1
            }
            queries.append(
                ForwardedQuery(query, bytes: bytes, client: client, limit: limit, isStream: isStream, servers: resolver.plan.servers, port: serverPort, now: now))
        }
    }

    /// RFC 6891, 6.2.5; RFC 1035's 512 without extensions.
    private static func limit(of query: DNSMessage, from client: ForwardedQuery.Client) -> Int {
        if case .stream = client { return 65535 }
        return max(512, min(Int(query.edns?.udpSize ?? 512), 4096))
    }

    private func finish(_ query: ForwardedQuery, _ answer: [UInt8]) {
        if case .stream(let stream) = query.client { stream.pending -= 1 }
        send(answer, to: query.client)
    }

    private func send(_ bytes: [UInt8], to client: ForwardedQuery.Client) {
        switch client {
        // A client that is gone, or whose buffer is full, asks again if it still wants to know.
        case .datagram(let peer): try? datagrams.descriptor.sendDatagram(bytes, to: peer)
        case .stream(let stream): stream.send(bytes)
        }
    }
}
