/// The codes of one alphabet of DEFLATE, looked up by the bits that come next: RFC 1951 §3.2.2.
///
/// The first `rootBits` bits choose an entry; where a code is longer, that entry leads to a second table for the rest of it. An entry holds
/// all that the decoder wants to know, in 32 bits: how many bits to drop (0–5), how many of them are the code itself (8–11), what it is
/// (12–15), and a literal, the base of a length or distance, or where the second table begins (16–31).
struct HuffmanTable: ~Copyable {
    /// A byte.
    static let literal: UInt32 = 1 << 12
    /// The code is longer; `codeBits` of the entry are the second table's.
    static let longer: UInt32 = 1 << 13
    /// The end of the block.
    static let end: UInt32 = 1 << 14
    /// Neither a literal nor a base; alone: no code at all.
    static let special: UInt32 = 1 << 15

    /// The bits that choose an entry of the first table.
    static let literalMask: UInt64 = 1 << 11 - 1
    static let distanceMask: UInt64 = 1 << 8 - 1

    static func dropped(_ entry: UInt32) -> UInt64 { UInt64(entry & 0x3f) }
    static func codeBits(_ entry: UInt32) -> UInt64 { UInt64(entry >> 8 & 0xf) }
    static func value(_ entry: UInt32) -> Int { Int(truncatingIfNeeded: entry >> 16) }

    private static let longest = 15
    let rootBits: Int
    /// Valid as long as the table lives.
    let entries: UnsafeMutablePointer<UInt32>
    private let capacity: Int
    /// What each symbol means, with its extra bits as bits to drop.
    private let meanings: [UInt32]

    /// For an alphabet of these symbols. `capacity` is what the worst set of codes needs, as zlib's `enough` counts it.
    private init(_ meanings: [UInt32], rootBits: Int, capacity: Int) {
        self.meanings = meanings
        self.rootBits = rootBits
        self.capacity = capacity
        entries = .allocate(capacity: capacity)
        entries.initialize(repeating: Self.special, count: capacity)
    }

    deinit { entries.deallocate() }

    /// Bytes, the end of the block, and lengths: RFC 1951 §3.2.5.
    static func literalsAndLengths() -> HuffmanTable {
        var meanings = (0..<256).map { UInt32($0) << 16 | literal } + [special | end]
        meanings += bases([0, 0, 0, 0, 0, 0, 0, 0] + (1...5).flatMap { [$0, $0, $0, $0] }, from: 3)
        // The longest has a symbol of its own, and 284 stops short of it.
        meanings[284] = 227 << 16 | 5
        return HuffmanTable(meanings + [258 << 16, special, special], rootBits: literalMask.nonzeroBitCount, capacity: 2342)
    }

    /// Distances: RFC 1951 §3.2.5.
    static func distances() -> HuffmanTable {
        HuffmanTable(bases([0, 0] + (0...13).flatMap { [$0, $0] }, from: 1) + [special, special], rootBits: distanceMask.nonzeroBitCount, capacity: 402)
    }

    /// The lengths of the codes of the other two: RFC 1951 §3.2.7.
    static func codeLengths() -> HuffmanTable { HuffmanTable((0..<19).map { $0 << 16 }, rootBits: 7, capacity: 128) }

    private static func bases(_ extraBits: [UInt32], from first: UInt32) -> [UInt32] {
        var base = first
        return extraBits.map { extra in
            defer { base += 1 << extra }
            return base << 16 | extra
        }
    }

    /// Makes the table for codes of these lengths, symbol after symbol, 0 for what has none. False when there are no such codes: too many, or
    /// too few, but for an alphabet of one symbol or none.
    borrowing func build(_ lengths: ArraySlice<UInt8>) -> Bool {
        var counts = [Int](repeating: 0, count: Self.longest + 1)
        for length in lengths { counts[Int(length)] += 1 }
        counts[0] = 0
        let most = counts.lastIndex { $0 > 0 } ?? 0
        var unused = 1
        for length in 1...Self.longest {
            unused = unused << 1 - counts[length]
            guard unused >= 0 else { return false }
        }
        guard unused == 0 || most <= 1 else { return false }

        // Codes of one length are consecutive, in the order of their symbols; the stream has a code's highest bit first.
        var next = [Int](repeating: 0, count: Self.longest + 2)
        for length in 1...Self.longest { next[length + 1] = (next[length] + counts[length]) << 1 }
        let codes = lengths.map { length -> Int in
            guard length > 0 else { return 0 }
            defer { next[Int(length)] += 1 }
            return Int(Self.reversed(UInt16(next[Int(length)])) >> (16 - length))
        }

        let root = 1 << rootBits
        for index in 0..<root { entries[index] = Self.special }
        // A second table is as large as the longest code in it wants.
        for (code, length) in zip(codes, lengths) where length > rootBits {
            let bits = max(UInt32(length) - UInt32(rootBits), UInt32(Self.codeBits(entries[code % root])))
            entries[code % root] = Self.special | Self.longer | bits << 8 | UInt32(rootBits)
        }
        var used = root
        for (symbol, (code, length)) in zip(codes, lengths).enumerated() where length > 0 {
            var (start, size, position, bits) = (0, root, code, UInt32(length))
            if length > rootBits {
                size = 1 << Int(Self.codeBits(entries[code % root]))
                if Self.value(entries[code % root]) == 0 {
                    guard used + size <= capacity else { return false }
                    entries[code % root] |= UInt32(used) << 16
                    for index in used..<(used + size) { entries[index] = Self.special }
                    used += size
                }
                start = Self.value(entries[code % root])
                (position, bits) = (code >> rootBits, bits - UInt32(rootBits))
            }
            while position < size {
                entries[start + position] = meanings[symbol] + bits * 0x101
                position += 1 << bits
            }
        }
        return true
    }

    private static func reversed(_ bits: UInt16) -> UInt16 {
        var (rest, result) = (bits, UInt16(0))
        for _ in 0..<16 { (rest, result) = (rest >> 1, result << 1 | rest & 1) }
        return result
    }
}
