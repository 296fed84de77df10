import Archive
import Testing
import Values

/// Entries with their data, read back from an archive in memory.
func readAll(_ bytes: [UInt8]) throws -> [(entry: TarEntry, data: [UInt8])] {
    let reader = TarReader(MemorySource(bytes))
    var result: [(TarEntry, [UInt8])] = []
    while let entry = try reader.next() { result.append((entry, try reader.data(of: entry, limit: 1 << 24))) }
    return result
}

func archive(_ entries: [(TarEntry, [UInt8])]) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = TarWriter(sink)
    for (entry, data) in entries { try writer.append(entry, data: data) }
    try writer.finish()
    return sink.bytes
}

@Suite struct TarTests {
    @Test("an archive may end right behind its last file, and nowhere else in one") func cutOff() throws {
        let whole = try archive([(TarEntry("a", size: 5), Array("hello".utf8)), (TarEntry("b", size: 5), Array("there".utf8))])
        let read = try readAll(Array(whole.prefix(512 + 512 + 512 + 5)))
        #expect(read.map(\.entry.pathText) == ["a", "b"] && read.last?.data == Array("there".utf8))
        for length in [512 + 3, 512 + 512 + 100, 512 + 512 + 512 + 4, 512 + 512 + 512 + 6] {
            #expect(throws: ArchiveError.self, "\(length)") { try readAll(Array(whole.prefix(length))) }
        }
    }

