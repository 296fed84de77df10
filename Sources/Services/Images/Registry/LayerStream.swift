internal import Archive
internal import AsyncIO
internal import Content
internal import Diagnostics
internal import Linux
internal import OCI

/// A layer's plain tar, read while its blob is still coming in: one thread reads the growing file, hashes and decompresses it, the reader's
/// thread does the rest. Its end is given only when the blob is what its digest says.
final class LayerStream: ByteSource {
    private let queue = BlockQueue()

    /// Reads `file` as far as `watermark` says that it goes. `passed` gets how many bytes of the blob have been used, now and then.
    init(_ file: OpenFile, _ watermark: Watermark, digest: Digest, passed: @escaping @Sendable (Int64) -> Void = { _ in }) throws {
        let isStarted = unsafe queue.start {
            let source = try VerifiedLayer(GrowingFile(file, watermark, passed), digest)
            return { buffer in try unsafe source.read(into: buffer) }
        }
        guard isStarted else { throw Fault(.unavailable, "no thread to decompress a layer in") }
    }

    deinit { queue.close() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try unsafe queue.read(into: buffer) }
}

/// A file that grows while it is read.
private final class GrowingFile: ByteSource {
    private let file: OpenFile
    private let watermark: Watermark
    private let passed: (Int64) -> Void
    private var offset: Int64 = 0
    private var end: Int64 = 0

    init(_ file: OpenFile, _ watermark: Watermark, _ passed: @escaping (Int64) -> Void) {
        self.file = file
        self.watermark = watermark
        self.passed = passed
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if offset == end { end = try watermark.wait(past: offset) }
        if offset == end { return 0 }
        let wanted = Int(min(Int64(buffer.count), end - offset))
        let count = try unsafe file.descriptor.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
        guard count > 0 else { throw Fault(.internal, "a blob got shorter while it was read") }
        offset += Int64(count)
        passed(offset)
        return count
    }
}

/// A blob's plain content; the blob is hashed as it passes, and its end is an error when it is not the right one.
private final class VerifiedLayer: ByteSource {
    private let blob: HashingSource
    private let plain: Decompressor
    private let expected: Digest

    init(_ source: any ByteSource, _ expected: Digest) throws {
        guard let algorithm = ContentHasher.Algorithm(rawValue: expected.algorithm) else { throw Fault(.invalid, "unsupported digest: \(expected)") }
        blob = HashingSource(source, algorithm)
        self.expected = expected
        do { plain = try Decompressor(blob) } catch { throw try Self.cause(error, blob, expected) }
        if plain.compression == .xz { throw Fault(.invalid, "the layer \(expected) is compressed with xz, for which manifests have no word") }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        do {
            let count = try unsafe plain.read(into: buffer)
            if count > 0 { return count }
        } catch { throw try Self.cause(error, blob, expected) }
        try BlockReader().drain(blob)
        guard blob.digest() == expected else { throw Self.mismatch(expected) }
        return 0
    }

    /// What is broken because it is not what was wanted is told as that.
    private static func cause(_ error: any Error, _ blob: HashingSource, _ expected: Digest) throws -> any Error {
        guard error is ArchiveError else { return error }
        try BlockReader().drain(blob)
        return blob.digest() == expected ? error : mismatch(expected)
    }

    private static func mismatch(_ digest: Digest) -> Fault { Fault(.invalid, "filesystem layer verification failed for digest \(digest)") }
}
