/// How a stream is compressed, told by its first bytes and by nothing else.
package enum Compression: Sendable, Hashable {
    case none, gzip, zstd, xz

    /// Bytes that `init(magic:)` wants to see.
    package static let magicLength = 6

    /// The form that starts with these bytes; throws for forms that we know and do not read.
    package init(magic: UnsafeRawBufferPointer) throws(ArchiveError) {
        func starts(_ bytes: [UInt8]) -> Bool { magic.starts(with: bytes) }
        if starts([0x1f, 0x8b, 0x08]) {
            self = .gzip
        } else if starts([0x28, 0xb5, 0x2f, 0xfd]) || (magic.count >= 4 && magic[0] & 0xf0 == 0x50 && starts([magic[0], 0x2a, 0x4d, 0x18])) {
            self = .zstd
        } else if starts([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            self = .xz
        } else if starts([0x42, 0x5a, 0x68]) {
            throw ArchiveError("bzip2", "this compression is not supported", at: 0)
        } else {
            self = .none
        }
    }
}

/// The plain bytes of a source, whatever it is compressed with: gzip (several members too), zstd, xz or nothing.
///
/// Memory stays bounded: windows of at most 128 MiB.
package final class Decompressor: ByteSource {
    /// What was found.
    package let compression: Compression
    private let stage: any ByteSource

    package init(_ source: any ByteSource) throws {
        let input = InputBuffer(source)
        try input.fill(atLeast: Compression.magicLength)
        compression = try Compression(magic: input.bytes)
        stage =
            switch compression {
            case .none: input
            case .gzip: try Gunzip(input)
            case .zstd: try Unzstd(input)
            case .xz: try Unxz(input)
            }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try stage.read(into: buffer) }
}

/// Compressed input, held until a decoder has used it.
final class InputBuffer: ByteSource {
    /// So many bytes behind what is there may be read; behind the end they are zero.
    static let slack = 32

    private let source: any ByteSource
    private var storage: UnsafeMutableRawBufferPointer
    private var filled = 0..<0
    private(set) var atEnd = false
    /// Bytes of the stream used so far.
    private(set) var offset: UInt64 = 0

    init(_ source: any ByteSource) {
        self.source = source
        storage = .allocate(byteCount: 128 << 10 + Self.slack, alignment: 4096)
    }

    deinit { storage.deallocate() }

    /// What is there and unused.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[filled]) }

    func use(_ count: Int) {
        filled = (filled.lowerBound + count)..<filled.upperBound
        offset += UInt64(count)
    }

    /// Reads until `count` bytes are there or the source has ended. The buffer grows to `count` when it must.
    func fill(atLeast count: Int) throws {
        if filled.count >= count || atEnd { return }
        if count > storage.count - Self.slack {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count + Self.slack, alignment: 4096)
            larger.copyMemory(from: bytes)
            storage.deallocate()
            storage = larger
        } else if filled.lowerBound > 0, !filled.isEmpty {
            UnsafeMutableRawBufferPointer(rebasing: storage[..<filled.count]).copyMemory(from: bytes)
        }
        filled = 0..<filled.count
        while filled.count < count {
            let read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: storage[filled.upperBound..<(storage.count - Self.slack)]))
            if read == 0 {
                atEnd = true
                for index in filled.upperBound..<(filled.upperBound + Self.slack) { storage[index] = 0 }
                return
            }
            filled = 0..<(filled.upperBound + read)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if filled.isEmpty {
            if atEnd { return 0 }
            return try source.read(into: buffer)
        }
        let count = min(filled.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[filled.lowerBound..<(filled.lowerBound + count)]))
        use(count)
        return count
    }
}
