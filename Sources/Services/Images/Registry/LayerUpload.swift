internal import AsyncIO
internal import Content
internal import Database
internal import DockerAPI
internal import HTTPTransport
internal import Linux
internal import OCI
internal import RegistryClient
internal import Synchronization

/// Brings one layer to a repository, by the cheapest of the ways: it is there, another repository of the same registry has it, or it is sent.
struct LayerUpload: Sendable {
    let images: Images
    let repository: Repository
    let layer: ImageLayer
    let progress: @Sendable (JSONMessage) -> Void

    /// Repositories that are asked for the blob at most.
    private static let mountLimit = 3

    private var id: String { layer.diffID.short }

    /// What a manifest says of it.
    func run() async throws -> Descriptor {
        let images = images, layer = layer
        // A layer that others keep for us is not sent, unless the registry is one that may have it.
        if MediaType.isForeign(layer.mediaType), !repository.registry.mayHaveForeignLayers, let blob = layer.blob {
            status("Skipped foreign layer")
            return Descriptor(mediaType: layer.mediaType, digest: blob, size: layer.blobSize)
        }
        let descriptor = try await AsyncIO.offload { try images.blob(of: layer) }
        if try await repository.size(of: descriptor.digest) != nil {
            status("Layer already exists")
        } else if let other = try await mounted(descriptor.digest) {
            status("Mounted from \(other)")
        } else {
            try await send(descriptor)
            status("Pushed")
        }
        return descriptor
    }

    private func mounted(_ digest: Digest) async throws -> RepositoryName? {
        let images = images, domain = repository.registry.domain, own = repository.description
        let known = try await AsyncIO.offload {
            try images.database.read { rows in
                try rows.rows(
                    "SELECT repository FROM blob_sources WHERE blob = ? AND repository >= ? AND repository < ? AND repository <> ? LIMIT \(Self.mountLimit)",
                    .text(digest.description), .text("\(domain)/"), .text("\(domain)0"), .text(own)
                ).compactMap { RepositoryName(try $0.text("repository").dropFirst(domain.count + 1)) }
            }
        }
        for name in known where try await repository.mount(digest, from: name) { return name }
        return nil
    }

    private func send(_ descriptor: Descriptor) async throws {
        let file = OpenFile(try FileDescriptor.open(images.content.blobPath(descriptor.digest)))
        let shown = Throttle(), size = descriptor.size, progress = progress, id = id
        try await repository.upload(descriptor.digest, size: size) { start in
            let position = Mutex<Int64>(start)
            let place = PositionBox(position)
            return RequestBody(length: UInt64(size - start)) {
                let offset = place.value.withLock { $0 }
                guard offset < size else { return nil }
                let bytes = try await AsyncIO.offload { try file.descriptor.read(upTo: Int(min(Self.pieceSize, size - offset)), at: offset) }
                place.value.withLock { $0 = offset + Int64(bytes.count) }
                if shown.isDue {
                    progress(JSONMessage(status: "Pushing", progressDetail: JSONProgress(current: Int(offset), total: Int(size)), id: id))
                }
                return bytes.isEmpty ? nil : bytes
            }
        }
    }

    private static let pieceSize: Int64 = 256 << 10

    private func status(_ text: String) { progress(JSONMessage(status: text, progressDetail: JSONProgress(), id: id)) }
}

/// A place in a file, for a closure that can only copy.
private final class PositionBox: Sendable {
    let value: Mutex<Int64>
    init(_ value: consuming Mutex<Int64>) { self.value = value }
}
