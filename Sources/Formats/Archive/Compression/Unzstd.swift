internal import CZstd

/// Reading zstd, RFC 8878, frame after frame, with windows of up to 128 MiB.
final class Unzstd: ByteSource {
    private let input: InputBuffer
    private let context: OpaquePointer
    /// True between frames, where the data may end.
    private var betweenFrames = true

    init(_ input: InputBuffer) throws {
        guard let context = ZSTD_createDStream() else { throw ArchiveError("zstd", "out of memory", at: 0) }
        self.context = context
        self.input = input
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 27)
    }

    deinit { ZSTD_freeDStream(context) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            try input.fill(atLeast: 1)
            let bytes = input.bytes
            if bytes.isEmpty, betweenFrames { return 0 }
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            let result = ZSTD_decompressStream(context, &target, &source)
            input.use(source.pos)
            if ZSTD_isError(result) != 0 { throw ArchiveError("zstd", String(cString: ZSTD_getErrorName(result)), at: input.offset) }
            betweenFrames = result == 0
            if target.pos > 0 { return target.pos }
            // The decoder may have had more to give than fitted; now it has not.
            if bytes.isEmpty, !betweenFrames { throw ArchiveError("zstd", "unexpected end of data", at: input.offset) }
        }
    }
}
