internal import CSSL

/// An `X509`, owned.
final class Certificate {
    let pointer: OpaquePointer
    init(owning pointer: OpaquePointer) { self.pointer = pointer }
    deinit { X509_free(pointer) }
}

/// Certificates and keys as text: RFC 7468.
enum PEM {
    /// How many certificates a bundle may have, and how many bytes.
    private static let certificateLimit = 4096
    private static let byteLimit = 16 << 20

    /// Those that can be read, in order; what else stands in the text is passed over.
    static func certificates(_ text: [UInt8]) -> [Certificate] {
        guard let bio = memory(text) else { return [] }
        defer {
            BIO_free(bio)
            OpenSSL.clearErrors()
        }
        var result: [Certificate] = []
        while result.count < certificateLimit, cssl_bio_pending(bio) > 0 {
            // Passes over what is no certificate; fails at the end, and on one that is broken, after which the next may be whole.
            if let certificate = PEM_read_bio_X509(bio, nil, { _, _, _, _ in -1 }, nil) { result.append(Certificate(owning: certificate)) }
        }
        return result
    }

    /// Adds every certificate of a bundle to those believed, and to those that `context` tells clients about; gives how many there were.
    static func add(_ text: [UInt8], to store: OpaquePointer, announcingTo context: OpaquePointer? = nil) -> Int {
        let all = certificates(text)
        for certificate in all {
            // One that is there already is no error.
            X509_STORE_add_cert(store, certificate.pointer)
            if let context { SSL_CTX_add_client_CA(context, certificate.pointer) }
        }
        OpenSSL.clearErrors()
        return all.count
    }

    /// The first private key, which must not be encrypted: nobody is there to type a password. The caller frees it.
    static func privateKey(_ text: [UInt8]) -> OpaquePointer? {
        guard let bio = memory(text) else { return nil }
        defer { BIO_free(bio) }
        return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }

    private static func memory(_ text: [UInt8]) -> OpaquePointer? {
        guard !text.isEmpty, text.count <= byteLimit, let bio = BIO_new(BIO_s_mem()) else { return nil }
        guard BIO_write(bio, text, CInt(text.count)) == CInt(text.count) else {
            BIO_free(bio)
            return nil
        }
        return bio
    }
}
