internal import CCrypto
package import OCI
internal import Values

/// The hash of bytes as they pass, SHA-256 unless asked for another, by OpenSSL, which uses the processor's instructions for it.
package final class ContentHasher {
    private let context: OpaquePointer
    private let algorithm: Algorithm

    /// What digests are made with: image-spec, descriptor.md, "Registered algorithms".
    package enum Algorithm: String, Sendable { case sha256, sha384, sha512 }

    package init(_ algorithm: Algorithm = .sha256) {
        // It fails only when memory runs out, as the calls below do.
        precondition(Self.isReady, "OPENSSL_init_crypto")
        let type =
            switch algorithm {
            case .sha256: EVP_sha256()
            case .sha384: EVP_sha384()
            case .sha512: EVP_sha512()
            }
        // Both fail only when memory runs out.
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, type, nil) == 1 else { preconditionFailure("EVP_DigestInit_ex") }
        self.context = context
        self.algorithm = algorithm
    }

    private static let isReady = ccrypto_initialize() == 1

    deinit { EVP_MD_CTX_free(context) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of all bytes so far; nothing may be added afterwards.
    package func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        _ = EVP_DigestFinal_ex(context, &bytes, &count)
        guard let digest = Digest("\(algorithm.rawValue):\(Hex.encode(Array(bytes.prefix(Int(count)))))") else { preconditionFailure("a hash is a digest") }
        return digest
    }

    /// The sha256 digest of bytes in memory.
    package static func digest(_ bytes: [UInt8]) -> Digest { digest(bytes, .sha256) }

    /// The digest of bytes in memory.
    package static func digest(_ bytes: [UInt8], _ algorithm: Algorithm) -> Digest {
        let hasher = ContentHasher(algorithm)
        hasher.update(bytes)
        return hasher.finish()
    }
}

/// Passes a source on, and tells afterwards what it was.
package final class HashingSource: ByteSource {
    private let source: any ByteSource
    private let hasher: ContentHasher
    /// Bytes passed so far.
    package private(set) var count: Int64 = 0

    package init(_ source: any ByteSource, _ algorithm: ContentHasher.Algorithm = .sha256) {
        self.source = source
        hasher = ContentHasher(algorithm)
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let read = try source.read(into: buffer)
        hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<read]))
        count += Int64(read)
        return read
    }

    /// The digest of what has passed; for once, at the end.
    package func digest() -> Digest { hasher.finish() }
}

/// Hashes what is written, and passes it on when there is anywhere to pass it to.
package final class HashingSink: ByteSink {
    private let next: (any ByteSink)?
    private let hasher = ContentHasher()
    /// Bytes passed so far.
    package private(set) var count: Int64 = 0

    package init(_ next: (any ByteSink)? = nil) { self.next = next }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        hasher.update(bytes)
        count += Int64(bytes.count)
        try next?.write(bytes)
    }

    /// The digest of what has passed; for once, at the end.
    package func digest() -> Digest { hasher.finish() }
}
