internal import CSSL
internal import Synchronization

/// What all connections of one kind share: certificates, keys and rules. Made once for each settings, since reading the host's
/// roots takes milliseconds.
package final class TLSContext: Sendable {
    /// An `SSL_CTX`, which OpenSSL lets several threads make sessions from once it is set up, as it is when `init` returns.
    nonisolated(unsafe) let pointer: OpaquePointer
    let isServer: Bool
    private let verifies: Bool

    /// A session that has not begun. `host` is what a client wants to reach, a name or an IP address: it is announced (SNI, names
    /// only) and what the certificate must be for.
    package func session(host: String? = nil) throws(TLSError) -> TLSSession {
        try TLSSession(self, host: isServer || !verifies ? nil : host, announcing: isServer ? nil : host)
    }

    /// For connections to servers. Throws `.badSettings`.
    package init(client settings: TLSClientSettings) throws(TLSError) {
        verifies = settings.verifies
        isServer = false
        pointer = try Self.make(TLS_client_method())
        try Self.setProtocols(pointer, settings.protocols)
        if let identity = settings.identity { try Self.use(identity, pointer) }
        SSL_CTX_set_verify(pointer, settings.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, CertificateText.remember)
        guard settings.verifies else { return }
        guard let store = X509_STORE_new() else { throw .library("X509_STORE_new") }
        // Go believes whatever certificate it was given, an authority's or not.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST))
        SSL_CTX_set_cert_store(pointer, store)  // The context owns the store now.
        for bundle in settings.trust.extra {
            guard PEM.add(bundle, to: store) > 0 else { throw TLSError(.badSettings, "no certificate found in CA bundle") }
        }
        if settings.trust.system { SystemRoots.add(to: store) }
    }

    /// For connections from clients. Throws `.badSettings`.
    package init(server settings: TLSServerSettings) throws(TLSError) {
        verifies = false
        isServer = true
        pointer = try Self.make(TLS_server_method())
        try Self.use(settings.identity, pointer)
        ALPN.choose(from: settings.protocols, pointer)
        // Resumption saves little here, and a ticket may arrive after its connection's last byte.
        SSL_CTX_set_num_tickets(pointer, 0)
        _ = SSL_CTX_set_options(pointer, cssl_op_no_ticket())
        guard case .verified(let authorities, let isRequired) = settings.clients else { return }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), CertificateText.remember)
        guard let store = X509_STORE_new() else { throw .library("X509_STORE_new") }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        SSL_CTX_set_cert_store(pointer, store)
        for bundle in authorities {
            guard PEM.add(bundle, to: store, announcingTo: pointer) > 0 else { throw TLSError(.badSettings, "no certificate found in CA bundle") }
        }
    }

    deinit { SSL_CTX_free(pointer) }

    private static func make(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
        OpenSSL.initialize()
        guard let context = SSL_CTX_new(method) else { throw .library("SSL_CTX_new") }
        _ = cssl_set_min_proto_version(context, TLS1_2_VERSION)
        _ = SSL_CTX_set_options(context, cssl_op_no_renegotiation())
        _ = cssl_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        SSL_CTX_set_quiet_shutdown(context, 0)
        return context
    }

    private static func setProtocols(_ context: OpaquePointer, _ protocols: [String]) throws(TLSError) {
        let list = ALPN.list(protocols)
        guard list.isEmpty || SSL_CTX_set_alpn_protos(context, list, UInt32(list.count)) == 0 else { throw .library("ALPN") }
    }

    private static func use(_ identity: TLSIdentity, _ context: OpaquePointer) throws(TLSError) {
        let chain = PEM.certificates(identity.certificates)
        guard let own = chain.first else {
            throw TLSError(.badSettings, "tls: failed to find any PEM data in certificate input")
        }
        guard SSL_CTX_use_certificate(context, own.pointer) == 1 else { throw .settings("tls: failed to parse certificate") }
        for issuer in chain.dropFirst() {
            // The context owns what is added, beside our own reference.
            X509_up_ref(issuer.pointer)
            if cssl_add0_chain_cert(context, issuer.pointer) != 1 { X509_free(issuer.pointer) }
        }
        guard let key = PEM.privateKey(identity.key) else {
            throw .settings("tls: failed to find any PEM data in key input, or the key is encrypted")
        }
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1 else {
            throw .settings("tls: private key does not match public key")
        }
    }
}

/// The library as a whole.
enum OpenSSL {
    private static let isInitialized: Bool = cssl_initialize() == 1

    /// Once, at the first use, which costs well under a millisecond; without openssl.cnf, whose modules a static program cannot load.
    static func initialize() { precondition(isInitialized, "OpenSSL cannot be used") }

    /// Forgets the errors of calls before, which OpenSSL keeps for each thread and mixes up with later ones.
    static func clearErrors() { ERR_clear_error() }
}

/// The protocols that ride on TLS: RFC 7301.
enum ALPN {
    /// Each name behind its length.
    static func list(_ names: [String]) -> [UInt8] {
        names.flatMap { name in (1...255).contains(name.utf8.count) ? [UInt8(name.utf8.count)] + name.utf8 : [] }
    }

    /// The first of `names` that the client offers; none, and that is fine, when it offers none of them.
    static func choose(from names: [String], _ context: OpaquePointer) {
        // A server of ours speaks HTTP/1.1 alone, so the choice needs no state of its own.
        guard names.contains("http/1.1") else { return }
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, out, outLength, offered, length, _ in
                guard let offered, let out, let outLength else { return SSL_TLSEXT_ERR_NOACK }
                var index = 0
                let bytes = UnsafeBufferPointer(start: offered, count: Int(length))
                while index < bytes.count {
                    let size = Int(bytes[index])
                    guard index + size < bytes.count else { break }
                    if bytes[(index + 1)...].prefix(size).elementsEqual("http/1.1".utf8) {
                        out.pointee = offered + index + 1
                        outLength.pointee = UInt8(size)
                        return SSL_TLSEXT_ERR_OK
                    }
                    index += size + 1
                }
                return SSL_TLSEXT_ERR_NOACK
            }, nil)
    }
}
