import DNS
import NetworkPlumbing
import Testing
import Values

@testable import Supervisor

/// What the resolver of a container makes of questions: two networks, in the order of the container's interfaces.
@Suite struct ResolverTests {
    private var generator = SystemRandomNumberGenerator()
    private var resolver: Resolver

    private static func addresses(_ texts: String...) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

    init() {
        let front = ["web": Self.addresses("172.18.0.2"), "app": Self.addresses("172.18.0.3", "172.18.0.4"), "dual": Self.addresses("172.18.0.9", "fd00::9")]
        let back = ["web": Self.addresses("172.19.0.2"), "db": Self.addresses("172.19.0.3")]
        func scope(_ domain: String, _ names: [String: [IPAddress]]) -> Resolver.Scope {
            Resolver.Scope(domain: domain, addresses: { names[$0] }, name: { address in names.first { $0.value.contains(address) }?.key })
        }
        resolver = Resolver(
            plan: ResolverPlan(
                servers: Self.addresses("192.0.2.1"), extra: ["host.docker.internal": Self.addresses("172.17.0.1")],
                aliases: ["back.net": ["store": "db", "here": "web"], "front": ["there": "db"]]),
            scopes: [scope("front", front), scope("back.net", back)])
    }

    private mutating func ask(_ name: String, _ type: RecordType = .a, class: UInt16 = 1) throws -> Resolver.Decision {
        let name = try #require(DomainName(name))
        return resolver.decide(DNSMessage(id: 7, asking: Question(name, type, class: `class`), edns: EDNS(udpSize: 4096)), using: &generator)
    }

    private mutating func answer(_ name: String, _ type: RecordType = .a) throws -> DNSMessage? {
        guard case .answer(let message) = try ask(name, type) else { return nil }
        return message
    }

    private mutating func found(_ name: String, _ type: RecordType = .a) throws -> [ResourceRecord.Content]? { try answer(name, type)?.answers.map(\.content) }

    @Test mutating func aLinkIsForItsNetwork() throws {
        #expect(try found("here") == [.address(Self.addresses("172.19.0.2")[0])])
        // Nobody on the network that the link is for has the name.
        #expect(try ask("there") == .forward)
    }

    @Test mutating func namesAreAnswered() throws {
        let web = try #require(try answer("WEB"))
        #expect(web.status == .success && web.isResponse && web.offersRecursion && !web.isAuthoritative && web.id == 7)
        #expect(web.answers == [ResourceRecord(web.questions[0].name, Self.addresses("172.18.0.2")[0], lifetime: 600)], "of the first network that has it")
        #expect(web.answers[0].name.description == "WEB.", "as it was asked")
        #expect(web.edns?.udpSize == 1232)
        #expect(try found("web.front") == [.address(Self.addresses("172.18.0.2")[0])])
        #expect(try found("web.back.net") == [.address(Self.addresses("172.19.0.2")[0])], "a network's name may have dots")
        #expect(try found("db") == [.address(Self.addresses("172.19.0.3")[0])])
        #expect(try found("store") == [.address(Self.addresses("172.19.0.3")[0])])
        #expect(try found("host.docker.internal") == [.address(Self.addresses("172.17.0.1")[0])])
        #expect(try found("dual", .any)?.count == 2)
    }

    @Test mutating func severalAddressesTakeTurns() throws {
        var firsts: Set<ResourceRecord.Content> = []
        for _ in 0..<200 {
            let found = try #require(try found("app"))
            #expect(found.count == 2)
            firsts.insert(found[0])
        }
        #expect(firsts.count == 2)
    }

    /// Otherwise the C library would take "no such name" of one family for an answer to both, or ask the world for a container.
    @Test(arguments: [RecordType.aaaa, .mx, .txt, .srv, RecordType(rawValue: 65)]) mutating func whatANameHasNotIsEmpty(_ type: RecordType) throws {
        let web = try #require(try answer("web", type))
        #expect(web.status == .success && web.answers.isEmpty)
        #expect(try answer("store", type)?.answers == [] && answer("host.docker.internal", type)?.answers == [])
    }

    @Test mutating func addressesHaveNames() throws {
        #expect(try found("2.0.18.172.in-addr.arpa", .ptr) == DomainName("web.front").map { [.name($0)] })
        #expect(try found(DomainName(reverseOf: Self.addresses("fd00::9")[0]).description, .ptr) == DomainName("dual.front").map { [.name($0)] })
        #expect(try ask("1.2.0.192.in-addr.arpa", .ptr) == .forward)
        #expect(try ask("18.172.in-addr.arpa", .ptr) == .forward)
    }

    @Test mutating func otherNamesAreForwarded() throws {
        for name in ["example.com", "nosuch", "web.front.example.com", "."] { #expect(try ask(name) == .forward, "\(name)") }
        let strange = try #require(DomainName(labels: [Array("a/../b".utf8)]))
        #expect(resolver.decide(DNSMessage(id: 1, asking: Question(strange, .a)), using: &generator) == .forward)
    }

    @Test mutating func singleLabelsMayBeKept() throws {
        resolver.plan.keepsSingleLabels = true
        #expect(try answer("nosuch")?.status == .success && answer("nosuch")?.answers == [])
        #expect(try ask("nosuch", .mx) == .forward && ask("nosuch.lan") == .forward)
    }

    @Test mutating func withoutServersNothingIsForwarded() throws {
        resolver.plan.servers = []
        #expect(try answer("example.com")?.status == .serverFailure)
        #expect(try found("web")?.count == 1)
    }

    @Test mutating func oddQuestionsAreRefused() throws {
        var query = DNSMessage(id: 7, asking: Question(.root, .a))
        query.isResponse = true
        #expect(resolver.decide(query, using: &generator) == .ignore)
        query.isResponse = false
        query.operation = 5
        #expect(status(query) == .notImplemented)
        query.operation = 0
        query.questions = []
        #expect(status(query) == .malformed)
        query.questions = [Question(.root, .a), Question(.root, .a)]
        #expect(status(query) == .malformed)
        query.questions = [Question(.root, .txt, class: 3)]
        #expect(status(query) == .refused)
        query.questions = [Question(.root, .a)]
        query.edns = EDNS(udpSize: 512, version: 1)
        guard case .answer(let answer) = resolver.decide(query, using: &generator) else { return #expect(Bool(false)) }
        #expect(answer.edns?.extendedStatus == 1)
    }

    private mutating func status(_ query: DNSMessage) -> DNSMessage.Status? {
        guard case .answer(let answer) = resolver.decide(query, using: &generator) else { return nil }
        return answer.status
    }

    @Test func bytesThatAreNoMessageAreToldSo() {
        let broken: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0]
        #expect(Resolver.refusal(of: broken)?.status == .malformed && Resolver.refusal(of: broken)?.id == 0x102)
        #expect(Resolver.refusal(of: Array(broken.prefix(11))) == nil && Resolver.refusal(of: []) == nil)
        var answer = broken
        answer[2] |= 0x80
        #expect(Resolver.refusal(of: answer) == nil)
    }
}
