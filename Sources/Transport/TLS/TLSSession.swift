internal import CSSL
internal import Values

/// One side of a TLS connection without any I/O: what came from the peer goes in by `receive`, what must go to the peer comes out by
/// `takeOutput`, which the caller empties after every call, also after one that threw, since that may be the alert that tells why.
package struct TLSSession: ~Copyable, Sendable {
    /// What a call found.
    package enum Progress: Sendable, Hashable {
        case done
        /// More of the peer's bytes are needed.
        case needsInput
    }

    /// What the peer has sent.
    package enum Received: Sendable, Hashable {
        case bytes([UInt8])
        case needsInput
        /// The peer said that nothing more comes.
        case end
    }

    // An `SSL`, used by the one owner of this value at a time. It owns the two BIOs.
    private nonisolated(unsafe) let pointer: OpaquePointer
    private nonisolated(unsafe) let input: OpaquePointer
    private nonisolated(unsafe) let output: OpaquePointer
    /// Whose certificates these are must outlive the session.
    private let context: TLSContext
    private let host: String?
    /// The first bytes that came, for telling what the peer speaks instead of TLS.
    private var firstBytes: [UInt8] = []

    init(_ context: TLSContext, host: String?, announcing name: String?) throws(TLSError) {
        self.context = context
        self.host = host
        (pointer, input, output) = try Self.make(context)
        let session = pointer
        if context.isServer { SSL_set_accept_state(session) } else { SSL_set_connect_state(session) }
        if let name, IPAddress(name) == nil { _ = cssl_set_tlsext_host_name(session, name) }
        if let host { Self.expect(host, session) }
    }

    private static func make(_ context: TLSContext) throws(TLSError) -> (OpaquePointer, OpaquePointer, OpaquePointer) {
        guard let session = SSL_new(context.pointer) else { throw .library("SSL_new") }
        guard let input = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            throw .library("BIO_new")
        }
        guard let output = BIO_new(BIO_s_mem()) else {
            BIO_free(input)
            SSL_free(session)
            throw .library("BIO_new")
        }
        SSL_set_bio(session, input, output)  // The session owns both now.
        return (session, input, output)
    }

    /// Whom the certificate must be for. What is no valid name matches none.
    private static func expect(_ host: String, _ session: OpaquePointer) {
        if IPAddress(host) != nil {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host)
        } else {
            SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
            precondition(SSL_set1_host(session, host) == 1, "out of memory")
        }
    }

    deinit {
        X509_free(cssl_refused(pointer))
        SSL_free(pointer)
    }

    // MARK: The peer's side

    /// Takes bytes that came from the peer.
    package mutating func receive(_ bytes: [UInt8]) {
        if firstBytes.count < 5 { firstBytes += bytes.prefix(5 - firstBytes.count) }
        // A memory BIO takes everything; only a process without memory gets less in, and then the record does not verify.
        if !bytes.isEmpty { BIO_write(input, bytes, CInt(clamping: bytes.count)) }
    }

    /// What is to be sent to the peer now; empty when there is nothing.
    package mutating func takeOutput() -> [UInt8] {
        let pending = cssl_bio_pending(output)
        if pending == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: pending) { buffer, count in
            count = max(0, Int(BIO_read(output, buffer.baseAddress, CInt(clamping: pending))))
        }
    }

    // MARK: Our side

    /// Goes on with the handshake.
    package mutating func handshake() throws(TLSError) -> Progress {
        OpenSSL.clearErrors()
        let result = SSL_do_handshake(pointer)
        if result == 1 { return .done }
        if SSL_get_error(pointer, result) == SSL_ERROR_WANT_READ { return .needsInput }
        throw failure()
    }

    /// Up to `limit` bytes that the peer has sent.
    package mutating func read(upTo limit: Int) throws(TLSError) -> Received {
        OpenSSL.clearErrors()
        var result: CInt = 1
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            while count < limit {
                result = SSL_read(pointer, buffer.baseAddress.map { $0 + count }, CInt(clamping: limit - count))
                if result <= 0 { break }
                count += Int(result)
            }
        }
        if !bytes.isEmpty { return .bytes(bytes) }
        switch SSL_get_error(pointer, result) {
        case SSL_ERROR_WANT_READ: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .end
        default: throw failure()
        }
    }

    /// Encrypts all of `bytes`. Before the handshake is done this throws.
    package mutating func write(_ bytes: ArraySlice<UInt8>) throws(TLSError) {
        OpenSSL.clearErrors()
        let result = bytes.withUnsafeBytes { buffer -> CInt in
            buffer.isEmpty ? 1 : SSL_write(pointer, buffer.baseAddress, CInt(clamping: buffer.count))
        }
        // Without SSL_MODE_ENABLE_PARTIAL_WRITE it is all or nothing, and a memory BIO never says "later".
        if result <= 0 { throw failure() }
    }

    /// Tells the peer that nothing more comes from here. Reading may go on.
    package mutating func endWriting() {
        OpenSSL.clearErrors()
        _ = SSL_shutdown(pointer)
    }

    /// The error that it is when the peer's bytes have ended now.
    package func cut() -> TLSError { TLSError(.cut, SSL_is_init_finished(pointer) == 1 ? "unexpected EOF" : "EOF") }

    // MARK: What was agreed on

    /// The ALPN name that both sides chose.
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(pointer, &name, &length)
        return name.map { String(decoding: UnsafeBufferPointer(start: $0, count: Int(length)), as: UTF8.self) }
    }

    /// Such as `TLSv1.3`.
    package var version: String { SSL_get_version(pointer).map { String(cString: $0) } ?? "" }

    /// The peer's subject, such as `CN=client`; nil when it has shown no certificate.
    package var peerSubject: String? {
        guard let certificate = SSL_get1_peer_certificate(pointer) else { return nil }
        defer { X509_free(certificate) }
        return CertificateText.subject(certificate)
    }

    // MARK: Errors

    private func failure() -> TLSError {
        defer { OpenSSL.clearErrors() }
        let error = ERR_peek_error()
        let reason = cssl_get_error_reason(error)
        let isTLS = cssl_get_error_library(error) == ERR_LIB_SSL
        let result = SSL_get_verify_result(pointer)
        if isTLS, reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            let words = CertificateText.why(Int(result), host: host, pointer)
            return TLSError(.untrusted, context.isServer ? "tls: failed to verify client certificate: \(words)" : "tls: failed to verify certificate: \(words)")
        }
        // OpenSSL reports an alert that came as 1000 and its number.
        if isTLS, reason >= 1000, reason < 1256 {
            return TLSError(.refusedByPeer, "remote error: tls: \(AlertText.words(reason - 1000))")
        }
        if isTLS, reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE {
            return TLSError(.untrusted, "tls: client didn't provide a certificate")
        }
        if SSL_is_init_finished(pointer) == 0, let first = firstBytes.first, first != 22, first != 21 {
            let isHTTP = [Array("HTTP/".utf8), Array("GET ".utf8), Array("HEAD ".utf8), Array("POST ".utf8), Array("PUT ".utf8), Array("OPTIO".utf8)]
                .contains { firstBytes.starts(with: $0) }
            return TLSError(isHTTP ? .plainHTTP : .notTLS, "tls: first record does not look like a TLS handshake")
        }
        if isTLS, [SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_VERSION_NUMBER, SSL_R_VERSION_TOO_LOW].contains(reason) {
            return TLSError(.other, "tls: no supported versions satisfy MinVersion and MaxVersion")
        }
        if isTLS, reason == SSL_R_UNEXPECTED_EOF_WHILE_READING { return cut() }
        let text = error == 0 ? nil : ERR_reason_error_string(error)
        return TLSError(.other, "tls: \(text.map { String(cString: $0) } ?? "connection broken")")
    }
}

extension TLSError {
    /// A call that fails for want of memory only.
    static func library(_ call: String) -> TLSError { TLSError(.other, "tls: \(call) failed") }

    /// Settings that cannot be used. OpenSSL's own words would name its functions.
    static func settings(_ message: String) -> TLSError {
        OpenSSL.clearErrors()
        return TLSError(.badSettings, message)
    }
}
