internal import CDeflate

/// Reading gzip, RFC 1952, member after member.
final class Gunzip: ByteSource {
    /// No header is longer; names and comments in it mean nothing here.
    private static let headerLimit = 128 << 10

    private let input: InputBuffer
    private let inflate: Inflate
    private var piece = UnsafeRawBufferPointer(start: nil, count: 0)
    private var checksum: UInt32 = 0
    private var size: UInt32 = 0
    private var ended = false

    init(_ input: InputBuffer) throws {
        self.input = input
        inflate = Inflate(input)
        try readHeader()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while piece.isEmpty {
            if ended { return 0 }
            if let next = try inflate.next() {
                piece = next
                checksum = libdeflate_crc32(checksum, next.baseAddress, next.count)
                size &+= UInt32(truncatingIfNeeded: next.count)
            } else {
                try readTrailer()
                try nextMember()
            }
        }
        let count = min(piece.count, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[..<count]))
        piece = UnsafeRawBufferPointer(rebasing: piece[count...])
        return count
    }

    private func error(_ reason: String) -> ArchiveError { ArchiveError("gzip", reason, at: input.offset) }

    private func readHeader() throws {
        var header: [UInt8] = []
        func take(_ count: Int) throws -> ArraySlice<UInt8> {
            for _ in 0..<count {
                try input.fill(atLeast: 1)
                guard let byte = input.bytes.first else { throw error("unexpected end of data") }
                guard header.count < Self.headerLimit else { throw error("header too long") }
                header.append(byte)
                input.use(1)
            }
            return header.suffix(count)
        }
        guard try take(3).elementsEqual([0x1f, 0x8b, 8]) else { throw error("unknown compression method") }
        let flags = try take(7).first ?? 0
        guard flags & 0xe0 == 0 else { throw error("unknown header flags set") }
        if flags & 4 != 0 { _ = try take(try take(2).reversed().reduce(0) { $0 << 8 | Int($1) }) }
        for text in [8, 16] as [UInt8] where flags & text != 0 { while try take(1) != [0] {} }
        if flags & 2 != 0 {
            let expected = header.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) } & 0xffff
            guard try take(2).reversed().reduce(0, { $0 << 8 | UInt32($1) }) == expected else { throw error("header crc mismatch") }
        }
        (checksum, size) = (0, 0)
        inflate.begin()
    }

    private func readTrailer() throws {
        func number() throws -> UInt32 { UInt32(try inflate.take(16) | inflate.take(16) << 16) }
        guard try number() == checksum else { throw error("incorrect data check") }
        guard try number() == size else { throw error("incorrect length check") }
    }

    /// After a member: another one, padding with zeros, or the end.
    private func nextMember() throws {
        try input.fill(atLeast: 2)
        if input.bytes.count >= 2, input.bytes[0] == 0x1f, input.bytes[1] == 0x8b { return try readHeader() }
        ended = true
        while !input.bytes.isEmpty {
            guard input.bytes.allSatisfy({ $0 == 0 }) else { throw error("garbage after the data") }
            input.use(input.bytes.count)
            try input.fill(atLeast: 1)
        }
    }
}
