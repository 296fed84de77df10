import Archive
import Testing

/// Reading gzip with our own decoder of DEFLATE: RFC 1951 and 1952.
struct GzipTests {
    private static let text = Array(String(repeating: "the boats were lowered one by one, ", count: 900).utf8)
    /// Bytes that hardly repeat.
    private static let noise: [UInt8] = {
        var state: UInt32 = 7
        return (0..<200_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }()

    @Test(arguments: 1...9) func readsEveryLevel(_ level: Int) throws {
        for plain in [[], [7], Self.text, Self.noise, Self.noise + Self.text + Self.noise, [UInt8](repeating: 0, count: 1 << 20)] {
            let bytes = try compressed(plain, level)
            #expect(try decompressed(bytes) == plain)
            #expect(try decompressed(bytes + bytes + [0, 0]) == plain + plain, "two members and padding")
        }
    }

    @Test(arguments: [1, 3, 31, 4096]) func readsPieceByPiece(_ step: Int) throws {
        let plain = Self.text + Self.noise + Self.text
        let source = Trickle(try compressed(plain, 6), step)
        #expect(try BlockReader().bytes(of: Decompressor(source), limit: 1 << 24) == plain)
    }

    @Test func nothingIsWholeThatWasCut() throws {
        let bytes = try compressed(Self.text, 9)
        for count in 6..<bytes.count {
            #expect(throws: ArchiveError.self) { try decompressed(Array(bytes[..<count])) }
        }
    }

    @Test func noByteMayChange() throws {
        let bytes = try compressed(Self.text, 9)
        // The time, the flags of the compressor and the system's name in the header mean nothing.
        for index in bytes.indices where !(4..<10).contains(index) {
            var broken = bytes
            broken[index] ^= 0x10
            // Without its first bytes it is no gzip at all, and the last byte's unused bits mean nothing.
            guard let found = try? decompressed(broken) else { continue }
            #expect(index < 3 ? found == broken : found == Self.text, "byte \(index)")
        }
    }

    @Test func headersMayHoldMore() throws {
        let whole = try compressed(Self.text, 6)
        let body = whole[10...]
        let optional: [(flags: UInt8, fields: [UInt8])] = [
            (4, [3, 0, 1, 2, 3]), (8, Array("name\0".utf8)), (16, Array("comment\0".utf8)), (1, []),
            (28, [0, 0] + Array("name\0comment\0".utf8)),
        ]
        for (flags, fields) in optional {
            #expect(try decompressed([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3] + fields + body) == Self.text)
        }
        for flags in [2, 32, 64, 128] as [UInt8] {
            #expect(throws: ArchiveError.self) { try decompressed([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3, 0, 0] + body) }
        }
        #expect(throws: ArchiveError.self) { try decompressed([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 65, count: 1 << 20)) }
    }

    /// What RFC 1951 does not allow, each with a header of gzip before it.
    @Test(
        arguments: [
            ([0x07], "block type 3"),
            ([0x01, 5, 0, 0, 0], "stored lengths that disagree"),
            ([0x01, 5, 0, 0xfa, 0xff, 1], "a stored block that is cut"),
            ([0x03, 0x02, 0, 0], "a match that begins before the data"),
            ([0xff, 0xff, 0xff, 0xff], "too many symbols"),
            ([0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0], "a block without codes"),
            ([0xed, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "more codes than there can be"),
        ] as [([UInt8], String)])
    func refuses(_ deflated: [UInt8], _ what: String) {
        let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        for padding in [0, 8, 400] {
            #expect(throws: ArchiveError.self, "\(what)") { try decompressed(header + deflated + [UInt8](repeating: 0, count: padding)) }
        }
    }

    private func compressed(_ plain: [UInt8], _ level: Int) throws -> [UInt8] {
        let sink = MemorySink()
        let gzip = GzipSink(sink, level: level)
        try gzip.write(plain)
        try gzip.finish()
        return sink.bytes
    }

    private func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
        try BlockReader().bytes(of: Decompressor(MemorySource(bytes)), limit: 1 << 24)
    }
}

/// Gives a few bytes at a time.
private final class Trickle: ByteSource {
    private let source: MemorySource
    private let step: Int

    init(_ bytes: [UInt8], _ step: Int) { (source, self.step) = (MemorySource(bytes), step) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(step, buffer.count)]))
    }
}
