import Archive
import Linux
import Testing

/// GNU tar and the compressors of the machine as outside judges of what we read and write.
@Suite struct GNUTarTests {
    /// Runs a shell line in a fresh directory and gives what it wrote to standard output.
    private func shell(_ line: String, input: [UInt8] = []) throws -> [UInt8] {
        let directory = "/tmp/davit-archive-\(UInt64.random(in: 0 ... .max))"
        try FileSystem.makeDirectories(directory)
        defer {
            // The test's outcome does not depend on it.
            try? FileSystem.removeTree(directory)
        }
        let file = try FileDescriptor.open("\(directory)/input", [.writeOnly, .create])
        try file.writeAll(input)
        var spawn = Spawn("/bin/sh", ["sh", "-ec", "cd \(directory); mkdir t; cd t; exec >../output; \(line)"])
        let nothing = try FileDescriptor.open("/dev/null")
        spawn.give(nothing, as: 0)
        #expect(try spawn.start().wait() == .exited(0))
        return try FileSystem.read("\(directory)/output")
    }

    @Test(arguments: ["gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix --sparse-version=1.0"])
    func readsSparseFiles(format: String) throws {
        let bytes = try shell(
            """
            truncate -s 3M big; for i in 1 5 9 13 17 21 25 29 33 37 41; do printf x$i | dd of=big bs=65536 seek=$i conv=notrunc 2>/dev/null; done
            echo after > z; tar --format=\(format) --sparse -cf - big z
            """)
        #expect(bytes.count < 1 << 20)
        let entries = try readAll(bytes)
        #expect(entries.map(\.entry.pathText) == ["big", "z"])
        var expected = [UInt8](repeating: 0, count: 3 << 20)
        for index in stride(from: 1, through: 41, by: 4) { expected.replaceSubrange((index << 16)..<((index << 16) + 1 + "\(index)".utf8.count), with: Array("x\(index)".utf8)) }
        #expect(entries[0].data == expected)
        #expect(entries[1].data == Array("after\n".utf8))
    }

    @Test(arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"]) func readsFormats(format: String) throws {
        let name = format == "v7" ? "n" : String(repeating: "n", count: 90)
        let bytes = try shell(
            "mkdir -p \(name)/d; echo hi > \(name)/f; ln \(name)/f \(name)/h; ln -s f \(name)/s; mkfifo \(name)/p; rm \(name)/p; tar --format=\(format) --sort=name -cf - \(name)")
        let entries = try readAll(bytes)
        #expect(entries.map(\.entry.pathText) == ["\(name)/", "\(name)/d/", "\(name)/f", "\(name)/h", "\(name)/s"])
        #expect(entries.map(\.entry.kind) == [.directory, .directory, .regular, .hardLink, .symbolicLink])
        #expect(entries[3].entry.linkTargetText == "\(name)/f")
    }

    @Test(arguments: ["gnu", "posix"]) func readsLongNames(format: String) throws {
        let bytes = try shell("d=$(printf 'd%.0s' $(seq 200)); mkdir -p $d/$d; echo x > $d/$d/f; ln -s $d/$d/f l; tar --format=\(format) --sort=name -cf - $d l")
        let entries = try readAll(bytes)
        let d = String(repeating: "d", count: 200)
        #expect(entries.map(\.entry.pathText) == ["\(d)/", "\(d)/\(d)/", "\(d)/\(d)/f", "l"])
        #expect(entries[3].entry.linkTargetText == "\(d)/\(d)/f")
    }

    @Test func tarReadsWhatWeWrite() throws {
        var link = TarEntry("s", kind: .symbolicLink, permissions: 0o777)
        link.linkTarget = Array(String(repeating: "t", count: 130).utf8)
        let bytes = try archive([
            (TarEntry("d", kind: .directory, permissions: 0o755), []), (TarEntry("d/" + String(repeating: "é", count: 100)), Array("hello".utf8)), (link, []),
        ])
        let listing = try shell("tar --numeric-owner -tvf ../input --quoting-style=literal", input: bytes)
        let text = String(decoding: listing, as: UTF8.self)
        #expect(text.contains("drwxr-xr-x 0/0"))
        #expect(text.contains("5 1970-01-01"))
        #expect(text.contains("-> " + String(repeating: "t", count: 130)))
    }

    @Test(arguments: ["gzip -c", "gzip -1c", "xz -c", "xz -0c", "zstd -qc", "zstd -qc --long=27", "cat"]) func decompresses(program: String) throws {
        let plain = (0..<3_000_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 9 & 0x3f) }
        let once = try shell("\(program) ../input", input: plain)
        #expect(try decompressed(once) == plain)
        if program != "cat" {
            // Several members or frames follow each other; a cut is told.
            #expect(try decompressed(once + once) == plain + plain)
            for cut in [20, once.count / 2, once.count - 1] {
                do {
                    _ = try decompressed(Array(once[..<cut]))
                    Issue.record("a stream cut at \(cut) was taken for whole")
                } catch let error as ArchiveError { #expect(error.reason.contains("unexpected end"), "\(error)") }
            }
            var broken = once
            broken[once.count / 2] ^= 0x55
            broken[once.count / 2 + 1] ^= 0xaa
            #expect(throws: ArchiveError.self) { try decompressed(broken) }
        }
    }

    @Test func gunzipsLargeAndManyMembers() throws {
        var state: UInt32 = 1
        let plain = (0..<6_000_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let bytes = try shell("gzip -1c ../input", input: plain)
        #expect(bytes.count > 4 << 20)
        #expect(try decompressed(bytes + [0, 0, 0]) == plain)
        #expect(throws: ArchiveError.self) { try decompressed(bytes + [0, 1, 0]) }
    }

    @Test func gunzipReadsOurGzip() throws {
        let plain = Array(String(repeating: "davit ", count: 100_000).utf8)
        let sink = MemorySink()
        let gzip = GzipSink(sink)
        try gzip.write(plain)
        try gzip.finish()
        #expect(try shell("gunzip -c ../input", input: sink.bytes) == plain)
        #expect(try decompressed(sink.bytes) == plain)
    }

    @Test func bzip2IsRefusedByName() {
        #expect(throws: ArchiveError("bzip2", "this compression is not supported", at: 0)) { try decompressed(Array("BZh91AY&SY".utf8)) }
    }

    private func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
        try BlockReader().bytes(of: Decompressor(MemorySource(bytes)), limit: 1 << 26)
    }
}
