internal import CCrypto
internal import Diagnostics
internal import Linux

/// Certificates that are trusted to sign, and the keys in them.
final class CertificateBundle: @unchecked Sendable {
    // Sendable: nothing is changed after `init`, and OpenSSL counts references to these objects with atomics.
    private let store: OpaquePointer
    private var keys: [OpaquePointer] = []

    /// Reads every PEM certificate of a file.
    init(path: String) throws {
        let bytes = try FileSystem.read(path, limit: 4 << 20)
        guard let store = X509_STORE_new() else { throw Fault(.internal, "out of memory") }
        self.store = store
        // Its only failure is want of memory, which the next call tells of too.
        _ = ccrypto_initialize()
        let input = BIO_new_mem_buf(bytes, CInt(bytes.count))
        defer { BIO_free(input) }
        while let certificate = PEM_read_bio_X509(input, nil, nil, nil) {
            X509_STORE_add_cert(store, certificate)
            if let key = X509_get_pubkey(certificate) { keys.append(key) }
            X509_free(certificate)
        }
        ERR_clear_error()
        guard !keys.isEmpty else { throw Fault(.invalid, "no certificates in \(path)") }
    }

    deinit {
        for key in keys { EVP_PKEY_free(key) }
        X509_STORE_free(store)
    }

    /// Whether the signature is right. With `chain` (DER, the signer's certificate first) it must be the signer's and the chain end in
    /// the bundle; without it any key of the bundle will do.
    func verify(_ message: [UInt8], _ signature: [UInt8], _ algorithm: SignatureAlgorithm, chain: [[UInt8]]?) -> Bool {
        defer { ERR_clear_error() }
        if let chain {
            guard let key = signer(chain) else { return false }
            defer { EVP_PKEY_free(key) }
            return Signature.verify(message, signature, algorithm, key)
        }
        return keys.contains { Signature.verify(message, signature, algorithm, $0) }
    }

    /// The key of the chain's first certificate; nil when the chain cannot be trusted. The caller frees it.
    private func signer(_ chain: [[UInt8]]) -> OpaquePointer? {
        var certificates: [OpaquePointer] = []
        defer { for certificate in certificates { X509_free(certificate) } }
        for bytes in chain {
            let certificate = bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
                var pointer = buffer.baseAddress
                return d2i_X509(nil, &pointer, buffer.count)
            }
            guard let certificate else { return nil }
            certificates.append(certificate)
        }
        guard let first = certificates.first, let context = X509_STORE_CTX_new(), let others = OPENSSL_sk_new_null() else { return nil }
        defer {
            X509_STORE_CTX_free(context)
            OPENSSL_sk_free(others)
        }
        for certificate in certificates.dropFirst() { OPENSSL_sk_push(others, UnsafeRawPointer(certificate)) }
        guard X509_STORE_CTX_init(context, store, first, others) == 1, X509_verify_cert(context) == 1 else { return nil }
        return X509_get_pubkey(first)
    }
}

/// Signatures by public keys.
enum Signature {
    /// Whether `key` made the signature of `message`. A key of another kind than the algorithm's has made none.
    static func verify(_ message: [UInt8], _ signature: [UInt8], _ algorithm: SignatureAlgorithm, _ key: OpaquePointer) -> Bool {
        // A key must not be used in a way that it was not made for, whatever the token says.
        guard EVP_PKEY_get_base_id(key) == (algorithm.isEllipticCurve ? EVP_PKEY_EC : EVP_PKEY_RSA) else { return false }
        var signature = signature
        if algorithm.isEllipticCurve {
            let bits = EVP_PKEY_get_bits(key)
            guard signature.count == 2 * algorithm.numberBytes, Int(bits + 7) / 8 == algorithm.numberBytes else { return false }
            let r = DER.integer(signature.prefix(algorithm.numberBytes)), s = DER.integer(signature.suffix(algorithm.numberBytes))
            signature = DER.element(0x30, r + s)
        }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, algorithm.hash, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// What little of ASN.1 keys and signatures take: X.690, the distinguished rules.
enum DER {
    /// A positive number: §8.3.
    static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return element(0x02, digits)
    }

    /// §8.1, for less than 64 KiB.
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
        return [tag, 0x82, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + content
    }
}
