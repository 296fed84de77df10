internal import TLS

/// How a client and an engine elsewhere speak TLS, if they do.
protocol EngineTLS: Sendable {
    var isUsed: Bool { get }
    /// Throws for files that are missing or say nothing.
    func client() throws -> TLSClientSettings
}

/// TLS with the files of a context.
struct ContextTLS: EngineTLS {
    let material: ContextStore.Material
    let skipsVerification: Bool

    var isUsed: Bool { !material.isEmpty || skipsVerification }

    func client() throws -> TLSClientSettings {
        var settings = TLSClientSettings(verifies: !skipsVerification)
        if let authority = material["ca.pem"] {
            guard authority.contains("-----BEGIN CERTIFICATE-----") else { throw Invalid("failed to retrieve context tls info: ca.pem seems invalid") }
            settings.trust = TLSTrust(system: false, extra: [authority])
        }
        if let certificates = material["cert.pem"], let key = material["key.pem"] {
            guard key.contains("PRIVATE KEY-----") else { throw Invalid("no valid private key found") }
            settings.identity = TLSIdentity(certificates: certificates, key: key)
        }
        return settings
    }

    /// Throws for files that no connection could be made with.
    func check() throws {
        do { _ = try TLSContext(client: try client()) } catch let error as TLSError {
            throw Invalid("failed to retrieve context tls info: \(error)")
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }
}
