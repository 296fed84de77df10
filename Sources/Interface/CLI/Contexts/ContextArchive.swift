internal import Archive

/// A context as one file that other machines can read: a tar archive with `meta.json` and `tls/<endpoint>/<file>`.
struct ContextArchive {
    var context: EngineContext
    var material: [String: ContextStore.Material]

    /// Files of one archive, which also bounds what is looked at.
    private static let fileLimit = 100

    init(_ context: EngineContext, _ material: [String: ContextStore.Material]) { (self.context, self.material) = (context, material) }

    /// Reads one that anybody may have written, for a context of the given name.
    init(parsing bytes: [UInt8], name: String) throws {
        if bytes.starts(with: [0x50, 0x4B, 3, 4]) { throw Invalid("zip archives of contexts are not read: unpack it and make a tar archive of its files") }
        let reader = TarReader(MemorySource(bytes))
        var context: EngineContext?, count = 0
        material = [:]
        while let entry = try reader.next() {
            guard entry.kind == .regular else { continue }
            count += 1
            guard count <= Self.fileLimit else { throw Invalid("invalid context: more than \(Self.fileLimit) files") }
            let path = entry.pathText
            do { try Self.check(path) } catch { throw Invalid("\(path): \(error)") }
            let data = try reader.data(of: entry, limit: EngineContext.limit)
            if path == "meta.json" {
                context = try EngineContext(parsing: data)
                continue
            }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count <= 255 }) else { throw Invalid("archive format is invalid") }
            material[parts[0], default: [:]][parts[1]] = data
        }
        guard var context else { throw Invalid("invalid context: no metadata found") }
        context.name = name
        self.context = context
    }

    /// Only the two kinds of files, by paths that lead nowhere else.
    private static func check(_ path: String) throws {
        guard path == "meta.json" || path.hasPrefix("tls/") else { throw Invalid("unexpected context file") }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.contains(where: { ["", ".", ".."].contains($0) }) { throw Invalid("unexpected path format") }
        if path.contains("\\") { throw Invalid(#"unexpected '\' in path"#) }
        if path.contains("\0") { throw Invalid("unexpected zero byte in path") }
    }

    func bytes() throws -> [UInt8] {
        let sink = MemorySink(), writer = TarWriter(sink)
        try writer.append(TarEntry("meta.json"), data: context.bytes)
        try writer.append(TarEntry("tls", kind: .directory, permissions: 0o700))
        for (endpoint, files) in material.sorted(by: { $0.key < $1.key }) {
            try writer.append(TarEntry("tls/\(endpoint)", kind: .directory, permissions: 0o700))
            for (name, data) in files.sorted(by: { $0.key < $1.key }) {
                try writer.append(TarEntry("tls/\(endpoint)/\(name)", permissions: 0o600), data: data)
            }
        }
        try writer.finish()
        return sink.bytes
    }
}
