internal import CSSL
internal import Values

/// What is wrong with a certificate, in the words of Go's `crypto/x509`.
enum CertificateText {
    /// Called by OpenSSL for each certificate: keeps the peer's own in the session when it is refused, since OpenSSL does not.
    static var remember: @convention(c) (CInt, OpaquePointer?) -> CInt {
        { isGood, verification in
            if isGood == 0 { cssl_remember_refused(verification) }
            return isGood
        }
    }

    /// Of a result of verification, `X509_V_ERR_…`.
    static func why(_ result: Int, host: String?, _ session: OpaquePointer) -> String {
        let certificate = cssl_refused(session)
        switch CInt(clamping: result) {
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "x509: \(mismatch(host ?? "", certificate))"
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
            return "x509: certificate has expired or is not yet valid: \(validity(certificate))"
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return "x509: certificate signed by unknown authority"
        case X509_V_ERR_INVALID_PURPOSE: return "x509: certificate specifies an incompatible key usage"
        case X509_V_ERR_CERT_CHAIN_TOO_LONG: return "x509: too many intermediates for path length constraint"
        default: return "x509: \(X509_verify_cert_error_string(result).map { String(cString: $0) } ?? "invalid certificate")"
        }
    }

    private static func mismatch(_ host: String, _ certificate: OpaquePointer?) -> String {
        let names = alternativeNames(certificate)
        if IPAddress(host) != nil {
            let addresses = names.filter(\.isAddress).map(\.text)
            if addresses.isEmpty { return "cannot validate certificate for \(host) because it doesn't contain any IP SANs" }
            return "certificate is valid for \(addresses.joined(separator: ", ")), not \(host)"
        }
        if names.isEmpty { return "certificate relies on legacy Common Name field, use SANs instead" }
        let valid = names.filter { !$0.isAddress }.map(\.text)
        if valid.isEmpty { return "certificate is not valid for any names, but wanted to match \(host)" }
        return "certificate is valid for \(valid.joined(separator: ", ")), not \(host)"
    }

    private static func alternativeNames(_ certificate: OpaquePointer?) -> [(text: String, isAddress: Bool)] {
        guard let certificate, let extensions = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(extensions)
        defer { cssl_free_general_names(names) }
        // As many as fit a message.
        return (0..<min(cssl_general_names_count(names), 50)).compactMap { index in
            guard let name = cssl_general_name(names, index), let value = cssl_general_name_string(name),
                let data = ASN1_STRING_get0_data(value)
            else { return nil }
            let bytes = Array(UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(value))))
            if cssl_general_name_type(name) == GEN_DNS { return (String(decoding: bytes, as: UTF8.self), false) }
            return IPAddress(bytes: bytes).map { ("\($0)", true) }
        }
    }

    private static func validity(_ certificate: OpaquePointer?) -> String {
        guard let certificate else { return "unknown validity" }
        var now = cssl_now()
        let isEarly = X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0
        let limit = isEarly ? X509_get0_notBefore(certificate) : X509_get0_notAfter(certificate)
        return "current time \(text(seconds: Int64(now))) is \(isEarly ? "before" : "after") \(text(limit))"
    }

    private static func text(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        var days: CInt = 0, seconds: CInt = 0
        guard let epoch = ASN1_TIME_set(nil, 0) else { return "?" }
        defer { ASN1_TIME_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return "?" }
        return text(seconds: Int64(days) * 86400 + Int64(seconds))
    }

    private static func text(seconds: Int64) -> String { Timestamp(seconds: seconds, nanoseconds: 0).description }

    /// RFC 2253, such as `CN=client,O=Example`.
    static func subject(_ certificate: OpaquePointer) -> String? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(bio) }
        guard X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, cssl_xn_flag_rfc2253()) >= 0 else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: cssl_bio_pending(bio)) { buffer, count in
            count = max(0, Int(BIO_read(bio, buffer.baseAddress, CInt(clamping: buffer.count))))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// RFC 8446 §6, in the words of Go's `crypto/tls`.
enum AlertText {
    static func words(_ number: CInt) -> String {
        switch number {
        case 10: "unexpected message"
        case 20: "bad record MAC"
        case 22: "record overflow"
        case 40: "handshake failure"
        case 42: "bad certificate"
        case 43: "unsupported certificate"
        case 44: "revoked certificate"
        case 45: "expired certificate"
        case 46: "unknown certificate"
        case 47: "illegal parameter"
        case 48: "unknown certificate authority"
        case 49: "access denied"
        case 50: "error decoding message"
        case 51: "error decrypting message"
        case 70: "protocol version not supported"
        case 71: "insufficient security level"
        case 80: "internal error"
        case 86: "inappropriate fallback"
        case 90: "user canceled"
        case 109: "missing extension"
        case 110: "unsupported extension"
        case 112: "unrecognized name"
        case 116: "certificate required"
        case 120: "no application protocol"
        default: "alert(\(number))"
        }
    }
}
