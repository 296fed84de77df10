package import Values

/// Why a name has no address, in the words of Go's `net` package.
package struct LookupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Kind: Sendable, Hashable {
        case noSuchHost
        case timeout
        /// A name server answered that it cannot answer.
        case serverFailure
    }

    package var kind: Kind
    package var name: String
    /// The name server that was asked last, with its port.
    package var server: String?

    package var isTimeout: Bool { kind == .timeout }

    package init(_ kind: Kind, _ name: String, server: String? = nil) {
        self.kind = kind
        self.name = name
        self.server = server
    }

    package var description: String {
        let place = server.map { " on \($0)" } ?? ""
        return switch kind {
        case .noSuchHost: "lookup \(name)\(place): no such host"
        case .timeout: "lookup \(name)\(place): i/o timeout"
        case .serverFailure: "lookup \(name)\(place): server misbehaving"
        }
    }
}

/// Finds the addresses of host names.
package struct HostNames: Sendable {
    /// As this host is configured.
    package static let shared = HostNames()

    package init() {}

    /// At least one address, best first. Throws LookupError.
    package func addresses(of name: String) async throws -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        if name == "localhost" { return [IPAddress(.v4, 0x7f00_0001), IPAddress(.v6, 1)] }
        throw LookupError(.noSuchHost, name)
    }
}
