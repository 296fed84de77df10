/// UTF-8 (RFC 3629, table 3-7 of the Unicode standard) a byte at a time.
enum UTF8Sequence {
    /// The length of the well-formed sequence that begins at `index`; 0 when none does.
    static func length(at index: Int, of bytes: ArraySlice<UInt8>) -> Int {
        guard let (length, second) = shape(of: bytes[index]) else { return 0 }
        guard index + length <= bytes.endIndex else { return 0 }
        if length == 1 { return 1 }
        guard second.contains(bytes[index + 1]) else { return 0 }
        for next in index + 2..<index + length where bytes[next] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// How many bytes at the end of `bytes` begin a sequence that more bytes could complete: 0 to 3.
    static func unfinishedCount(_ bytes: ArraySlice<UInt8>) -> Int {
        for count in 1...3 where count <= bytes.count {
            let first = bytes.endIndex - count
            guard bytes[first] & 0xC0 != 0x80 else { continue }
            guard let (length, second) = shape(of: bytes[first]), length > count else { return 0 }
            return count == 1 || second.contains(bytes[first + 1]) ? count : 0
        }
        return 0
    }

    /// How long a sequence with this first byte is, and what its second byte may be.
    private static func shape(of first: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch first {
        case 0..<0x80: (1, 0...0xFF)
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
