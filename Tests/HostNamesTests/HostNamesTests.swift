import AsyncIO
import DNS
import HostNames
import Linux
import Synchronization
import Testing
import Values

/// The resolver against a name server of its own on loopback.
@Suite struct HostNamesTests {
    /// Answers datagrams, and TCP on the same port, by `answer`; nil leaves a question unanswered.
    func with(
        hosts: String = "", configure: @escaping @Sendable (inout ResolverConfiguration) -> Void = { _ in },
        answer: @escaping @Sendable (DNSMessage, _ overTCP: Bool) -> DNSMessage?,
        _ body: @escaping @Sendable (HostNames) async throws -> Void
    ) async throws {
        let listener = OpenFile(try InternetSocket.listen(Endpoint(loopback, 0)))
        let endpoint = listener.descriptor.localEndpoint()
        let port = try #require(endpoint).port
        let datagrams = OpenFile(try InternetSocket.datagrams(at: Endpoint(loopback, port)))
        let path = "/tmp/davit-hosts-\(Identifier.random().short)"
        try FileSystem.replace(path, with: Array(hosts.utf8))
        defer { _ = try? FileSystem.removeFile(path) }  // Nothing depends on it.
        let names = HostNames(hosts: path) {
            var configuration = ResolverConfiguration(servers: [Endpoint(loopback, port)])
            configuration.timeout = .seconds(120)
            configure(&configuration)
            return configuration
        }
        try await AsyncIO.withDeadline(.seconds(10)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while true {
                        do {
                            try await AsyncIO.readable(datagrams.descriptor)
                            try Self.answerDatagram(datagrams, answer)
                        } catch is CancellationError { return }
                    }
                }
                group.addTask {
                    while true {
                        do { try await AsyncIO.readable(listener.descriptor) } catch is CancellationError { return }
                        guard let file = try UnixSocket.accept(listener.descriptor) else { continue }
                        let connection = try AsyncConnection(file)
                        var bytes: [UInt8] = []
                        while DNSFraming.takeMessage(from: &bytes) == nil {
                            let piece = try await connection.read()
                            if piece.isEmpty { break }
                            bytes += piece
                            try await connection.writeAll(Self.framedAnswer(to: bytes, answer))
                        }
                    }
                }
                try await body(names)
                group.cancelAll()
            }
        }
    }

    private static func answerDatagram(_ socket: OpenFile, _ answer: (DNSMessage, Bool) -> DNSMessage?) throws {
        let (bytes, peer) = try socket.descriptor.receiveDatagram()
        guard let peer, let response = answer(try DNSMessage(parsing: bytes), false) else { return }
        try socket.descriptor.sendDatagram(response.bytes(limit: 1232), to: peer)
    }

    private static func framedAnswer(to bytes: [UInt8], _ answer: (DNSMessage, Bool) -> DNSMessage?) throws -> [UInt8] {
        var bytes = bytes
        guard let message = DNSFraming.takeMessage(from: &bytes), let response = answer(try DNSMessage(parsing: message), true) else { return [] }
        return DNSFraming.frame(response.bytes()) ?? []
    }

    private let loopback = IPAddress(.v4, 0x7f00_0001)

    /// A server that knows some names.
    static func knowing(_ names: [String: [String]], lifetime: UInt32 = 30) -> @Sendable (DNSMessage, Bool) -> DNSMessage? {
        { query, _ in
            guard let question = query.questions.first else { return nil }
            guard let host = question.name.host, let texts = names[host] else { return DNSMessage(answering: query, .noSuchName) }
            var response = DNSMessage(answering: query)
            for address in texts.compactMap({ IPAddress($0) }) where (address.family == .v4) == (question.type == .a) {
                response.answers.append(ResourceRecord(question.name, address, lifetime: lifetime))
            }
            return response
        }
    }

    func expect(_ names: HostNames, _ name: String, _ addresses: [String]) async throws {
        let found = try await names.addresses(of: name).map(\.description)
        #expect(found == addresses)
    }

    @Test func addressesOfBothFamilies() async throws {
        try await with(answer: Self.knowing(["a.example": ["192.0.2.1", "2001:db8::1"]])) { names in
            let both = Set(try await names.addresses(of: "A.example").map(\.description))
            #expect(both == ["192.0.2.1", "2001:db8::1"])
            try await expect(names, "192.0.2.7", ["192.0.2.7"])
            try await expect(names, "::1", ["::1"])
        }
    }

    @Test func theHostsFileComesFirst() async throws {
        try await with(hosts: "# x\n192.0.2.9 Box box.local # own\n", answer: Self.knowing(["box": ["192.0.2.1"]])) { names in
            try await expect(names, "box", ["192.0.2.9"])
            try await expect(names, "BOX.local", ["192.0.2.9"])
            try await expect(names, "localhost", ["127.0.0.1", "::1"])
        }
    }

    @Test func shortNamesAreSearchedFor() async throws {
        let asked = Log()
        let known = Self.knowing(["web.b.example": ["192.0.2.1"], "x.y": ["192.0.2.2"]])
        try await with(
            configure: { $0.search = ["a.example", "b.example"] },
            answer: { query, tcp in
                if query.questions.first?.type == .a { asked.add(query.questions.first?.name.host ?? "") }
                return known(query, tcp)
            }
        ) { names in
            try await expect(names, "web", ["192.0.2.1"])
            #expect(asked.take() == ["web.a.example", "web.b.example"])
            try await expect(names, "x.y", ["192.0.2.2"])
            #expect(asked.take() == ["x.y"])
            await #expect(throws: LookupError.self) { try await names.addresses(of: "web.") }
            #expect(asked.take() == ["web"])
        }
    }

    final class Log: Sendable {
        private let list = Mutex<[String]>([])
        func add(_ text: String) { list.withLock { $0.append(text) } }
        func take() -> [String] {
            list.withLock { list in
                defer { list = [] }; return list
            }
        }
    }

    @Test func answersAreKeptAsLongAsTheyHold() async throws {
        let asked = Log()
        for lifetime: UInt32 in [0, 30] {
            let known = Self.knowing(["a.example": ["192.0.2.1"]], lifetime: lifetime)
            try await with(answer: { query, tcp in
                asked.add("")
                return known(query, tcp)
            }) { names in
                for _ in 0..<3 { _ = try await names.addresses(of: "a.example") }
                #expect(asked.take().count == (lifetime == 0 ? 6 : 2))
            }
        }
    }

    @Test func aliasesLeadToAddresses() async throws {
        try await with(answer: { query, _ in
            guard let question = query.questions.first, question.type == .a, let target = DomainName("c.example"), let stranger = DomainName("d.example"),
                let address = IPAddress("192.0.2.3"), let other = IPAddress("192.0.2.66")
            else { return DNSMessage(answering: query) }
            var response = DNSMessage(answering: query)
            response.answers = [
                ResourceRecord(target, address, lifetime: 5), ResourceRecord(stranger, other, lifetime: 5),
                ResourceRecord(question.name, .cname, lifetime: 5, .name(target)),
            ]
            return response
        }) { names in
            try await expect(names, "a.example", ["192.0.2.3"])
        }
    }

    @Test func whatDoesNotFitComesOverTCP() async throws {
        let known = Self.knowing(["big.example": (1...200).map { "10.0.0.\($0)" }])
        try await with(answer: known) { names in
            let addresses = try await names.addresses(of: "big.example")
            #expect(addresses.count == 200)
        }
    }

    @Test func failuresSayWhatAndWhere() async throws {
        try await with(answer: Self.knowing([:])) { names in
            let error = await #expect(throws: LookupError.self) { try await names.addresses(of: "no.example") }
            #expect(error?.kind == .noSuchHost)
            #expect(error.map { "\($0)" }?.hasPrefix("lookup no.example on 127.0.0.1:") == true)
            #expect(error.map { "\($0)" }?.hasSuffix(": no such host") == true)
            for name in ["", "a..b", String(repeating: "x", count: 64) + ".example", "x.onion", "a b"] {
                await #expect(throws: LookupError.self) { try await names.addresses(of: name) }
            }
        }
        try await with(answer: { query, _ in DNSMessage(answering: query, .serverFailure) }) { names in
            let error = await #expect(throws: LookupError.self) { try await names.addresses(of: "a.example") }
            #expect(error?.kind == .serverFailure)
        }
        try await with(configure: { $0.timeout = .milliseconds(20) }, answer: { _, _ in nil }) { names in
            let error = await #expect(throws: LookupError.self) { try await names.addresses(of: "a.example") }
            #expect(error.map { "\($0)" }?.hasSuffix(": i/o timeout") == true)
        }
    }

    /// Whoever guesses the port must guess the number and repeat the question too.
    @Test func answersToOtherQuestionsAreNotBelieved() async throws {
        try await with(
            configure: { $0.timeout = .milliseconds(30) },
            answer: { query, _ in
                var response = DNSMessage(answering: query)
                response.id = query.id &+ 1
                return response
            }
        ) { names in
            let error = await #expect(throws: LookupError.self) { try await names.addresses(of: "a.example") }
            #expect(error?.kind == .timeout)
        }
    }

    @Test func configurations() {
        let configuration = ResolverConfiguration(
            parsing: """
                ; comment
                nameserver 192.0.2.53 # first
                nameserver fe80::1%eth0
                nameserver 2001:db8::53
                nameserver 1.1.1.1
                nameserver 8.8.8.8
                search a.example. b.example
                options ndots:99 timeout:0 attempts:x rotate use-vc nonsense:
                garbage
                """)
        #expect(configuration.servers.map { "\($0)" } == ["192.0.2.53:53", "[2001:db8::53]:53", "1.1.1.1:53"])
        #expect(configuration.search == ["a.example", "b.example"])
        #expect(configuration.dots == 15 && configuration.timeout == .seconds(1) && configuration.attempts == 2)
        #expect(configuration.rotates && configuration.usesTCP)
        #expect(ResolverConfiguration(parsing: "").servers.first?.description == "127.0.0.1:53")
    }
}
