internal import Archive
internal import AsyncIO
internal import Content
internal import Diagnostics
internal import HTTPTransport
internal import Images
internal import Linux
package import OCI
internal import RegistryClient

/// Where the documents and layers of a cache are.
package protocol CacheStore: Sendable {
    /// A manifest, or an index; without a digest what the cache goes by.
    func manifest(_ digest: Digest?) async throws -> [UInt8]
    /// Gives all that comes for a blob, in pieces: nothing of it is checked.
    func read(_ blob: Digest, _ each: ([UInt8]) async throws -> Void) async throws
    /// Takes the file at `path` as a blob, if it has none of that digest.
    func write(_ blob: Descriptor, from path: String) async throws
    /// Takes a manifest, which the cache goes by from now on.
    func put(_ manifest: [UInt8], as descriptor: Descriptor) async throws
}

extension CacheStore {
    /// The manifest that the cache goes by; of an index, the one for a platform.
    func manifest(for platform: Platform) async throws -> [UInt8] {
        let bytes = try await manifest(nil)
        // A manifest has a configuration, an index has none.
        guard (try? Document.decode(Manifest.self, from: bytes, what: "manifest")) == nil else { return bytes }
        return try await manifest(PlatformChoice.manifest(of: Document.decode(Index.self, from: bytes, what: "image index"), for: platform).digest)
    }

    /// A small blob, which is what its digest says.
    package func document(_ digest: Digest) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await read(digest) { piece in
            bytes += piece
            guard bytes.count <= Document.limit else { throw Fault(.invalid, "the document \(digest) is larger than \(Document.limit) bytes") }
        }
        guard ContentHasher.digest(bytes) == digest else { throw Fault(.invalid, "digest mismatch of \(digest)") }
        return bytes
    }
}

/// A cache in a registry.
struct RegistryCacheStore: CacheStore {
    let repository: Repository
    let name: ManifestReference

    func manifest(_ digest: Digest?) async throws -> [UInt8] { try await repository.manifest(digest.map { .digest($0) } ?? name).bytes }

    func read(_ blob: Digest, _ each: ([UInt8]) async throws -> Void) async throws { try await repository.read(blob, each) }

    func write(_ blob: Descriptor, from path: String) async throws {
        if try await repository.size(of: blob.digest) != nil { return }
        let file = OpenFile(try FileDescriptor.open(path))
        try await repository.upload(blob.digest, size: blob.size) { .file(file, offset: UInt64($0), length: UInt64(blob.size - $0)) }
    }

    func put(_ manifest: [UInt8], as descriptor: Descriptor) async throws { _ = try await repository.put(manifest, mediaType: descriptor.mediaType, as: name) }
}

/// A cache in a directory, which is an image layout.
struct DirectoryCacheStore: CacheStore {
    let path: String
    /// The name in the layout.
    let tag: String
    /// What reading begins with; nil for what has that name.
    var digest: Digest?

    private func file(_ digest: Digest) -> String { "\(path)/blobs/\(digest.algorithm)/\(digest.hex)" }

    func manifest(_ digest: Digest?) async throws -> [UInt8] { try await document(digest ?? self.digest ?? top()) }

    private func top() throws -> Digest {
        let layout = try Document.decode(Index.self, from: FileSystem.read("\(path)/index.json", limit: Document.limit), what: "image layout").manifests
        guard let named = layout.first(where: { $0.annotations?[Annotation.referenceName] == tag }) ?? (layout.count == 1 ? layout.first : nil) else {
            throw Fault(.notFound, "no \(tag) in \(path)")
        }
        return named.digest
    }

    func read(_ blob: Digest, _ each: ([UInt8]) async throws -> Void) async throws {
        let source = OpenFile(try FileDescriptor.open(file(blob)))
        while case let bytes = try await AsyncIO.offload({ try source.descriptor.read(upTo: 1 << 20) }), !bytes.isEmpty { try await each(bytes) }
    }

    func write(_ blob: Descriptor, from path: String) async throws {
        let target = file(blob.digest)
        if FileSystem.exists(target) { return }
        try await AsyncIO.offload {
            try FileSystem.makeDirectories("\(self.path)/blobs/\(blob.digest.algorithm)")
            let part = "\(target).part", source = try FileDescriptor.open(path), output = try FileDescriptor.open(part, [.writeOnly, .create, .truncate], mode: 0o644)
            while case let bytes = try source.read(upTo: 1 << 20), !bytes.isEmpty { try output.writeAll(bytes) }
            try FileSystem.rename(part, to: target)
        }
    }

    func put(_ manifest: [UInt8], as descriptor: Descriptor) async throws {
        try FileSystem.makeDirectories("\(path)/blobs/\(descriptor.digest.algorithm)")
        try FileSystem.replace(file(descriptor.digest), with: manifest)
        var named = descriptor
        named.annotations = [Annotation.referenceName: tag]
        try FileSystem.replace("\(path)/oci-layout", with: Document.encode(ImageLayout()))
        try FileSystem.replace("\(path)/index.json", with: Document.encode(Index(manifests: [named])))
    }
}
