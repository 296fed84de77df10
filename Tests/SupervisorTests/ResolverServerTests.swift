import DNS
import Linux
import NetworkPlumbing
import Testing
import Values

@testable import Supervisor

/// The resolver's sockets on loopback, with servers that the test plays: on 127.0.0.2 and 127.0.0.3, both at one port.
@Suite final class ResolverServerTests {
    private let server: ResolverServer
    private let own: Endpoint
    private let client: OpenFile
    /// The first server's datagrams and connections, and the second's.
    private let upstream: [(datagrams: OpenFile, listener: OpenFile)]

    init() throws {
        let first = OpenFile(try InternetSocket.datagrams(at: Endpoint(IPAddress(.v4, 0x7f00_0002), 0)))
        let port = try Self.endpoint(of: first).port
        let addresses = [IPAddress(.v4, 0x7f00_0002), IPAddress(.v4, 0x7f00_0003)]
        upstream = [
            (first, OpenFile(try InternetSocket.listen(Endpoint(addresses[0], port)))),
            (OpenFile(try InternetSocket.datagrams(at: Endpoint(addresses[1], port))), OpenFile(try InternetSocket.listen(Endpoint(addresses[1], port)))),
        ]
        let datagrams = OpenFile(try InternetSocket.datagrams(at: Endpoint(IPAddress(.v4, 0x7f00_0001), 0)))
        own = try Self.endpoint(of: datagrams)
        let listener = OpenFile(try InternetSocket.listen(own))
        let scope = Resolver.Scope(domain: "", addresses: { $0 == "many" ? (0..<100).map { IPAddress(.v4, 0x0a00_0000 + $0) } : nil }, name: { _ in nil })
        server = ResolverServer(
            Resolver(plan: ResolverPlan(servers: addresses), scopes: [scope]), datagrams: datagrams, listener: listener, serverPort: port)
        client = OpenFile(try InternetSocket.datagrams(peer: own))
    }

    private static func endpoint(of socket: OpenFile) throws -> Endpoint {
        guard let endpoint = socket.descriptor.localEndpoint() else { throw SyscallError("getsockname") }
        return endpoint
    }

    // MARK: - Playing

    private var clock = MonotonicClock.now

    /// Lets the server act on what has come, until nothing more comes.
    private func turn(after seconds: Int = 0) throws {
        clock += .seconds(seconds)
        for attempt in 0..<50 {
            var set = PollSet()
            _ = server.register(in: &set, token: 0)
            let ready = try set.wait(timeoutMilliseconds: 5)
            server.handle(ready.map { ($0.token, $0) }, now: clock)
            if ready.isEmpty, attempt > 0 { return }
        }
    }