    @Test("of the two blocks of zeros at the end the second may be missing, but not be cut or something else") func endMark() throws {
        let whole = try archive([(TarEntry("a", size: 5), Array("hello".utf8))])
        #expect(whole.count >= 2048)
        for length in [1024, 1536, 2048] { #expect(try readAll(Array(whole.prefix(length))).count == 1) }
        for length in [1025, 1535, 1537, 2047] { #expect(throws: ArchiveError.self, "\(length)") { try readAll(Array(whole.prefix(length))) } }
        #expect(throws: ArchiveError("tar", "a block of zeros within the archive", at: 1536)) { try readAll(Array(whole.prefix(1536)) + whole) }
    }

    @Test func everyFieldComesBack() throws {
        var file = TarEntry("dir/file", permissions: 0o4755, size: 5)
        file.user = 3_000_000
        file.group = 12
        file.modified = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_400_000)
        file.extendedAttributes = [.init(name: Array("security.capability".utf8), value: [1, 0, 0, 2, 10, 0]), .init(name: Array("user.a".utf8), value: [])]
        var link = TarEntry("dir/link", kind: .symbolicLink, permissions: 0o777)
        link.linkTarget = Array(("../" + String(repeating: "x", count: 150)).utf8)
        var device = TarEntry("dev/null", kind: .characterDevice, permissions: 0o666)
        (device.deviceMajor, device.deviceMinor) = (1, 3)
        var old = TarEntry("old", permissions: 0o600)
        old.modified = Timestamp(seconds: -5, nanoseconds: 500_000_000)
        var hard = TarEntry("hard", kind: .hardLink, permissions: 0o644)
        hard.linkTarget = Array("dir/file".utf8)
        let long = TarEntry(String(repeating: "d/", count: 120) + "f", permissions: 0o644)
        let split = TarEntry(String(repeating: "p", count: 120) + "/" + String(repeating: "n", count: 90), permissions: 0o644)
        var latin = TarEntry("x", permissions: 0o644)
        latin.path = [0x63, 0x61, 0x66, 0xe9]
        let directory = TarEntry("dir/", kind: .directory, permissions: 0o1777)
        let entries = [directory, file, link, device, old, hard, long, split, latin, TarEntry("fifo", kind: .fifo, permissions: 0o644)]
        let read = try readAll(archive(entries.map { ($0, $0.path == file.path ? Array("hello".utf8) : []) }))
        #expect(read.map(\.entry) == entries)
        #expect(read[1].data == Array("hello".utf8))
    }

    @Test func sameInputSameBytes() throws {
        let entries = [(TarEntry("ü", permissions: 0o644), Array("x".utf8))]
        #expect(try archive(entries) == archive(entries))
        #expect(try archive(entries).count % 512 == 0)
    }

    @Test func skipsUnreadData() throws {
        let bytes = try archive([(TarEntry("a"), [UInt8](repeating: 7, count: 700_001)), (TarEntry("b"), [1])])
        let reader = TarReader(MemorySource(bytes))
        #expect(try reader.next()?.pathText == "a")
        #expect(try reader.nextData()?.offset == 0)
        #expect(try reader.next()?.pathText == "b")
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    @Test func truncationIsToldWithItsPlace() throws {
        let bytes = try archive([(TarEntry("a"), [UInt8](repeating: 7, count: 2000)), (TarEntry("ü"), [1])])
        #expect(throws: ArchiveError("tar", "unexpected end of data", at: 1000)) { try readAll(Array(bytes[..<1000])) }
        #expect(throws: ArchiveError("tar", "unexpected end of archive", at: 300)) { try readAll(Array(bytes[..<300])) }
        for length in 0..<bytes.count where length % 37 == 0 {
            // Any end is either told or, between members, taken for the archive's end.
            do { #expect(try readAll(Array(bytes[..<length])).count <= 2) } catch { #expect(error is ArchiveError) }
        }
    }

    @Test func refusesWhatIsMalformed() throws {
        var bytes = try archive([(TarEntry("a"), [])])
        bytes[0] = 0x62
        #expect(throws: ArchiveError("tar", "invalid header checksum", at: 0)) { try readAll(bytes) }
        #expect(throws: ArchiveError.self) { try readAll([UInt8](repeating: 0x41, count: 4096)) }
        // The size is a lie of 8 EiB.
        var huge = TarEntry("huge")
        huge.size = .max
        let sink = MemorySink()
        try TarWriter(sink).append(huge)
        let reader = TarReader(MemorySource(sink.bytes))
        #expect(try reader.next()?.size == .max)
        #expect(throws: ArchiveError.self) { while try reader.nextData() != nil {} }
        #expect(throws: ArchiveError.self) { try readAll(sink.bytes) }
    }

    @Test func refusesBadPaxRecords() throws {
        for record in ["5 a=b\n", "99 path=x\n", "path=x\n", "7 path\n", "6 =ab\n", "12 path=\u{0}ab\n\n", "99999999999999999999 a=b\n", "0 a=b\n", "-6 a=b\n"] {
            #expect(throws: ArchiveError.self) { try readAll(paxArchive(record)) }
        }
        for record in ["size=-1", "size=99999999999999999999", "uid=4294967295", "mtime=1.x", "GNU.sparse.major=9", "GNU.sparse.map=1", "GNU.sparse.map=5,1,0,1"] {
            let length = record.utf8.count + 3 + (record.utf8.count + 3 >= 9 ? 1 : 0)
            #expect(throws: ArchiveError.self, "\(record)") { try readAll(paxArchive("\(length) \(record)\n")) }
        }
        var large = TarEntry("x")
        large.path = [UInt8](repeating: 0x61, count: 5000)
        #expect(throws: ArchiveError.self) { try readAll(archive([(large, [])])) }
        large.path = [UInt8](repeating: 0x61, count: 2 << 20)
        #expect(throws: ArchiveError.self) { try readAll(archive([(large, [])])) }
    }

    /// An archive whose one member has this extended header.
    private func paxArchive(_ records: String) throws -> [UInt8] {
        let sink = MemorySink()
        let writer = TarWriter(sink)
        try writer.append(TarEntry("pax"), data: Array(records.utf8))
        try writer.append(TarEntry("member"), data: Array("data".utf8))
        try writer.finish()
        var bytes = sink.bytes
        bytes[156] = UInt8(ascii: "x")
        var sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[$1])) }
        for index in (148..<154).reversed() {
            bytes[index] = UInt8(48 + sum % 8)
            sum /= 8
        }
        return bytes
    }

    @Test func numbersOfAllForms() throws {
        var bytes = try archive([(TarEntry("a"), [])])
        // A user id in base 256, and one of minus one.
        func withUser(_ field: [UInt8]) -> [UInt8] {
            bytes.replaceSubrange(108..<116, with: field)
            var sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[$1])) }
            for index in (148..<154).reversed() {
                bytes[index] = UInt8(48 + sum % 8)
                sum /= 8
            }
            return bytes
        }
        #expect(try readAll(withUser([0x80, 0, 0, 0, 0x12, 0x34, 0x56, 0x78]))[0].entry.user == 0x1234_5678)
        #expect(throws: ArchiveError.self) { try readAll(withUser([UInt8](repeating: 0xff, count: 8))) }
        #expect(throws: ArchiveError.self) { try readAll(withUser(Array("12x45678".utf8))) }
        #expect(try readAll(withUser(Array("   17\0 \0".utf8)))[0].entry.user == 15)
    }
}
