internal import AsyncIO
internal import DNS
internal import Linux
internal import Values

/// Asks name servers for the addresses of one full name.
final class NameQuery: Sendable {
    let configuration: ResolverConfiguration
    /// Which server is the first to be asked.
    let firstServer: Int
    /// As errors call it.
    let name: String
    let domain: DomainName

    init(configuration: ResolverConfiguration, firstServer: Int, name: String, domain: DomainName) {
        self.configuration = configuration
        self.firstServer = firstServer
        self.name = name
        self.domain = domain
    }

    /// What was found and how many seconds it holds.
    struct Answer: Sendable {
        var addresses: [IPAddress]
        var lifetime: UInt32
    }

    /// As much as a datagram holds without being cut into pieces on its way.
    private static let datagramBytes: UInt16 = 1232
    private static let aliases = 16

    /// Both families at once. Throws LookupError when neither has an address.
    func run() async throws -> Answer {
        let answers = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for type in [RecordType.a, .aaaa] { group.addTask { try await self.outcome(type) } }
            var both: [Outcome] = []
            while let outcome = try await group.next() { both.append(outcome) }
            return both.sorted { $0.type.rawValue < $1.type.rawValue }
        }
        let found = answers.compactMap(\.answer)
        let addresses = found.flatMap(\.addresses)
        if !addresses.isEmpty { return Answer(addresses: addresses, lifetime: found.filter { !$0.addresses.isEmpty }.map(\.lifetime).min() ?? 0) }
        if let error = answers.compactMap(\.error).first { throw error }
        throw LookupError(.noSuchHost, name, server: configuration.servers.isEmpty ? nil : server(0).description)
    }

    /// How the question for one family ended.
    private struct Outcome: Sendable {
        var type: RecordType
        var answer: Answer?
        var error: LookupError?
    }

    private func outcome(_ type: RecordType) async throws -> Outcome {
        do {
            return Outcome(type: type, answer: try await ask(type))
        } catch let error as LookupError {
            return Outcome(type: type, error: error)
        }
    }

    private func server(_ index: Int) -> Endpoint {
        let servers = configuration.servers
        return servers[(firstServer + index) % servers.count]
    }

    /// Goes through the servers until one gives an answer that can be believed.
    private func ask(_ type: RecordType) async throws -> Answer {
        var failure = LookupError(.timeout, name)
        for attempt in 0..<configuration.attempts {
            for index in configuration.servers.indices {
                let server = server(index)
                do {
                    // Old servers do not know extensions.
                    let response = try await exchange(Question(domain, type), server, edns: attempt == 0)
                    switch response.status {
                    case .success: return answer(type, response)
                    case .noSuchName: throw LookupError(.noSuchHost, name, server: "\(server)")
                    default: failure = LookupError(.serverFailure, name, server: "\(server)")
                    }
                } catch is DeadlineExceeded {
                    failure = LookupError(.timeout, name, server: "\(server)")
                } catch let error as SyscallError {
                    failure = LookupError(.unreachable, name, server: "\(server)", detail: "\(error.call == "recv" ? "read" : error.call): \(error.errno)")
                } catch is DNSError {
                    failure = LookupError(.serverFailure, name, server: "\(server)")
                }
            }
        }
        throw failure
    }

    private func answer(_ type: RecordType, _ response: DNSMessage) -> Answer {
        // The name asked for and those that it is another name of. Records may stand in any order.
        var names: Set<DomainName> = [domain]
        for _ in 0..<Self.aliases {
            let before = names.count
            for record in response.answers where record.type == .cname && names.contains(record.name) {
                if case .name(let target) = record.content { names.insert(target) }
            }
            if names.count == before { break }
        }
        var result = Answer(addresses: [], lifetime: .max)
        for record in response.answers where record.type == type && names.contains(record.name) {
            guard case .address(let address) = record.content else { continue }
            result.addresses.append(address)
            result.lifetime = min(result.lifetime, record.lifetime)
        }
        return result
    }

    // MARK: One question to one server

    private func exchange(_ question: Question, _ server: Endpoint, edns: Bool) async throws -> DNSMessage {
        let query = Query(question, edns: edns ? EDNS(udpSize: Self.datagramBytes) : nil)
        let usesTCP = configuration.usesTCP
        let bytes = try await AsyncIO.withDeadline(configuration.timeout) {
            if !usesTCP, let response = try await Self.overUDP(query, server) { return response }
            return try await Self.overTCP(query, server)
        }
        return try DNSMessage(parsing: bytes)
    }

    /// A question as it is sent.
    private final class Query: Sendable {
        private let message: DNSMessage
        let bytes: [UInt8]

        init(_ question: Question, edns: EDNS?) {
            message = DNSMessage(id: .random(in: .min ... .max), asking: question, edns: edns)
            bytes = message.bytes(limit: 512)
        }

        /// Whether the answer in `bytes` is cut short; nil for what is no answer to this.
        func isTruncated(_ bytes: [UInt8]) -> Bool? {
            // What cannot be read answers nothing.
            guard let response = try? DNSMessage(parsing: bytes), response.isResponse, response.id == message.id else { return nil }
            // A server that did not understand the question may not repeat it.
            guard response.questions == message.questions || (response.questions.isEmpty && response.status == .malformed) else { return nil }
            return response.isTruncated
        }
    }

    /// Nil when the answer does not fit a datagram.
    private static func overUDP(_ query: Query, _ server: Endpoint) async throws -> [UInt8]? {
        // The kernel gives the socket a random port, and takes answers from the server's address only.
        let socket = try AsyncConnection(InternetSocket.datagrams(peer: server))
        defer { socket.close() }
        try await socket.writeAll(query.bytes)
        while true {
            let bytes = try await socket.read(upTo: 65535)
            // Somebody may be guessing: the right answer can still come.
            if let isTruncated = query.isTruncated(bytes) { return isTruncated ? nil : bytes }
        }
    }

    private static func overTCP(_ query: Query, _ server: Endpoint) async throws -> [UInt8] {
        let socket = try await AsyncConnection.connect(tcp: server)
        defer { socket.close() }
        try await socket.writeAll(DNSFraming.frame(query.bytes) ?? [])
        var bytes: [UInt8] = []
        while true {
            if let message = DNSFraming.takeMessage(from: &bytes) {
                guard query.isTruncated(message) != nil else { throw SyscallError("read", "\(server)", errno: .invalid) }
                return message
            }
            let piece = try await socket.read()
            if piece.isEmpty { throw SyscallError("read", "\(server)", errno: .connectionReset) }
            bytes += piece
        }
    }
}