    private func ask(_ name: String, id: UInt16 = 0xabcd, edns: EDNS? = nil) throws -> DNSMessage {
        let query = DNSMessage(id: id, asking: Question(try #require(DomainName(name)), .a), edns: edns)
        _ = try client.descriptor.write(query.bytes())
        try turn()
        return query
    }

    /// What a server was asked, and by whom.
    private func asked(_ index: Int) throws -> (query: DNSMessage, peer: Endpoint) {
        let (bytes, peer) = try upstream[index].datagrams.descriptor.receiveDatagram()
        return (try DNSMessage(parsing: bytes), try #require(peer))
    }

    private func answered() throws -> DNSMessage? {
        do throws(SyscallError) {
            let bytes = try client.descriptor.read(upTo: 65535)
            return try? DNSMessage(parsing: bytes)
        } catch  where error.errno == .wouldBlock { return nil }
    }

    private func answer(_ query: DNSMessage, addresses count: Int = 1, _ status: DNSMessage.Status = .success) -> DNSMessage {
        var answer = DNSMessage(answering: query, status)
        answer.answers = (0..<count).map { ResourceRecord(query.questions[0].name, IPAddress(.v4, 0xc000_0200 + UInt128($0)), lifetime: 5) }
        return answer
    }

    private func send(_ index: Int, _ message: [UInt8], to peer: Endpoint) throws {
        try upstream[index].datagrams.descriptor.sendDatagram(message, to: peer)
        try turn()
    }

    private func accept(_ index: Int) throws -> OpenFile {
        guard let connection = try UnixSocket.accept(upstream[index].listener.descriptor) else { throw SyscallError("accept", "server", errno: .wouldBlock) }
        return OpenFile(connection)
    }

    // MARK: - Forwarding

    @Test func answersComeBack() throws {
        let query = try ask("Example.COM", edns: EDNS(udpSize: 4096, options: [0, 10, 0, 2, 1, 2]))
        let (first, peer) = try asked(0)
        #expect(first.questions == query.questions && first.edns == query.edns && first.questions[0].name.description == "Example.COM.")
        try send(0, answer(first).bytes(), to: peer)
        let found = try #require(try answered())
        #expect(found.id == 0xabcd && found.answers.count == 1)
        // Each question has a number and a port of its own.
        var seen: Set<UInt32> = []
        for _ in 0..<8 {
            _ = try ask("example.com")
            let (again, peer) = try asked(0)
            seen.insert(UInt32(again.id) << 16 | UInt32(peer.port))
            try send(0, answer(again).bytes(), to: peer)
            #expect(try answered() != nil)
        }
        #expect(seen.count == 8 && !seen.contains { $0 >> 16 == 0xabcd })
    }

    @Test func wrongAnswersCountForNothing() throws {
        _ = try ask("example.com")
        let (query, peer) = try asked(0)
        var number = answer(query)
        number.id ^= 1
        var question = answer(query)
        question.questions[0].name = try #require(DomainName("example.net"))
        var asking = answer(query)
        asking.isResponse = false
        for message in [number.bytes(), question.bytes(), asking.bytes(), [], [1, 2, 3], Array(answer(query).bytes().dropLast())] { try send(0, message, to: peer) }
        // From another server than the one asked.
        try send(1, answer(query).bytes(), to: peer)
        #expect(try answered() == nil)
        try send(0, answer(query, addresses: 2).bytes(), to: peer)
        #expect(try answered()?.answers.count == 2)
    }

    @Test func theNextServerIsAsked() throws {
        _ = try ask("example.com")
        _ = try asked(0)
        try turn(after: 3)
        let (query, peer) = try asked(1)
        try send(1, answer(query).bytes(), to: peer)
        #expect(try answered()?.answers.count == 1)

        _ = try ask("example.org")
        let (refused, first) = try asked(0)
        try send(0, answer(refused, addresses: 0, .refused).bytes(), to: first)
        let (again, second) = try asked(1)
        try send(1, answer(again, addresses: 0, .noSuchName).bytes(), to: second)
        #expect(try answered()?.status == .noSuchName)
    }

    @Test func silenceIsAFailure() throws {
        _ = try ask("example.com")
        try turn(after: 3)
        #expect(try answered() == nil)
        try turn(after: 3)
        let failed = try #require(try answered())
        #expect(failed.status == .serverFailure && failed.id == 0xabcd && server.due == nil)
    }

    @Test func truncatedIsAskedOverTCP() throws {
        _ = try ask("example.com", edns: EDNS(udpSize: 4096))
        let (query, peer) = try asked(0)
        var short = answer(query, addresses: 0)
        short.isTruncated = true
        try send(0, short.bytes(), to: peer)
        let stream = try accept(0)
        try turn()
        var bytes = try stream.descriptor.read(upTo: 4096)
        let again = try DNSMessage(parsing: try #require(DNSFraming.takeMessage(from: &bytes)))
        #expect(again.questions == query.questions)
        // In two pieces.
        let frame = try #require(DNSFraming.frame(answer(again, addresses: 100).bytes()))
        _ = try stream.descriptor.write(Array(frame.prefix(100)))
        try turn()
        _ = try stream.descriptor.write(frame, from: 100)
        try turn()
        #expect(try answered()?.answers.count == 100)
    }

    @Test func whatIsTooLongForTheClientIsCutShort() throws {
        _ = try ask("example.com")
        let (query, peer) = try asked(0)
        try send(0, answer(query, addresses: 100).bytes(), to: peer)
        let short = try #require(try answered())
        #expect(short.isTruncated && short.answers.isEmpty && short.id == 0xabcd)
        _ = try ask("many")
        #expect(try answered()?.isTruncated == true)
        _ = try ask("many", edns: EDNS(udpSize: 65535))
        #expect(try answered()?.answers.count == 100)
    }

    @Test func questionsAreLimited() throws {
        for id in 0..<300 {
            _ = try client.descriptor.write(DNSMessage(id: UInt16(id), asking: Question(try #require(DomainName("x\(id).lan")), .a)).bytes())
            // A socket keeps about a hundred.
            if id % 50 == 49 { try turn() }
        }
        var failures = 0
        while let answer = try answered() { failures += answer.status == .serverFailure ? 1 : 0 }
        #expect(failures == 300 - 256)
    }

    // MARK: - Over TCP

    private func connect() throws -> OpenFile { OpenFile(try InternetSocket.beginConnecting(own)) }

    @Test func streamsAskSeveralThings() throws {
        let stream = try connect()
        let outside = DNSMessage(id: 1, asking: Question(try #require(DomainName("example.com")), .a))
        let inside = DNSMessage(id: 2, asking: Question(try #require(DomainName("many")), .a))
        let frames = try #require(DNSFraming.frame(outside.bytes())) + #require(DNSFraming.frame(inside.bytes()))
        _ = try stream.descriptor.write(Array(frames.prefix(5)))
        try turn()
        _ = try stream.descriptor.write(frames, from: 5)
        try stream.descriptor.shutdownWrite()
        try turn()
        var bytes = try stream.descriptor.read(upTo: 65535)
        let first = try DNSMessage(parsing: try #require(DNSFraming.takeMessage(from: &bytes)))
        #expect(first.id == 2 && first.answers.count == 100, "what is known here does not wait for what is not")
        let upstreamConnection = try accept(0)
        try turn()
        var question = try upstreamConnection.descriptor.read(upTo: 4096)
        let query = try DNSMessage(parsing: try #require(DNSFraming.takeMessage(from: &question)))
        _ = try upstreamConnection.descriptor.write(try #require(DNSFraming.frame(answer(query, addresses: 500).bytes())))
        try turn()
        var rest = try stream.descriptor.read(upTo: 65535)
        #expect(try DNSMessage(parsing: try #require(DNSFraming.takeMessage(from: &rest))).answers.count == 500)
        #expect(try stream.descriptor.read(upTo: 1).isEmpty, "and then it is closed")
    }

    @Test func idleStreamsAreClosed() throws {
        let streams = try (0..<40).map { _ in try connect() }
        try turn()
        try turn(after: 11)
        #expect(try streams[0].descriptor.read(upTo: 1).isEmpty)
        // Those that had to wait for a place.
        try turn()
        let late = DNSMessage(id: 3, asking: Question(try #require(DomainName("many")), .a))
        _ = try streams[39].descriptor.write(try #require(DNSFraming.frame(late.bytes())))
        try turn()
        #expect(try streams[39].descriptor.read(upTo: 65535).count > 100)
    }
}
