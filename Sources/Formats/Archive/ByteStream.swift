/// Where bytes come from: a file, a socket, or another source that this one decompresses or hashes.
package protocol ByteSource: AnyObject {
    /// Puts at least one byte at the start of `buffer` and tells how many; 0 only at the end. `buffer` is never empty.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Where bytes go.
package protocol ByteSink: AnyObject {
    /// Takes every byte or throws.
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

extension ByteSink {
    /// Takes every byte of an array or throws.
    package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
}

/// Bytes in memory as a source.
package final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]).copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<(position + count)])) }
        position += count
        return count
    }
}

/// Memory as a sink, up to a limit.
package final class MemorySink: ByteSink {
    package private(set) var bytes: [UInt8] = []
    private let limit: Int

    package init(limit: Int = .max) { self.limit = limit }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count <= limit - self.bytes.count else { throw ArchiveError("data", "more than \(limit) bytes", at: UInt64(self.bytes.count)) }
        self.bytes.append(contentsOf: bytes)
    }
}

/// A source's bytes passed on in blocks of up to 256 KiB, to whoever has no buffer of their own.
package struct BlockReader: ~Copyable {
    /// The largest block, in bytes.
    package static let blockSize = 256 << 10
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 4096)

    package init() {}
    deinit { buffer.deallocate() }

    /// Writes everything that `source` still has to `sink`, and tells how many bytes that were.
    @discardableResult
    package borrowing func copy(_ source: any ByteSource, to sink: any ByteSink) throws -> Int64 {
        var total: Int64 = 0
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { return total }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
        }
    }

    /// Reads to the end of `source`, keeping nothing.
    package borrowing func drain(_ source: any ByteSource) throws {
        while try source.read(into: buffer) > 0 {}
    }

    /// Everything that `source` still has; throws past `limit` bytes.
    package borrowing func bytes(of source: any ByteSource, limit: Int) throws -> [UInt8] {
        let sink = MemorySink(limit: limit)
        try copy(source, to: sink)
        return sink.bytes
    }
}
