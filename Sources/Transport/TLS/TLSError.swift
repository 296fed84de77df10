/// Why there is no secure connection, or no more: in the words of Go's `crypto/tls` and `crypto/x509`, which Docker's users know.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What callers tell apart.
    package enum Kind: Sendable, Hashable {
        /// The peer's certificate is not believed.
        case untrusted
        /// The other side ended it: `remote error: tls: …`.
        case refusedByPeer
        /// What the other side speaks is not TLS.
        case notTLS
        /// What the other side speaks looks like HTTP without TLS.
        case plainHTTP
        /// The connection ended in the middle.
        case cut
        /// A certificate, key or bundle that was given cannot be used.
        case badSettings
        case other
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
