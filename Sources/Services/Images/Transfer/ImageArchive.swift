internal import Archive
internal import Content
internal import Diagnostics
internal import OCI
internal import Values

/// The files of an image archive, taken into the content store as they come: archives put their table of contents last.
///
/// Nothing of the archive becomes a path on the host: its names are keys here and no more.
struct ImageArchive {
    struct Member {
        var digest: Digest
        var size: Int64
    }

    /// Members at most; an image has a few for each layer.
    static let memberLimit = 50_000
    /// Bytes of small documents held in memory at most.
    private static let memoryLimit = 64 << 20

    private let content: ContentStore
    private var blobs: [String: Member] = [:]
    private var documents: [String: [UInt8]] = [:]
    private var links: [String: String] = [:]

    /// Reads a tar, compressed or not, to its end. Members under `blobs/` must be what their names say.
    init(_ source: any ByteSource, into content: ContentStore) throws {
        self.content = content
        let reader = TarReader(try Decompressor(source))
        var memory = 0
        var count = 0
        while let entry = try reader.next() {
            count += 1
            guard count <= Self.memberLimit else { throw Fault(.invalid, "the archive has more than \(Self.memberLimit) members") }
            guard let path = Self.normalised(entry.pathText) else { throw Fault(.invalid, "\(entry.pathText): name leads out of the archive") }
            forget(path)
            switch entry.kind {
            case .directory: continue
            case .symbolicLink:
                let directory = path.split(separator: "/").dropLast().joined(separator: "/")
                let target = entry.linkTargetText.hasPrefix("/") ? nil : Self.normalised("\(directory)/\(entry.linkTargetText)")
                guard let target else { throw Fault(.invalid, "\(path): link leads out of the archive") }
                links[path] = target
            case .hardLink:
                guard let target = Self.normalised(entry.linkTargetText) else { throw Fault(.invalid, "\(path): link leads out of the archive") }
                links[path] = target
            case .regular where Self.isDocument(path) && entry.size <= Document.limit:
                memory += Int(entry.size)
                guard memory <= Self.memoryLimit else { throw Fault(.invalid, "the archive's documents are larger than \(Self.memoryLimit) bytes together") }
                documents[path] = try reader.data(of: entry, limit: Document.limit)
            case .regular: blobs[path] = try Self.ingest(entry, path, reader, content)
            default: throw Fault(.invalid, "\(path): neither a file nor a directory")
            }
        }
        if count == 0 { throw Fault(.invalid, "the archive is empty") }
    }

    private static func ingest(_ entry: TarEntry, _ path: String, _ reader: TarReader, _ content: ContentStore) throws -> Member {
        let ingest = try Ingest(in: content)
        var end: Int64 = 0
        while let data = try unsafe reader.nextData() {
            guard unsafe data.offset == end else { throw Fault(.invalid, "\(path): sparse file") }
            try unsafe ingest.write(data.bytes)
            end += Int64(unsafe data.bytes.count)
        }
        guard end == entry.size else { throw Fault(.invalid, "\(path): sparse file") }
        let parts = path.split(separator: "/")
        var expected: Digest?
        if parts.count == 3, parts[0] == "blobs", parts[1] == "sha256" {
            guard let digest = Digest(sha256: parts[2]) else { throw Fault(.invalid, "\(path): invalid digest") }
            expected = digest
        }
        do {
            let made = try ingest.commit(expected: expected)
            return Member(digest: made.digest, size: made.size)
        } catch let fault as Fault where fault.kind == .invalid {
            throw Fault(.invalid, "\(path): \(fault.message)")
        }
    }

    private mutating func forget(_ path: String) {
        blobs[path] = nil
        documents[path] = nil
        links[path] = nil
    }

    /// What is small and read whole, as against configurations and manifests under `blobs/` and layers.
    private static func isDocument(_ path: String) -> Bool {
        guard !path.hasPrefix("blobs/") else { return false }
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix(".json") || ["json", "VERSION", "repositories", "oci-layout"].contains(name)
    }

    /// Without `.` and `..`; nil when it leads out.
    static func normalised(_ path: String) -> String? {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                if parts.popLast() == nil { return nil }
            } else {
                parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    private func resolved(_ path: String) -> String? {
        guard var path = Self.normalised(path) else { return nil }
        for _ in 0..<16 {
            guard let target = links[path] else { return path }
            path = target
        }
        return nil
    }

    /// A member kept in the content store.
    func blob(_ path: String) -> Member? { resolved(path).flatMap { blobs[$0] } }

    /// A blob of an image layout.
    func blob(_ digest: Digest) -> Member? { blob("blobs/\(digest.algorithm)/\(digest.hex)") }

    /// A whole small member; nil when there is none.
    func document(_ path: String) throws -> [UInt8]? {
        guard let path = resolved(path) else { return nil }
        if let bytes = documents[path] { return bytes }
        return try blobs[path].map { try content.bytes(of: $0.digest) }
    }

    /// What a descriptor points at, which must be as large as it says.
    func document(_ descriptor: Descriptor, what: String) throws -> [UInt8]? {
        guard let member = blob(descriptor.digest) else { return nil }
        guard member.size == descriptor.size else {
            throw Fault(.invalid, "\(what) \(descriptor.digest) has \(member.size) bytes, its descriptor says \(descriptor.size)")
        }
        return try content.bytes(of: descriptor.digest)
    }
}
