import Archive

/// Tar archives and compressed streams, which anyone may hand in.
enum ArchiveFuzzing {
    /// What one input may grow to.
    private static let limit: Int64 = 8 << 20

    /// Reads the input as a tar, and what it holds once more after our own writer wrote it: the members stay what they were.
    static func tar(_ input: [UInt8]) throws {
        let reader = TarReader(MemorySource(input))
        let sink = MemorySink(limit: 64 << 20)
        let writer = TarWriter(sink)
        var members: [TarEntry] = []
        var total: Int64 = 0
        while let entry = try reader.next() {
            precondition(!entry.path.isEmpty && !entry.path.contains(0) && entry.size >= 0, "an impossible member")
            let (sum, overflow) = total.addingReportingOverflow(entry.size)
            // A hole may be as large as it likes; its bytes are not wanted here.
            if overflow || sum > limit { continue }
            total = sum
            let data = try reader.data(of: entry, limit: Int(limit))
            precondition(data.count == Int(entry.size), "data of another size")
            try writer.append(entry, data: data)
            members.append(entry)
        }
        try writer.finish()
        let again = TarReader(MemorySource(sink.bytes))
        for member in members {
            let read = try? again.next()
            precondition(read?.size == member.size && read?.kind == member.kind && read?.linkTarget == member.linkTarget, "a member comes back changed")
        }
    }

    /// Decompresses the input by what its first bytes say, up to a limit.
    static func decompress(_ input: [UInt8]) throws {
        _ = try BlockReader().bytes(of: Decompressor(MemorySource(input)), limit: Int(limit))
    }
}
