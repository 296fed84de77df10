/// Where the stored bytes of a sparse file belong. See the GNU tar manual, "Storing Sparse Files".
struct SparseMap {
    struct Segment {
        var offset: Int64
        var length: Int64
    }

    /// Ascending, disjoint, within the size.
    private(set) var segments: [Segment] = []
    let size: Int64

    /// Checks what an archive says: `stored` is how many bytes of data it holds for this file.
    init(_ segments: [Segment], size: Int64, stored: Int64, at offset: UInt64) throws(ArchiveError) {
        let error = ArchiveError("tar", "invalid sparse map", at: offset)
        var end: Int64 = 0
        var total: Int64 = 0
        for segment in segments {
            guard segment.offset >= end, segment.length >= 0 else { throw error }
            let (next, overflow) = segment.offset.addingReportingOverflow(segment.length)
            guard !overflow, next <= size else { throw error }
            end = next
            total += segment.length
        }
        guard total == stored else { throw error }
        self.segments = segments.filter { $0.length > 0 }
        self.size = size
    }

    /// The pairs of version 0.1's `GNU.sparse.map`, or those gathered from 0.0's repeated keys.
    static func segments(ofPax pax: PaxRecords, limit: Int, at offset: UInt64) throws(ArchiveError) -> [Segment]? {
        let error = ArchiveError("tar", "invalid sparse map", at: offset)
        var numbers: [Int64] = []
        if let map = pax.value("GNU.sparse.map") {
            for text in map.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                guard numbers.count < 2 * limit, let number = PaxRecords.decimal(text) else { throw error }
                numbers.append(number)
            }
        } else {
            let offsetKey = Array("GNU.sparse.offset".utf8), lengthKey = Array("GNU.sparse.numbytes".utf8)
            for record in pax.records where record.key == offsetKey || record.key == lengthKey {
                guard numbers.count < 2 * limit, (record.key == offsetKey) == numbers.count.isMultiple(of: 2),
                    let number = PaxRecords.decimal(record.value)
                else { throw error }
                numbers.append(number)
            }
            if numbers.isEmpty { return nil }
        }
        return try pairs(numbers, error)
    }

    static func pairs(_ numbers: [Int64], _ error: ArchiveError) throws(ArchiveError) -> [Segment] {
        guard numbers.count.isMultiple(of: 2) else { throw error }
        return stride(from: 0, to: numbers.count, by: 2).map { Segment(offset: numbers[$0], length: numbers[$0 + 1]) }
    }

    /// The entries of one of old GNU's blocks: 24 bytes each, ended by an empty one.
    static func segments(ofOldGNU fields: UnsafeRawBufferPointer, count: Int, at offset: UInt64) throws(ArchiveError) -> [Segment] {
        var result: [Segment] = []
        for index in 0..<count {
            let field = fields[(index * 24)..<(index * 24 + 24)]
            if field.first == 0 { break }
            guard let start = TarHeader.number(UnsafeRawBufferPointer(rebasing: field.prefix(12))),
                let length = TarHeader.number(UnsafeRawBufferPointer(rebasing: field.suffix(12)))
            else { throw ArchiveError("tar", "invalid sparse map", at: offset) }
            result.append(Segment(offset: start, length: length))
        }
        return result
    }
}
