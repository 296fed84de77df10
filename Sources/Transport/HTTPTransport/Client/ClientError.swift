package import HTTP
package import HostNames
package import Linux
package import TLS

/// Why a request to a server got no whole answer. Printed as Go's `net/http` prints it, which is what Docker's users compare.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Kind: Sendable, Hashable {
        /// The host's name has no address.
        case lookup(LookupError.Kind)
        /// No connection to the host, or to the proxy.
        case connect(Errno)
        /// Connecting, agreeing on TLS, waiting for an answer, or waiting for more of it took too long.
        case timeout
        case tls(TLSError.Kind)
        /// `https` was asked for, and the server speaks plain HTTP.
        case plainHTTP
        /// The proxy would not connect.
        case proxy
        case redirect
        /// The answer breaks the rules of HTTP.
        case malformed
        /// The connection ended too early.
        case cut
        /// The answer is longer than the caller takes.
        case tooLarge
    }

    package var kind: Kind
    /// Why, such as `dial tcp 127.0.0.1:5000: connect: connection refused`.
    package var message: String
    package var method: Method?
    package var url: URL?

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// `Get "https://example.org/v2/": ` and why.
    package var description: String {
        guard let method, let url else { return message }
        let verb = method.rawValue.prefix(1) + method.rawValue.dropFirst().lowercased()
        // Parameters may hold what others must not see, such as the signature of a link to a storage service.
        return "\(verb) \"\(url.origin)\(url.path)\": \(message)"
    }

    /// Trying again may help: the connection failed or was lost, or took too long.
    package var isTemporary: Bool {
        switch kind {
        case .timeout, .cut, .connect: true
        case .lookup(let kind): kind != .noSuchHost
        default: false
        }
    }
}

extension ClientError {
    /// What `error`, thrown while something was sent or received, comes to. Nil for what is no failure of the exchange.
    init?(_ error: any Error, isResponseBegun: Bool) {
        switch error {
        case let error as ClientError: self = error
        case let error as TLSError:
            switch error.kind {
            case .plainHTTP: self.init(.plainHTTP, "http: server gave HTTP response to HTTPS client")
            case .cut: self.init(.cut, error.message)
            default: self.init(.tls(error.kind), error.message)
            }
        case let error as LookupError: self.init(.lookup(error.kind), "dial tcp: \(error)")
        case is EndOfStream: self.init(.cut, "EOF")
        case let error as HTTPError:
            // The decoder knows one thing that is no breach of rules: an early end.
            self.init(error.isUnexpectedEnd ? .cut : .malformed, error.isUnexpectedEnd ? "unexpected EOF" : "net/http: \(error.message)")
        case let error as SyscallError:
            switch error.call {
            case "recv", "read": self.init(.cut, "read tcp: read: \(error.errno)")
            case "send", "write", "sendfile": self.init(.cut, "write tcp: write: \(error.errno)")
            default: return nil
            }
        default: return nil
        }
    }
}
