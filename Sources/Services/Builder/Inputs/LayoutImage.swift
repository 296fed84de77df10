internal import AsyncIO
internal import Diagnostics
internal import Images
internal import OCI

/// An image that a context names in an image layout: `oci-layout://place[:tag][@digest]`, where the place is a directory, or the client's name
/// for one of its own.
struct LayoutImage {
    static let scheme = "oci-layout://"

    /// Whether a context is an image, not files.
    static func isImage(_ context: String) -> Bool { context.hasPrefix(registryScheme) || context.hasPrefix(scheme) }
    static let registryScheme = "docker-image://"
    /// A context without files.
    static let empty = registryScheme + "scratch"

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
        let images = build.builder.images
        for blob in [manifest.config] + manifest.layers { try await images.ingest(blob) { each in try await store.read(blob.digest, each) } }
        return try await AsyncIO.offload { try images.load(manifest: bytes) }
    }
}
