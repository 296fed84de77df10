import DNS
import Testing
import Values

/// A message of the header given and what follows it.
private func message(flags: UInt16 = 0x0100, counts: [UInt16] = [1, 0, 0, 0], _ rest: [UInt8]) -> [UInt8] {
    [0x12, 0x34, UInt8(flags >> 8), UInt8(flags & 255)] + counts.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } + rest
}

private func name(_ text: String) -> [UInt8] { text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0] }

private let question = name("Web.Example.com") + [0, 1, 0, 1]

@Suite struct MessageTests {
    @Test func queryIsRead() throws {
        let query = try DNSMessage(parsing: message(counts: [1, 0, 0, 1], question + [0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0]))
        #expect(query.id == 0x1234 && !query.isResponse && query.wantsRecursion && query.status == .success)
        let wanted = try #require(DomainName("web.example.com"))
        #expect(query.questions == [Question(wanted, .a)])
        #expect(query.questions.first?.name.description == "Web.Example.com.")
        #expect(query.edns == EDNS(udpSize: 1232, flags: 0x8000) && query.additional.isEmpty)
    }

    @Test func answerIsWrittenCompressed() throws {
        let query = try DNSMessage(parsing: message(question))
        var answer = DNSMessage(answering: query)
        let asked = query.questions[0].name
        let addresses = ["172.18.0.2", "172.18.0.3"].compactMap { IPAddress($0) }
        answer.answers = addresses.map { ResourceRecord(asked, $0, lifetime: 600) }
        let bytes = answer.bytes()
        #expect(bytes.count == 12 + question.count + 2 * 16, "each record's name is a pointer")
        #expect(Array(bytes[12..<12 + question.count]) == question, "the question as it was written, capitals and all")
        let read = try DNSMessage(parsing: bytes)
        #expect(read == answer)
        #expect(read.edns == nil, "not offered to who has none")
        #expect(read.answers.map(\.content) == addresses.map { .address($0) })
    }

    @Test func kindsComeBack() throws {
        let owner = try #require(DomainName("_http._tcp.web"))
        let target = try #require(DomainName("web.lan"))
        let six = try #require(IPAddress("fd00::2"))
        var sent = DNSMessage(id: 9, asking: Question(owner, .srv), edns: EDNS(udpSize: 4096, options: [0, 10, 0, 2, 7, 7]))
        sent.isResponse = true
        sent.isAuthoritative = true
        sent.isAuthentic = true
        sent.status = .noSuchName
        sent.answers = [
            ResourceRecord(owner, .srv, lifetime: 1, .service(priority: 1, weight: 2, port: 80, target: target)),
            ResourceRecord(owner, .cname, lifetime: 2, .name(target)), ResourceRecord(target, six, lifetime: .max),
            ResourceRecord(owner, .txt, lifetime: 0, .other([3, 97, 98, 99])), ResourceRecord(owner, .a, class: 3, lifetime: 0, .other([1])),
        ]
        sent.authorities = [ResourceRecord(.root, .ns, lifetime: 3, .name(.root))]
        sent.additional = [ResourceRecord(target, .txt, lifetime: 3, .other([]))]
        #expect(try DNSMessage(parsing: sent.bytes()) == sent)
    }

