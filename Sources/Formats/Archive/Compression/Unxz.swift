internal import CLzma

/// Reading xz, stream after stream, with at most 128 MiB of memory (`xz -9` needs 65).
final class Unxz: ByteSource {
    static let memoryLimit: UInt64 = 128 << 20
    /// `LZMA_CONCATENATED`, a macro that Swift cannot import.
    private static let concatenated: UInt32 = 0x08
    private let input: InputBuffer
    private let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
    private var ended = false

    init(_ input: InputBuffer) throws {
        self.input = input
        stream.initialize(to: lzma_stream())
        let status = lzma_stream_decoder(stream, Self.memoryLimit, Self.concatenated)
        guard status == LZMA_OK else { throw ArchiveError("xz", Self.reason(status), at: 0) }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while !ended {
            try input.fill(atLeast: 1)
            let bytes = input.bytes
            stream.pointee.next_in = bytes.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_in = bytes.count
            stream.pointee.next_out = buffer.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = buffer.count
            let status = lzma_code(stream, bytes.isEmpty ? LZMA_FINISH : LZMA_RUN)
            input.use(bytes.count - stream.pointee.avail_in)
            let made = buffer.count - stream.pointee.avail_out
            switch status {
            case LZMA_OK: break
            case LZMA_STREAM_END: ended = true
            default: throw ArchiveError("xz", Self.reason(status), at: input.offset)
            }
            if made > 0 { return made }
        }
        return 0
    }

    private static func reason(_ status: lzma_ret) -> String {
        switch status {
        case LZMA_MEM_ERROR: "out of memory"
        case LZMA_MEMLIMIT_ERROR: "needs more than \(memoryLimit >> 20) MiB of memory"
        case LZMA_BUF_ERROR: "unexpected end of data"
        case LZMA_FORMAT_ERROR: "not an xz stream"
        case LZMA_OPTIONS_ERROR: "unsupported options"
        default: "invalid data"
        }
    }
}
