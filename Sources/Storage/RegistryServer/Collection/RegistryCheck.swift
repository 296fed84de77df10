internal import Archive
internal import Content
internal import Diagnostics
internal import Linux
internal import OCI

/// Looks whether a registry's directory holds what it says: every blob is what its digest says, every link, tag and manifest names
/// something that is there.
package enum RegistryCheck {
    package struct Result: Sendable, Hashable {
        package var blobs = 0
        package var repositories = 0
        package var problems = 0
    }

    /// Reads everything. `tell` gets a line for each problem. In a cache what a manifest names may be missing.
    package static func run(_ store: RegistryStore, isCache: Bool = false, tell: (String) -> Void) throws -> Result {
        var result = Result()
        func problem(_ text: String) {
            result.problems += 1
            tell(text)
        }
        let reader = BlockReader()
        try store.allBlobs { digest in
            // A directory without content is what is left of a write that never came to its end.
            guard FileSystem.exists(store.paths.blob(digest)) else { return }
            result.blobs += 1
            guard let algorithm = digest.hasherAlgorithm else { return problem("blob \(digest): unsupported digest algorithm") }
            let hasher = ContentHasher(algorithm)
            do {
                let source = HasherSource(FileSource(try FileDescriptor.open(store.paths.blob(digest))), hasher)
                try reader.drain(source)
            } catch { return problem("blob \(digest): \(error)") }
            let found = hasher.finish()
            if found != digest { problem("blob \(digest): content is \(found)") }
        }
        for repository in try store.allRepositories().sorted() {
            result.repositories += 1
            for digest in try RegistryStore.digests(below: store.paths.layers(repository)) {
                let target = try store.link(in: store.paths.layer(repository, digest))
                if !(target.map { FileSystem.exists(store.paths.blob($0)) } ?? false) { problem("\(repository): layer \(digest) has no content") }
            }
            for digest in try RegistryStore.digests(below: store.paths.revisions(repository)).sorted() {
                guard FileSystem.exists("\(store.paths.revision(repository, digest))/link") else { continue }
                guard let stored = try store.readManifest(digest, in: repository) else {
                    problem("\(repository): manifest \(digest) has no content")
                    continue
                }
                for reference in ManifestCheck.stored(stored.bytes)?.references ?? [] where !isCache && reference.kind != .foreign {
                    let isThere = try store.link(in: store.paths.layer(repository, reference.digest)) ?? store.link(in: store.paths.revision(repository, reference.digest))
                    if isThere == nil { problem("\(repository): manifest \(digest) names \(reference.digest), which is not there") }
                }
            }
            for (digest, tags) in try store.taggedDigests(of: repository) where !FileSystem.exists("\(store.paths.revision(repository, digest))/link") {
                for tag in tags.sorted() { problem("\(repository): tag \(tag) names \(digest), which is not there") }
            }
        }
        return result
    }
}

/// Passes a source through a hasher of any algorithm.
private final class HasherSource: ByteSource {
    private let source: any ByteSource
    private let hasher: ContentHasher

    init(_ source: any ByteSource, _ hasher: ContentHasher) {
        self.source = source
        self.hasher = hasher
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try unsafe source.read(into: buffer)
        unsafe hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }
}
