internal import CZlib

/// Compresses what is written as one gzip member, with no name and no time in its header, so that equal bytes stay equal.
package final class GzipSink: ByteSink {
    private let next: any ByteSink
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 4096)

    /// `level` as zlib's: 1 fast to 9 small.
    package init(_ next: any ByteSink, level: Int = 6) {
        self.next = next
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, CInt(max(1, min(9, level))), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { preconditionFailure("deflateInit2") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(1 << 30)
            try run(UnsafeRawBufferPointer(rebasing: piece), Z_NO_FLUSH)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Writes what is held back and the trailer; nothing may be written afterwards.
    package func finish() throws { try run(UnsafeRawBufferPointer(start: nil, count: 0), Z_FINISH) }

    private func run(_ bytes: UnsafeRawBufferPointer, _ flush: CInt) throws {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        repeat {
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            _ = deflate(stream, flush)
            let made = output.count - Int(stream.pointee.avail_out)
            if made > 0 { try next.write(UnsafeRawBufferPointer(rebasing: output[..<made])) }
        } while stream.pointee.avail_out == 0
    }
}
