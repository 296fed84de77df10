/// The fields of a 512-byte header block, as the four dialects have them: v7, ustar, GNU, star. See tar(5) of libarchive.
struct TarHeader {
    static let blockSize = 512

    var name: [UInt8]
    var mode: Int64
    var user: Int64
    var group: Int64
    var size: Int64
    var modified: Int64
    var typeFlag: UInt8
    var linkName: [UInt8]
    var deviceMajor: Int64 = 0
    var deviceMinor: Int64 = 0

    static func isZero(_ block: UnsafeRawBufferPointer) -> Bool { block.allSatisfy { $0 == 0 } }

    /// Reads a block whose first byte is at `offset` of the archive.
    init(_ block: UnsafeRawBufferPointer, at offset: UInt64) throws(ArchiveError) {
        guard Self.hasValidChecksum(block) else { throw ArchiveError("tar", "invalid header checksum", at: offset) }
        func number(_ range: Range<Int>, _ field: String) throws(ArchiveError) -> Int64 {
            guard let value = Self.number(UnsafeRawBufferPointer(rebasing: block[range])) else {
                throw ArchiveError("tar", "invalid \(field) in header", at: offset + UInt64(range.lowerBound))
            }
            return value
        }
        name = Self.text(block[0..<100])
        mode = try number(100..<108, "mode")
        user = try number(108..<116, "user id")
        group = try number(116..<124, "group id")
        size = try number(124..<136, "size")
        modified = try number(136..<148, "modification time")
        typeFlag = block[156]
        linkName = Self.text(block[157..<257])
        guard size >= 0 else { throw ArchiveError("tar", "negative size", at: offset + 124) }
        let isUstar = block[257..<262].elementsEqual("ustar".utf8)
        if isUstar {
            if typeFlag == UInt8(ascii: "3") || typeFlag == UInt8(ascii: "4") {
                deviceMajor = try number(329..<337, "device number")
                deviceMinor = try number(337..<345, "device number")
            }
            // GNU's `ustar  ` keeps times and sparse maps where POSIX has the prefix.
            if block[262] == 0 {
                let isStar = block[508..<512].elementsEqual("tar\0".utf8)
                let prefix = Self.text(block[345..<(isStar ? 476 : 500)])
                if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
            }
        }
    }

    /// Up to the first NUL.
    static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// Octal digits between blanks, or big-endian two's complement behind a set high bit; nil when it is neither or does not fit.
    static func number(_ field: UnsafeRawBufferPointer) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            var value: Int64 = first & 0x40 != 0 ? -1 : 0
            for (index, byte) in field.enumerated() {
                // The top bit of the first byte only marks the form.
                let digit = index == 0 ? (first & 0x40 != 0 ? byte : byte & 0x7f) : byte
                let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
                if overflow { return nil }
                value = shifted | Int64(digit)
            }
            return value
        }
        var value: Int64 = 0
        var digits = field[...]
        while let byte = digits.first, byte == 32 || byte == 0 { digits = digits.dropFirst() }
        while let byte = digits.last, byte == 32 || byte == 0 { digits = digits.dropLast() }
        for byte in digits {
            guard byte >= 48, byte <= 55 else {
                // Some writers leave old bytes behind the terminator.
                return byte == 0 || byte == 32 ? value : nil
            }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 8)
            if overflow { return nil }
            value = shifted | Int64(byte - 48)
        }
        return value
    }

    /// The sum of all bytes with blanks for the sum itself; some old writers summed signed bytes.
    private static func hasValidChecksum(_ block: UnsafeRawBufferPointer) -> Bool {
        guard let stated = number(UnsafeRawBufferPointer(rebasing: block[148..<156])) else { return false }
        var sum: Int64 = 0, signedSum: Int64 = 0
        for index in 0..<blockSize {
            let byte = (148..<156).contains(index) ? 32 : block[index]
            sum += Int64(byte)
            signedSum += Int64(Int8(bitPattern: byte))
        }
        return stated == sum || stated == signedSum
    }
}
