internal import CDeflate
internal import CZlib

/// Reading gzip, RFC 1952.
enum Gunzip {
    /// Compressed streams up to this many bytes are read whole and inflated by libdeflate, at over twice the speed of zlib.
    static let wholeLimit = 4 << 20
    /// And only when they say to become no more than this many bytes.
    static let wholeOutputLimit = 32 << 20

    /// The better of the two ways for what comes.
    static func source(_ input: InputBuffer) throws -> any ByteSource {
        try input.fill(atLeast: wholeLimit)
        guard input.atEnd, input.bytes.count < wholeLimit, let whole = try WholeGunzip(input) else { return StreamingGunzip(input) }
        return whole
    }
}

/// One gzip member that lies in memory, inflated at once.
private final class WholeGunzip: ByteSource {
    private let output: UnsafeMutableRawBufferPointer
    private let count: Int
    private var position = 0

    /// Nil when it is more than one member, says to be too large, or is broken: then the other way has the words for it.
    init?(_ input: InputBuffer) throws {
        let bytes = input.bytes
        guard bytes.count >= 18 else { return nil }
        // The size modulo 2³² stands at the end; a lie about it makes libdeflate refuse.
        let size = (0..<4).reduce(0) { $0 | Int(bytes[bytes.count - 4 + $1]) << (8 * $1) }
        guard size <= Gunzip.wholeOutputLimit, let decompressor = libdeflate_alloc_decompressor() else { return nil }
        defer { libdeflate_free_decompressor(decompressor) }
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, 1), alignment: 4096)
        var used = 0, made = 0
        let result = libdeflate_gzip_decompress_ex(decompressor, bytes.baseAddress, bytes.count, output.baseAddress, size, &used, &made)
        guard result == LIBDEFLATE_SUCCESS, used == bytes.count else {
            output.deallocate()
            return nil
        }
        input.use(used)
        self.output = output
        count = made
    }

    deinit { output.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let step = min(buffer.count, count - position)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: output[position..<(position + step)]))
        position += step
        return step
    }
}

/// Any gzip stream, member after member, by zlib.
private final class StreamingGunzip: ByteSource {
    private let input: InputBuffer
    // zlib keeps a pointer to the structure itself, so it must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var ended = false

    init(_ input: InputBuffer) {
        self.input = input
        stream.initialize(to: z_stream())
        // 16 asks for the gzip wrapping, 15 for the largest window. Fails only when memory runs out.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else { preconditionFailure("inflateInit2") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while !ended {
            try input.fill(atLeast: 1)
            let bytes = input.bytes
            if bytes.isEmpty { throw ArchiveError("gzip", "unexpected end of data", at: input.offset) }
            // zlib does not write through next_in; its type only lacks the const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            stream.pointee.next_out = buffer.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(clamping: buffer.count)
            let status = inflate(stream, Z_NO_FLUSH)
            input.use(bytes.count - Int(stream.pointee.avail_in))
            let made = min(buffer.count, Int(UInt32.max)) - Int(stream.pointee.avail_out)
            switch status {
            case Z_OK, Z_BUF_ERROR: if made > 0 { return made }
            case Z_STREAM_END:
                try nextMember()
                if made > 0 { return made }
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "invalid data"
                throw ArchiveError("gzip", reason, at: input.offset)
            }
        }
        return 0
    }

    /// After a member: another one, padding with zeros, or the end.
    private func nextMember() throws {
        try input.fill(atLeast: 2)
        if input.bytes.count >= 2, input.bytes[0] == 0x1f, input.bytes[1] == 0x8b {
            inflateReset(stream)
            return
        }
        ended = true
        while !input.bytes.isEmpty {
            guard input.bytes.allSatisfy({ $0 == 0 }) else { throw ArchiveError("gzip", "garbage after the data", at: input.offset) }
            input.use(input.bytes.count)
            try input.fill(atLeast: 1)
        }
    }
}
