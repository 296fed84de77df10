/// Whose certificates are believed.
package struct TLSTrust: Sendable, Hashable {
    /// The host's own bundle: see `SystemRoots`.
    package var system: Bool
    /// Further certificates, each element the text of a PEM file with one or more of them. One that is no authority's is believed
    /// for itself.
    package var extra: [[UInt8]]

    package init(system: Bool = true, extra: [[UInt8]] = []) {
        self.system = system
        self.extra = extra
    }
}

/// A certificate chain, own one first, and its private key, as PEM.
package struct TLSIdentity: Sendable, Hashable {
    package var certificates: [UInt8]
    package var key: [UInt8]

    package init(certificates: [UInt8], key: [UInt8]) {
        self.certificates = certificates
        self.key = key
    }
}

/// How a client speaks TLS to one host.
package struct TLSClientSettings: Sendable, Hashable {
    package var trust: TLSTrust
    /// For servers that ask who calls.
    package var identity: TLSIdentity?
    /// False believes anybody: only where somebody asked for just that.
    package var verifies: Bool
    /// ALPN names, best first.
    package var protocols: [String]

    package init(
        trust: TLSTrust = TLSTrust(), identity: TLSIdentity? = nil, verifies: Bool = true, protocols: [String] = ["http/1.1"]
    ) {
        self.trust = trust
        self.identity = identity
        self.verifies = verifies
        self.protocols = protocols
    }
}

/// How a server speaks TLS.
package struct TLSServerSettings: Sendable, Hashable {
    /// Whether clients must show a certificate.
    package enum ClientAuthentication: Sendable, Hashable {
        case none
        /// One that is shown must be signed by one of these (PEM); without `isRequired` none need be shown.
        case verified(by: [[UInt8]], isRequired: Bool = true)
    }

    package var identity: TLSIdentity
    package var clients: ClientAuthentication
    package var protocols: [String]

    package init(identity: TLSIdentity, clients: ClientAuthentication = .none, protocols: [String] = ["http/1.1"]) {
        self.identity = identity
        self.clients = clients
        self.protocols = protocols
    }
}
