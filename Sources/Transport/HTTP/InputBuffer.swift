/// Bytes that have arrived and not been understood yet.
package struct InputBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    package var count: Int { bytes.count - start }
    package var isEmpty: Bool { count == 0 }
    package var unread: ArraySlice<UInt8> { bytes[start...] }

    package mutating func append(_ more: [UInt8]) {
        if isEmpty {
            bytes = more
            start = 0
        } else {
            if start > 0 {
                bytes.removeFirst(start)
                start = 0
            }
            bytes += more
        }
    }

    /// The next `count` bytes, or as many as there are.
    package mutating func take(_ count: Int) -> [UInt8] {
        let end = start + min(count, self.count)
        if start == 0, end == bytes.count {
            // The usual case, a buffer that is taken whole: no copy.
            defer { bytes = [] }
            return bytes
        }
        defer { start = end }
        return Array(bytes[start..<end])
    }

    mutating func skip(_ count: Int) { start = min(start + count, bytes.count) }

    /// The offset of the byte in `unread`, looked for from `offset` on.
    func offset(of byte: UInt8, from offset: Int = 0) -> Int? {
        unread.dropFirst(offset).firstIndex(of: byte).map { $0 - start }
    }

    subscript(offset: Int) -> UInt8 { bytes[start + offset] }
    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[(start + range.lowerBound)..<(start + range.upperBound)] }
}
