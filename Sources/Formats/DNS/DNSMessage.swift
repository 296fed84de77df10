package import Values

/// One message of the domain name system, question or answer: RFC 1035, 4.
package struct DNSMessage: Sendable, Hashable {
    package var id: UInt16
    package var isResponse = false
    /// Four bits; 0 is a query.
    package var operation: UInt8 = 0
    package var isAuthoritative = false
    /// There was more than fits: ask again over TCP.
    package var isTruncated = false
    package var wantsRecursion = false
    package var offersRecursion = false
    /// RFC 4035's two bits.
    package var isAuthentic = false
    package var checkingDisabled = false
    package var status = Status.success
    package var questions: [Question] = []
    package var answers: [ResourceRecord] = []
    package var authorities: [ResourceRecord] = []
    /// Without the pseudo-record of `edns`.
    package var additional: [ResourceRecord] = []
    package var edns: EDNS?

    package init(id: UInt16) { self.id = id }

    /// A question to a recursive server.
    package init(id: UInt16, asking question: Question, edns: EDNS? = nil) {
        self.id = id
        wantsRecursion = true
        questions = [question]
        self.edns = edns
    }

    /// The beginning of the answer to `query`: its number, question and wishes. Extensions are offered only to who has them: RFC 6891, 7.
    package init(answering query: DNSMessage, _ status: Status = .success, udpSize: UInt16 = 1232) {
        id = query.id
        isResponse = true
        operation = query.operation
        wantsRecursion = query.wantsRecursion
        offersRecursion = true
        checkingDisabled = query.checkingDisabled
        self.status = status
        questions = query.questions
        if query.edns != nil { edns = EDNS(udpSize: udpSize) }
    }

    /// How a server did: the response code, its four bits.
    package struct Status: RawRepresentable, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue & 15 }

        package static let success = Status(rawValue: 0)
        package static let malformed = Status(rawValue: 1)
        package static let serverFailure = Status(rawValue: 2)
        /// NXDOMAIN.
        package static let noSuchName = Status(rawValue: 3)
        package static let notImplemented = Status(rawValue: 4)
        package static let refused = Status(rawValue: 5)
    }
}

/// What is asked for.
package struct Question: Sendable, Hashable {
    package var name: DomainName
    package var type: RecordType
    /// 1 is the Internet.
    package var `class`: UInt16

    package init(_ name: DomainName, _ type: RecordType, class: UInt16 = 1) {
        self.name = name
        self.type = type
        self.class = `class`
    }
}

/// The kinds of records that are known here by name.
package struct RecordType: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let ptr = RecordType(rawValue: 12)
    package static let mx = RecordType(rawValue: 15)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let srv = RecordType(rawValue: 33)
    package static let opt = RecordType(rawValue: 41)
    package static let any = RecordType(rawValue: 255)
}

/// One fact about a name.
package struct ResourceRecord: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// A and AAAA.
        case address(IPAddress)
        /// CNAME, NS and PTR.
        case name(DomainName)
        /// RFC 2782.
        case service(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName)
        /// As it stands in the message. Where a kind not known here holds compressed names, they mean nothing outside of it.
        case other([UInt8])
    }

    package var name: DomainName
    package var type: RecordType
    package var `class`: UInt16
    /// Seconds that it may be kept.
    package var lifetime: UInt32
    package var content: Content

    package init(_ name: DomainName, _ type: RecordType, class: UInt16 = 1, lifetime: UInt32, _ content: Content) {
        self.name = name
        self.type = type
        self.class = `class`
        self.lifetime = lifetime
        self.content = content
    }

    package init(_ name: DomainName, _ address: IPAddress, lifetime: UInt32) {
        self.init(name, address.family == .v4 ? .a : .aaaa, lifetime: lifetime, .address(address))
    }
}

/// The extensions of RFC 6891: what the pseudo-record OPT tells.
package struct EDNS: Sendable, Hashable {
    /// The longest datagram that its sender takes.
    package var udpSize: UInt16
    /// The upper eight bits of a status of twelve.
    package var extendedStatus: UInt8
    package var version: UInt8
    /// The highest is DNSSEC OK.
    package var flags: UInt16
    package var options: [UInt8]

    package init(udpSize: UInt16, extendedStatus: UInt8 = 0, version: UInt8 = 0, flags: UInt16 = 0, options: [UInt8] = []) {
        self.udpSize = udpSize
        self.extendedStatus = extendedStatus
        self.version = version
        self.flags = flags
        self.options = options
    }
}

/// Why bytes are no message, and where.
package struct DNSError: Error, Sendable, Hashable, CustomStringConvertible {
    package var problem: String
    package var byte: Int

    package var description: String { "malformed DNS message: \(problem) at byte \(byte)" }
}