    @Test func whatDoesNotFitIsLeftOut() throws {
        var answer = DNSMessage(answering: try DNSMessage(parsing: message(counts: [1, 0, 0, 1], question + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])))
        let asked = answer.questions[0].name
        answer.answers = (0..<100).map { ResourceRecord(asked, IPAddress(.v4, 0x0a00_0000 + UInt128($0)), lifetime: 600) }
        let bytes = answer.bytes(limit: 512)
        #expect(bytes.count <= 512)
        let read = try DNSMessage(parsing: bytes)
        #expect(read.isTruncated && read.answers == Array(answer.answers.prefix(read.answers.count)) && read.answers.count == 29)
        #expect(read.edns != nil, "the extensions stay")
        #expect(try DNSMessage(parsing: answer.bytes()).answers.count == 100)
    }

    @Test(
        arguments: [
            ("empty", []),
            ("half a header", Array(message([]).prefix(11))),
            ("no question", message([])),
            ("a pointer to itself", message([0xc0, 12, 0, 1, 0, 1])),
            ("a pointer forward", message([0xc0, 14, 0, 0, 1, 0, 1])),
            ("two pointers in a ring", message([1, 97, 0xc0, 16, 0xc0, 12, 0, 1, 0, 1])),
            ("a name that ends in itself", message([1, 97, 0xc0, 12, 0, 1, 0, 1])),
            ("half a pointer", message([0xc0])),
            ("a label of kind 01", message([0x41, 0, 0, 1, 0, 1])),
            ("a label of kind 10", message([0x81, 0, 0, 1, 0, 1])),
            ("a label beyond the end", message([63, 97])),
            ("a name without end", message([1, 97])),
            ("a name of 256 bytes", message(Array(repeating: [1, 97], count: 127).flatMap(\.self) + [1, 97, 0, 0, 1, 0, 1])),
            ("65535 records that are not there", message(flags: 0x8180, counts: [0, .max, .max, .max], [])),
            ("an address of 5 bytes", message(flags: 0x8180, counts: [0, 1, 0, 0], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5])),
            ("an address of 3 bytes", message(flags: 0x8180, counts: [0, 1, 0, 0], [0, 0, 28, 0, 1, 0, 0, 0, 0, 0, 3, 1, 2, 3])),
            ("a record longer than the message", message(flags: 0x8180, counts: [0, 1, 0, 0], [0, 0, 16, 0, 1, 0, 0, 0, 0, 0xff, 0xff])),
            ("a name shorter than its record", message(flags: 0x8180, counts: [0, 1, 0, 0], [0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0])),
            ("a name longer than its record", message(flags: 0x8180, counts: [0, 1, 0, 0], [0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 1, 1, 97, 0])),
            ("a short service", message(flags: 0x8180, counts: [0, 1, 0, 0], [0, 0, 33, 0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0])),
            ("two sets of extensions", message(counts: [0, 0, 0, 2], [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0])),
            ("extensions with a name", message(counts: [0, 0, 0, 1], [1, 97, 0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0])),
        ] as [(String, [UInt8])])
    func malformedIsRefused(_ what: String, _ bytes: [UInt8]) {
        #expect(throws: DNSError.self, "\(what)") { try DNSMessage(parsing: bytes) }
    }

    /// Every beginning of a message, and every byte of it changed, is a message or an error.
    @Test func nothingTraps() throws {
        let whole = message(
            flags: 0x8180, counts: [1, 2, 0, 1],
            question + [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 6, 3, 99, 100, 110, 0xc0, 16]
                + [0xc0, 41, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])
        #expect(try DNSMessage(parsing: whole).answers.count == 2)
        for end in whole.indices { #expect(throws: DNSError.self) { try DNSMessage(parsing: Array(whole[..<end])) } }
        for index in whole.indices {
            for value in [0, 1, 12, 63, 64, 0xc0, 0xff] as [UInt8] {
                var changed = whole
                changed[index] = value
                guard let read = try? DNSMessage(parsing: changed) else { continue }
                #expect(try DNSMessage(parsing: read.bytes()) == read)
            }
        }
    }

    @Test func framesComeOneByOne() throws {
        let first = try #require(DNSFraming.frame([1, 2, 3]))
        var stream = first + [0, 0, 0, 2, 9]
        #expect(DNSFraming.takeMessage(from: &stream) == [1, 2, 3])
        #expect(DNSFraming.takeMessage(from: &stream) == [])
        #expect(DNSFraming.takeMessage(from: &stream) == nil && stream == [0, 2, 9])
        #expect(DNSFraming.frame(Array(repeating: 0, count: 65536)) == nil)
    }
}

@Suite struct DomainNameTests {
    @Test func textIsRead() {
        #expect(DomainName("Web.lan.") == DomainName("web.LAN"))
        #expect(DomainName("Web.lan.")?.description == "Web.lan." && DomainName("Web.lan.")?.host == "web.lan")
        #expect(DomainName(".") == .root && DomainName.root.description == "." && DomainName.root.host == "")
        #expect(DomainName(labels: [[46, 92, 7, 97]])?.description == #"\.\\\007a."#)
        #expect(DomainName(labels: [[47, 47]])?.host == nil && DomainName(labels: [Array("../x".utf8)])?.host == nil)
        let long = String(repeating: "a", count: 63)
        #expect(DomainName(long) != nil && DomainName("\(long).\(long).\(long).\(long.dropLast(2))") != nil)
        for text in ["", "a..b", ".a", "a\\.b", long + "a", "\(long).\(long).\(long).\(long)"] { #expect(DomainName(text) == nil, "\(text)") }
    }

    @Test(arguments: ["172.18.0.2", "0.0.0.0", "255.255.255.255", "fd00::1234:5", "::"]) func addressesAreNames(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(DomainName(reverseOf: address).reversedAddress == address)
    }

    @Test func reverseNames() {
        #expect(DomainName("2.0.18.172.IN-ADDR.arpa")?.reversedAddress == IPAddress("172.18.0.2"))
        for text in [
            "18.172.in-addr.arpa", "in-addr.arpa", "1.2.3.4.5.in-addr.arpa", "02.0.18.172.in-addr.arpa", "256.0.18.172.in-addr.arpa",
            "1.ip6.arpa", "ip6.arpa", "arpa", "web", "x.0.18.172.in-addr.arpa",
        ] {
            #expect(DomainName(text)?.reversedAddress == nil, "\(text)")
        }
    }
}
