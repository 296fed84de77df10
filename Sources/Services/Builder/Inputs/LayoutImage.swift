internal import Archive
internal import AsyncIO
internal import Content
internal import Diagnostics
internal import Images
internal import Linux
internal import OCI

/// An image that a context names in an image layout: `oci-layout://place[:tag][@digest]`, where the place is a directory, or the client's name
/// for one of its own.
struct LayoutImage {
    static let scheme = "oci-layout://"

    /// Whether a context is an image, not files.
    static func isImage(_ context: String) -> Bool { context.hasPrefix("docker-image://") || context.hasPrefix(scheme) }

    let build: Build
    private let place: String
    private let tag: String
    private let digest: Digest?

    /// Nil for other contexts.
    init?(_ context: String, _ build: Build) throws {
        guard context.hasPrefix(Self.scheme) else { return nil }
        let parts = context.dropFirst(Self.scheme.utf8.count).split(separator: "@", maxSplits: 1).map(String.init), name = parts.first ?? ""
        let last = name.split(separator: "/", omittingEmptySubsequences: false).last ?? "", colon = last.lastIndex(of: ":")
        self.build = build
        tag = colon.map { String(last[last.index(after: $0)...]) } ?? "latest"
        place = colon == nil ? name : String(name.dropLast(tag.count + 1))
        digest = parts.count > 1 ? Digest(parts[1]) : nil
        if parts.count > 1, digest == nil { throw Fault(.invalid, "invalid digest in \(context)") }
    }

    /// Takes it in, without a name.
    func load(for platform: Platform) async throws -> Image {
        let store: any CacheStore
        // Clients call stores of layouts so, and have found the digest themselves.
        if let client = build.request.client {
            store = try await client.store("oci:\(place)", manifest: digest)
        } else {
            store = DirectoryCacheStore(path: place, tag: tag, digest: digest)
        }
        let bytes = try await store.manifest(for: platform), manifest = try Document.decode(Manifest.self, from: bytes, what: "image manifest")
        let path = try build.workplace.makeDirectory("layout")
        var blobs: [(descriptor: Descriptor, path: String)] = []
        for descriptor in [manifest.config] + manifest.layers where !blobs.contains(where: { $0.descriptor.digest == descriptor.digest }) {
            let file = "\(path)/\(descriptor.digest.hex)"
            try await store.read(descriptor, into: OpenFile(FileDescriptor.open(file, [.writeOnly, .create, .exclusive], mode: 0o600)))
            blobs.append((descriptor, file))
        }
        let (images, all, id) = (build.builder.images, blobs, manifest.config.digest)
        return try await AsyncIO.offload {
            let archive = "\(path)/archive"
            try Self.write(bytes, all, to: FileSink(FileDescriptor.open(archive, [.writeOnly, .create, .exclusive], mode: 0o600)))
            // What is wrong with a blob is found here.
            try images.load(from: FileSource(FileDescriptor.open(archive)), quiet: true)
            return try images.resolve("\(id)")
        }
    }

    /// As an archive of images is.
    private static func write(_ manifest: [UInt8], _ blobs: [(descriptor: Descriptor, path: String)], to sink: FileSink) throws {
        let writer = TarWriter(sink)
        let descriptor = Descriptor(mediaType: MediaType.manifest, digest: ContentHasher.digest(manifest), size: Int64(manifest.count))
        try writer.append(TarEntry("oci-layout"), data: Document.encode(ImageLayout()))
        try writer.append(TarEntry("index.json"), data: Document.encode(Index(manifests: [descriptor])))
        try writer.append(TarEntry("blobs/sha256/\(descriptor.digest.hex)"), data: manifest)
        for blob in blobs {
            try writer.append(TarEntry("blobs/\(blob.descriptor.digest.algorithm)/\(blob.descriptor.digest.hex)", size: blob.descriptor.size))
            let source = try FileDescriptor.open(blob.path)
            while case let bytes = try source.read(upTo: 1 << 20), !bytes.isEmpty { try unsafe bytes.withUnsafeBytes { try unsafe writer.write($0) } }
        }
        try writer.finish()
    }
}
