internal import Values

/// Writes a tar archive: ustar where a member fits into it, with a pax header where it does not. Equal members give equal bytes.
package final class TarWriter {
    private let sink: any ByteSink
    /// Data that the current member still lacks.
    private var missing: Int64 = 0
    private var padding = 0
    private static let zeros = [UInt8](repeating: 0, count: 1024)

    package init(_ sink: any ByteSink) { self.sink = sink }

    /// Begins a member. Exactly `entry.size` bytes of data must follow before the next one when it is a regular file.
    package func append(_ entry: TarEntry) throws {
        try closeMember()
        var records: [(String, [UInt8])] = []
        var block = [UInt8](repeating: 0, count: TarHeader.blockSize)

        var path = entry.path
        if entry.kind == .directory, path.last != UInt8(ascii: "/") { path.append(UInt8(ascii: "/")) }
        if let (prefix, name) = Self.split(path), path.allSatisfy({ $0 < 128 }) {
            block.replaceSubrange(0..<name.count, with: name)
            block.replaceSubrange(345..<(345 + prefix.count), with: prefix)
        } else {
            records.append(("path", path))
            let name = path.suffix(100).map { $0 < 128 ? $0 : UInt8(ascii: "_") }
            block.replaceSubrange(0..<name.count, with: name)
        }
        if entry.linkTarget.count > 100 || !entry.linkTarget.allSatisfy({ $0 < 128 }) {
            records.append(("linkpath", entry.linkTarget))
        } else {
            block.replaceSubrange(157..<(157 + entry.linkTarget.count), with: entry.linkTarget)
        }
        func number(_ value: Int64, _ range: Range<Int>, _ key: String) {
            let digits = range.count - 1
            let fits = value >= 0 && value < 1 << (3 * Int64(digits))
            if !fits { records.append((key, Array(String(value).utf8))) }
            Self.octal(fits ? value : 0, digits: digits, into: &block, at: range.lowerBound)
        }
        Self.octal(Int64(entry.permissions & 0o7777), digits: 7, into: &block, at: 100)
        number(Int64(entry.user), 108..<116, "uid")
        number(Int64(entry.group), 116..<124, "gid")
        let size = entry.kind == .regular ? entry.size : 0
        number(size, 124..<136, "size")
        let seconds = entry.modified.seconds
        if let time = Self.paxTime(entry.modified) { records.append(("mtime", time)) }
        Self.octal(seconds >= 0 && seconds < 1 << 33 ? seconds : 0, digits: 11, into: &block, at: 136)
        block[156] = Self.flag(entry.kind)
        block.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
        if entry.kind == .characterDevice || entry.kind == .blockDevice {
            Self.octal(Int64(entry.deviceMajor), digits: 7, into: &block, at: 329)
            Self.octal(Int64(entry.deviceMinor), digits: 7, into: &block, at: 337)
        }
        for attribute in entry.extendedAttributes.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            records.append(("SCHILY.xattr." + String(decoding: attribute.name, as: UTF8.self), attribute.value))
        }
        if !records.isEmpty { try writePax(records) }
        Self.seal(&block)
        try sink.write(block)
        missing = size
        padding = Int((512 - size & 511) & 511)
    }

    /// Data of the current member.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard Int64(bytes.count) <= missing else { throw ArchiveError("tar", "more data than the member's size", at: 0) }
        try sink.write(bytes)
        missing -= Int64(bytes.count)
    }

    /// Data of the current member.
    package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// A whole small member.
    package func append(_ entry: TarEntry, data: [UInt8]) throws {
        var entry = entry
        entry.size = Int64(data.count)
        try append(entry)
        try write(data)
    }

    /// Ends the archive with its two empty blocks.
    package func finish() throws {
        try closeMember()
        try sink.write(Self.zeros)
    }

    private func closeMember() throws {
        guard missing == 0 else { throw ArchiveError("tar", "a member lacks \(missing) bytes of data", at: 0) }
        if padding > 0 { try Self.zeros.withUnsafeBytes { try sink.write(UnsafeRawBufferPointer(rebasing: $0[..<padding])) } }
        padding = 0
    }

    private func writePax(_ records: [(String, [UInt8])]) throws {
        var data: [UInt8] = []
        for (key, value) in records {
            // The length counts its own digits.
            let rest = key.utf8.count + value.count + 3
            var length = rest + 1
            while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
            data += Array("\(length) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
        }
        var block = [UInt8](repeating: 0, count: TarHeader.blockSize)
        block.replaceSubrange(0..<10, with: Array("PaxHeaders".utf8))
        Self.octal(0o644, digits: 7, into: &block, at: 100)
        Self.octal(0, digits: 7, into: &block, at: 108)
        Self.octal(0, digits: 7, into: &block, at: 116)
        Self.octal(Int64(data.count), digits: 11, into: &block, at: 124)
        Self.octal(0, digits: 11, into: &block, at: 136)
        block[156] = UInt8(ascii: "x")
        block.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
        Self.seal(&block)
        data += Self.zeros.prefix((512 - data.count & 511) & 511)
        try sink.write(block)
        try sink.write(data)
    }

    /// Prefix and name of at most 155 and 100 bytes that meet at a slash.
    private static func split(_ path: [UInt8]) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        if path.count <= 100 { return ([], path[...]) }
        guard path.count <= 256 else { return nil }
        for index in (path.count - 101)...155 where index < path.count - 1 && path[index] == UInt8(ascii: "/") && index > 0 {
            return (path[..<index], path[(index + 1)...])
        }
        return nil
    }

    private static func octal(_ value: Int64, digits: Int, into block: inout [UInt8], at offset: Int) {
        var rest = value
        for index in (0..<digits).reversed() {
            block[offset + index] = UInt8(48 + rest & 7)
            rest >>= 3
        }
    }

    private static func seal(_ block: inout [UInt8]) {
        for index in 148..<156 { block[index] = 32 }
        octal(block.reduce(0) { $0 + Int64($1) }, digits: 6, into: &block, at: 148)
        block[154] = 0
    }

    private static func flag(_ kind: TarEntry.Kind) -> UInt8 {
        switch kind {
        case .regular: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }

    /// Nil when the header's whole seconds say it all.
    private static func paxTime(_ time: Timestamp) -> [UInt8]? {
        let nanoseconds = time.nanoseconds
        let fraction = nanoseconds % 1_000_000_000
        if fraction == 0, nanoseconds >= 0, time.seconds < 1 << 33 { return nil }
        var text = String((fraction.magnitude) + 1_000_000_000).dropFirst()[...]
        while text.last == "0" { text.removeLast() }
        let whole = "\(nanoseconds < 0 ? "-" : "")\((nanoseconds / 1_000_000_000).magnitude)"
        return Array((text.isEmpty ? whole : "\(whole).\(text)").utf8)
    }
}
