import DNS
import NetworkPlumbing
import Values

/// What a container's resolver makes of a question: a value, without sockets. Docker's rules, but that a name which is a container's is
/// answered for every kind of record, and never asked for elsewhere.
struct Resolver {
    /// Docker's: ten minutes.
    static let lifetime: UInt32 = 600
    /// What we take in one datagram: RFC 9715's advice for all paths.
    static let udpSize: UInt16 = 1232

    /// A network as names are looked up in it.
    struct Scope {
        /// The network's name, in lower case.
        var domain: String
        /// The addresses of a name; nil when nobody has it.
        var addresses: (String) -> [IPAddress]?
        var name: (IPAddress) -> String?
    }

    /// What is to be done with a question.
    enum Decision: Equatable {
        case answer(DNSMessage)
        /// Others are to be asked.
        case forward
        /// Nobody waits for an answer that makes sense.
        case ignore
    }

    var plan: ResolverPlan
    /// In the order in which they are asked; the first that has an address of the wanted family answers.
    var scopes: [Scope]

    /// What to say to bytes that are no message; nil is nothing.
    static func refusal(of bytes: [UInt8]) -> DNSMessage? {
        // Whoever can write a header is told; what may be an answer is not answered, or two servers would talk for ever.
        guard bytes.count >= 12, bytes[2] & 0x80 == 0 else { return nil }
        var answer = DNSMessage(id: UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
        answer.isResponse = true
        answer.status = .malformed
        return answer
    }

    func decide(_ query: DNSMessage, using generator: inout some RandomNumberGenerator) -> Decision {
        if query.isResponse { return .ignore }
        if query.operation != 0 { return .answer(reply(query, .notImplemented)) }
        guard query.questions.count == 1 else { return .answer(reply(query, .malformed)) }
        if let edns = query.edns, edns.version != 0 {
            var answer = reply(query)
            // BADVERS: 16.
            answer.edns?.extendedStatus = 1
            return .answer(answer)
        }
        let question = query.questions[0]
        guard question.class == 1 else { return .answer(reply(query, .refused)) }
        if question.type == .ptr, let address = question.name.reversedAddress {
            guard let name = name(of: address) else { return forward(query) }
            var answer = reply(query)
            answer.answers = [ResourceRecord(question.name, .ptr, lifetime: Self.lifetime, .name(name))]
            return .answer(answer)
        }
        guard let host = question.name.host, let found = addresses(of: host, question.type) else { return forward(query) }
        var answer = reply(query)
        answer.answers = found.shuffled(using: &generator).map { ResourceRecord(question.name, $0, lifetime: Self.lifetime) }
        return .answer(answer)
    }

    func reply(_ query: DNSMessage, _ status: DNSMessage.Status = .success) -> DNSMessage {
        DNSMessage(answering: query, status, udpSize: Self.udpSize)
    }

    private func forward(_ query: DNSMessage) -> Decision {
        let isSingle = query.questions[0].name.labels.count < 2
        // The C library asks again with the search list's domains behind it.
        if isSingle, plan.keepsSingleLabels, [.a, .aaaa].contains(query.questions[0].type) { return .answer(reply(query)) }
        return plan.servers.isEmpty ? .answer(reply(query, .serverFailure)) : .forward
    }

    /// Empty for a name that is known and has nothing of that type; nil for one that is not known here.
    private func addresses(of host: String, _ type: RecordType) -> [IPAddress]? {
        func wanted(_ addresses: [IPAddress]) -> [IPAddress] {
            switch type {
            case .a: addresses.filter { $0.family == .v4 }
            case .aaaa: addresses.filter { $0.family == .v6 }
            case .any: addresses
            default: []
            }
        }
        if let own = plan.extra[host] { return wanted(own) }
        var isKnown = false
        for scope in scopes {
            // One step: an alias of an alias would be a loop to look out for.
            let host = plan.aliases[scope.domain]?[host] ?? host
            var names = [host]
            if !scope.domain.isEmpty, host.hasSuffix(".\(scope.domain)") { names.append(String(host.dropLast(scope.domain.utf8.count + 1))) }
            for name in names {
                guard let found = scope.addresses(name) else { continue }
                isKnown = true
                if case let addresses = wanted(found), !addresses.isEmpty { return addresses }
            }
        }
        return isKnown ? [] : nil
    }

    /// `name.network`, as Docker has it.
    private func name(of address: IPAddress) -> DomainName? {
        for scope in scopes {
            if let name = scope.name(address) { return DomainName(scope.domain.isEmpty ? name : "\(name).\(scope.domain)") }
        }
        return nil
    }
}
