/// Why a name has no address, in the words of Go's `net` package.
package struct LookupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Kind: Sendable, Hashable {
        case noSuchHost
        case timeout
        /// A name server answered that it cannot answer, or with nonsense.
        case serverFailure
        /// No name server could be asked.
        case unreachable
    }

    package var kind: Kind
    package var name: String
    /// The name server that was asked last, with its port.
    package var server: String?
    /// What it says beyond the kind, such as a system call's failure.
    package var detail: String?

    package init(_ kind: Kind, _ name: String, server: String? = nil, detail: String? = nil) {
        self.kind = kind
        self.name = name
        self.server = server
        self.detail = detail
    }

    package var description: String {
        let reason =
            switch kind {
            case .noSuchHost: "no such host"
            case .timeout: "i/o timeout"
            case .serverFailure: "server misbehaving"
            case .unreachable: detail ?? "no name server can be reached"
            }
        return "lookup \(name)\(server.map { " on \($0)" } ?? ""): \(reason)"
    }
}
