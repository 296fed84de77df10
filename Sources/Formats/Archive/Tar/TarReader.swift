internal import Values

/// Reads a tar archive from a source, member by member, in one pass and with one buffer.
///
/// Understands v7, ustar, pax (names, sizes, times, ids, `SCHILY.xattr`), GNU long names, and sparse files of GNU's four kinds.
/// Malformed input throws `ArchiveError` with its offset; errors of the source pass through.
package final class TarReader {
    private let source: any ByteSource
    private let limits: TarLimits
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: BlockReader.blockSize, alignment: 4096)
    /// What of the buffer is read and not yet used.
    private var filled = 0..<0
    /// The archive's offset of `filled`'s first byte.
    private var offset: UInt64 = 0

    private var global = PaxRecords()
    /// Bytes of the current member's data in the archive that are still to come, and of the padding behind it.
    private var remaining: Int64 = 0
    private var padding = 0
    private var sparse: SparseMap?
    private var segment = 0
    /// The place in the file that the next byte of data belongs to.
    private var position: Int64 = 0
    private var ended = false

    package init(_ source: any ByteSource, limits: TarLimits = TarLimits()) {
        self.source = source
        self.limits = limits
    }

    deinit { buffer.deallocate() }

    /// The next member, skipping what is unread of the one before; nil at the end of the archive.
    package func next() throws -> TarEntry? {
        if ended { return nil }
        try skip(remaining)
        if padding > 0 {
            // An archive may be cut off right behind its last file's bytes, as those are that Docker's client rewrites.
            if filled.isEmpty, try !fill(1, orEnd: true) {
                ended = true
                return nil
            }
            try skip(Int64(padding))
        }
        (remaining, padding, sparse, segment, position) = (0, 0, nil, 0, 0)
        var local: PaxRecords?
        var longName: [UInt8]?
        var longLink: [UInt8]?
        while true {
            let start = offset
            guard try fill(TarHeader.blockSize, orEnd: true) else {
                guard local == nil, longName == nil, longLink == nil else { throw ArchiveError("tar", "unexpected end of archive", at: offset) }
                ended = true
                return nil
            }
            let block = UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound..<(filled.lowerBound + TarHeader.blockSize)])
            if TarHeader.isZero(block) {
                consume(TarHeader.blockSize)
                try finish()
                return nil
            }
            let header = try TarHeader(block, at: start)
            let oldSparse = header.typeFlag == UInt8(ascii: "S") ? try oldSparseMap(block, header, at: start) : nil
            consume(TarHeader.blockSize)
            switch header.typeFlag {
            case UInt8(ascii: "x"), UInt8(ascii: "X"): local = try PaxRecords(metadata(header, at: start), at: start + 512)
            case UInt8(ascii: "g"): global = try PaxRecords(metadata(header, at: start), at: start + 512)
            case UInt8(ascii: "L"): longName = try metadata(header, at: start).prefix { $0 != 0 }.map { $0 }
            case UInt8(ascii: "K"): longLink = try metadata(header, at: start).prefix { $0 != 0 }.map { $0 }
            case UInt8(ascii: "V"):  // A label of the whole archive.
                try skip(header.size)
                try skip(Int64(Self.padding(header.size)))
            default:
                return try entry(header, local: local, longName: longName, longLink: longLink, oldSparse: oldSparse, at: start)
            }
        }
    }

    /// The next piece of the member's data and where in the file it belongs; nil when there is no more. Holes are not given:
    /// the file's size is the entry's. The bytes are valid until the next call.
    package func nextData() throws -> (offset: Int64, bytes: UnsafeRawBufferPointer)? {
        guard remaining > 0 else { return nil }
        var wanted = remaining
        if let sparse {
            if position == sparse.segments[segment].offset + sparse.segments[segment].length {
                segment += 1
            }
            position = max(position, sparse.segments[segment].offset)
            wanted = sparse.segments[segment].offset + sparse.segments[segment].length - position
        }
        if filled.isEmpty, try !fill(1, orEnd: true) { throw ArchiveError("tar", "unexpected end of data", at: offset) }
        let count = Int(min(Int64(filled.count), wanted))
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound..<(filled.lowerBound + count)])
        let place = position
        consume(count)
        remaining -= Int64(count)
        position += Int64(count)
        return (place, bytes)
    }

    /// All of the member's data with holes as zeros; throws past `limit` bytes.
    package func data(of entry: TarEntry, limit: Int) throws -> [UInt8] {
        guard entry.size <= limit else { throw ArchiveError("tar", "\(entry.pathText) is larger than \(limit) bytes", at: offset) }
        var result: [UInt8] = []
        while let (place, bytes) = try nextData() {
            if place > result.count { result.append(contentsOf: repeatElement(0, count: Int(place) - result.count)) }
            result.append(contentsOf: bytes)
        }
        result.append(contentsOf: repeatElement(0, count: Int(entry.size) - result.count))
        return result
    }

    /// Reads on to the end of the source, past the end of the archive: digests are of the whole stream.
    package func drain() throws {
        consume(filled.count)
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { return }
            offset += UInt64(count)
        }
    }

    // MARK: Members

    private func entry(
        _ header: TarHeader, local: PaxRecords?, longName: [UInt8]?, longLink: [UInt8]?, oldSparse: (segments: [SparseMap.Segment], size: Int64)?,
        at start: UInt64
    ) throws -> TarEntry {
        let pax = merged(local)
        var path = pax.value("path") ?? longName ?? header.name
        if let name = pax.value("GNU.sparse.name") { path = name }
        guard !path.isEmpty else { throw ArchiveError("tar", "member without a name", at: start) }
        let linkTarget = pax.value("linkpath") ?? longLink ?? header.linkName
        guard path.count <= limits.path, linkTarget.count <= limits.path else { throw ArchiveError("tar", "name longer than \(limits.path) bytes", at: start) }
        guard !path.contains(0), !linkTarget.contains(0) else { throw ArchiveError("tar", "NUL in name", at: start) }

        let kind = try kind(of: header.typeFlag, path: path, at: start)
        var result = TarEntry(path: path, kind: kind, permissions: UInt32(truncatingIfNeeded: header.mode & 0o7777))
        result.user = try id(pax.number("uid", at: start) ?? header.user, "user", at: start)
        result.group = try id(pax.number("gid", at: start) ?? header.group, "group", at: start)
        result.modified = try pax.time("mtime", at: start) ?? Timestamp(clampedSeconds: header.modified)
        result.linkTarget = linkTarget
        if kind == .characterDevice || kind == .blockDevice {
            // Twelve and twenty bits are what the kernel keeps.
            guard let major = UInt32(exactly: header.deviceMajor), major < 1 << 12, let minor = UInt32(exactly: header.deviceMinor), minor < 1 << 20 else {
                throw ArchiveError("tar", "device number out of range", at: start)
            }
            (result.deviceMajor, result.deviceMinor) = (major, minor)
        }
        result.extendedAttributes = extendedAttributes(pax)
        // The size field of links and directories means nothing, and their data is not there.
        let stored = kind == .regular ? try pax.number("size", at: start) ?? header.size : 0
        remaining = stored
        padding = Self.padding(stored)
        result.size = stored
        if kind == .regular { result.size = try sparseSize(pax, oldSparse, stored: stored, at: start) }
        return result
    }

    private func merged(_ local: PaxRecords?) -> PaxRecords {
        guard !global.records.isEmpty else { return local ?? PaxRecords() }
        var result = global
        result.records += local?.records ?? []
        return result
    }

    private func kind(of flag: UInt8, path: [UInt8], at start: UInt64) throws(ArchiveError) -> TarEntry.Kind {
        switch flag {
        case UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"): return .regular
        // Before POSIX a directory was a file with a slash.
        case 0: return path.last == UInt8(ascii: "/") ? .directory : .regular
        case UInt8(ascii: "1"): return .hardLink
        case UInt8(ascii: "2"): return .symbolicLink
        case UInt8(ascii: "3"): return .characterDevice
        case UInt8(ascii: "4"): return .blockDevice
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default:
            let shown = flag >= 33 && flag < 127 ? "'\(Character(Unicode.Scalar(flag)))'" : "\(flag)"
            throw ArchiveError("tar", "unsupported member type \(shown) of \(String(decoding: path, as: UTF8.self))", at: start)
        }
    }

    private func id(_ value: Int64, _ what: String, at start: UInt64) throws(ArchiveError) -> UInt32 {
        // All ones means "do not change" to chown(2).
        guard let id = UInt32(exactly: value), id != .max else { throw ArchiveError("tar", "\(what) id \(value) out of range", at: start) }
        return id
    }

    private func extendedAttributes(_ pax: PaxRecords) -> [TarEntry.ExtendedAttribute] {
        let prefix = Array("SCHILY.xattr.".utf8)
        var result: [TarEntry.ExtendedAttribute] = []
        for record in pax.records where record.key.starts(with: prefix) {
            let name = Array(record.key.dropFirst(prefix.count))
            result.removeAll { $0.name == name }
            if !name.isEmpty, !name.contains(0) { result.append(.init(name: name, value: record.value)) }
        }
        return result
    }

    // MARK: Sparse files

    /// Finds out whether the member is sparse, sets its map up, and gives the file's real size.
    private func sparseSize(_ pax: PaxRecords, _ old: (segments: [SparseMap.Segment], size: Int64)?, stored: Int64, at start: UInt64) throws -> Int64 {
        var segments = old?.segments
        var size = old?.size ?? stored
        if let major = try pax.number("GNU.sparse.major", at: start), major > 0 {
            let minor = try pax.number("GNU.sparse.minor", at: start)
            guard major == 1, minor ?? 0 == 0, let real = try pax.number("GNU.sparse.realsize", at: start) else {
                throw ArchiveError("tar", "unknown sparse format", at: start)
            }
            size = real
            segments = try inlineSparseMap()
        } else if let map = try SparseMap.segments(ofPax: pax, limit: limits.sparseSegments, at: start) {
            guard let real = try pax.number("GNU.sparse.size", at: start) ?? pax.number("GNU.sparse.realsize", at: start) else {
                throw ArchiveError("tar", "sparse file without its size", at: start)
            }
            size = real
            segments = map
        }
        guard let segments else { return stored }
        sparse = try SparseMap(segments, size: size, stored: remaining, at: start)
        return size
    }

    /// Version 1.0 puts the map before the data: decimal lines, filled up to a block.
    private func inlineSparseMap() throws -> [SparseMap.Segment] {
        let start = offset
        let error = ArchiveError("tar", "invalid sparse map", at: start)
        var numbers: [Int64] = []
        var wanted = 1
        var digits: [UInt8] = []
        while numbers.count < wanted {
            guard remaining >= 512 else { throw error }
            guard try fill(512, orEnd: true) else { throw ArchiveError("tar", "unexpected end of data", at: offset) }
            for byte in buffer[filled.lowerBound..<(filled.lowerBound + 512)] where numbers.count < wanted {
                if byte != UInt8(ascii: "\n") {
                    guard digits.count < 20 else { throw error }
                    digits.append(byte)
                    continue
                }
                guard let number = PaxRecords.decimal(digits) else { throw error }
                digits = []
                if numbers.isEmpty {
                    guard number <= limits.sparseSegments else { throw error }
                    wanted = 1 + 2 * Int(number)
                }
                numbers.append(number)
            }
            consume(512)
            remaining -= 512
        }
        return try SparseMap.pairs(Array(numbers.dropFirst()), error)
    }

    /// Old GNU's map: four entries in the header, 21 in each block that follows. Consumes those blocks, leaving the header in place of the last.
    private func oldSparseMap(_ block: UnsafeRawBufferPointer, _ header: TarHeader, at start: UInt64) throws -> (segments: [SparseMap.Segment], size: Int64) {
        guard let size = TarHeader.number(UnsafeRawBufferPointer(rebasing: block[483..<495])), size >= 0 else {
            throw ArchiveError("tar", "invalid sparse map", at: start + 483)
        }
        var segments = try SparseMap.segments(ofOldGNU: UnsafeRawBufferPointer(rebasing: block[386..<482]), count: 4, at: start)
        var extended = block[482] != 0
        while extended {
            consume(TarHeader.blockSize)
            guard try fill(512, orEnd: true) else { throw ArchiveError("tar", "unexpected end of archive", at: offset) }
            let more = UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound..<(filled.lowerBound + 512)])
            segments += try SparseMap.segments(ofOldGNU: more, count: 21, at: offset)
            guard segments.count <= limits.sparseSegments else { throw ArchiveError("tar", "sparse map too long", at: offset) }
            extended = more[504] != 0
        }
        return (segments, size)
    }

    /// Two blocks of zeros are the end; the second may be missing altogether, as in GNU tar and Go, but not be another one or cut.
    private func finish() throws {
        ended = true
        guard try fill(TarHeader.blockSize, orEnd: true) else { return }
        guard TarHeader.isZero(UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound..<(filled.lowerBound + TarHeader.blockSize)])) else {
            throw ArchiveError("tar", "a block of zeros within the archive", at: offset)
        }
    }

    // MARK: The buffer

    private static func padding(_ size: Int64) -> Int { Int((512 - size & 511) & 511) }

    /// The data of a header that is about the next member.
    private func metadata(_ header: TarHeader, at start: UInt64) throws -> [UInt8] {
        guard header.size <= limits.extendedHeader else {
            throw ArchiveError("tar", "extended header of \(header.size) bytes, more than the limit of \(limits.extendedHeader)", at: start)
        }
        var result: [UInt8] = []
        var missing = Int(header.size)
        while missing > 0 {
            if filled.isEmpty, try !fill(1, orEnd: true) { throw ArchiveError("tar", "unexpected end of archive", at: offset) }
            let count = min(missing, filled.count)
            result.append(contentsOf: buffer[filled.lowerBound..<(filled.lowerBound + count)])
            consume(count)
            missing -= count
        }
        try skip(Int64(Self.padding(header.size)))
        return result
    }

    /// Makes at least `count` bytes available in one piece. At the source's end: false when nothing at all is left and `orEnd`, else throws.
    private func fill(_ count: Int, orEnd: Bool) throws -> Bool {
        if filled.count >= count { return true }
        if filled.lowerBound > 0 {
            if !filled.isEmpty {
                UnsafeMutableRawBufferPointer(rebasing: buffer[..<filled.count]).copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[filled]))
            }
            filled = 0..<filled.count
        }
        while filled.count < count {
            let read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound...]))
            if read == 0 {
                if filled.isEmpty, orEnd { return false }
                throw ArchiveError("tar", "unexpected end of archive", at: offset + UInt64(filled.count))
            }
            filled = filled.lowerBound..<(filled.upperBound + read)
        }
        return true
    }

    private func consume(_ count: Int) {
        filled = (filled.lowerBound + count)..<filled.upperBound
        offset += UInt64(count)
    }

    private func skip(_ count: Int64) throws {
        var missing = count
        while missing > 0 {
            if filled.isEmpty, try !fill(1, orEnd: true) { throw ArchiveError("tar", "unexpected end of data", at: offset) }
            let step = Int(min(missing, Int64(filled.count)))
            consume(step)
            missing -= Int64(step)
        }
    }
}
