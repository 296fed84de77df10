internal import Archive
internal import AsyncIO
internal import Content
internal import Database
internal import Diagnostics
internal import DockerAPI
internal import HTTPTransport
internal import Layers
internal import Linux
internal import OCI
internal import RegistryClient
internal import Synchronization
internal import Values

/// A layer that an image needs, as the manifest and the configuration say.
struct WantedLayer: Sendable {
    var descriptor: Descriptor
    var diffID: Digest
    var chainID: Digest
    /// The chain of all layers below.
    var parent: Digest?

    /// As messages name it.
    var id: String { descriptor.digest.short }
}

/// A layer whose blob is in the store, and whose directory is there too or ready to be.
struct FetchedLayer: Sendable {
    var wanted: WantedLayer
    /// The directory and its size when it was there before.
    var known: (directory: String, size: Int64)?
    /// Unpacked and not yet in its place.
    var pending: PendingLayer?
    /// It needs the layers below to be unpacked.
    var needsParents = false
}

/// Whether a pull has met a full disk. All its downloads end then, and what has come of each takes the space that is missing.
final class DiskSpace: Sendable {
    private let exhausted = Atomic(false)

    var isExhausted: Bool { exhausted.load(ordering: .acquiring) }
    func exhaust() { exhausted.store(true, ordering: .releasing) }
}

/// Brings one layer in: its blob from the registry, and out of it, while it comes, the unpacked directory.
struct LayerDownload: Sendable {
    let images: Images
    let repository: Repository
    let layer: WantedLayer
    let attempts: Int
    let space: DiskSpace
    let progress: @Sendable (JSONMessage) -> Void

    private var digest: Digest { layer.descriptor.digest }

    func run() async throws -> FetchedLayer {
        let images = images, layer = layer
        var result = FetchedLayer(wanted: layer)
        result.known = try await AsyncIO.offload { try images.known(layer).directory }
        let blob = try await AsyncIO.offload { try PartialBlob.open(layer.descriptor.digest, size: layer.descriptor.size, in: images.content) }
        do {
            try await fetch(blob, into: &result)
            // From here on nobody else waits for it.
            try await AsyncIO.offload { try blob?.commit() }
        } catch {
            if BlobDownload.isDiskFull(error) { space.exhaust() }
            // What is wrong is not worth going on with; what is merely cut is.
            if let blob, BlobDownload.isWorthless(error) || space.isExhausted || blob.received == 0 { try blob.delete() }
            guard error is LayerError || error is ArchiveError else { throw error }
            throw Fault(.invalid, "failed to register layer \(digest): \(error)", cause: nil)
        }
        status("Pull complete")
        return result
    }

    /// Downloads what is missing, and unpacks at the same time.
    private func fetch(_ blob: PartialBlob?, into result: inout FetchedLayer) async throws {
        let watermark = Watermark(blob?.received ?? layer.descriptor.size)
        let file = try blob?.file ?? OpenFile(FileDescriptor.open(images.content.blobPath(digest)))
        let isUnpacked = result.known != nil
        let outcome = try await withThrowingTaskGroup(of: Unpacked?.self) { group in
            if let blob {
                group.addTask {
                    do {
                        try await download(blob, watermark)
                        watermark.end()
                    } catch {
                        watermark.fail(error)
                        throw error
                    }
                    status("Download complete")
                    return nil
                }
            } else {
                watermark.end()
            }
            let used = Watermark()
            group.addTask {
                try await AsyncIO.offload {
                    defer { used.end() }
                    return try unpack(file, watermark, isUnpacked, used)
                }
            }
            group.addTask {
                try await AsyncIO.offload { try writeBack(file, used) }
                return nil
            }
            var unpacked: Unpacked?
            // The first error is the cause; the other task ends by it.
            while let next = try await group.next() { unpacked = next ?? unpacked }
            return unpacked
        }
        switch outcome {
        case .layer(let layer)?: result.pending = layer
        case .needsParents?: result.needsParents = true
        case .verified?, nil: break
        }
    }

    // MARK: The blob

    private func download(_ blob: PartialBlob, _ watermark: Watermark) async throws {
        let shown = Throttle()
        try await BlobDownload(repository: repository, descriptor: layer.descriptor, attempts: attempts).run(into: blob) { step in
            switch step {
            case .received(let bytes):
                watermark.rise(to: bytes)
                Failpoint.hit(.pullAfterPart)
                if shown.isDue { show("Downloading", bytes) }
            case .retrying(let attempt): status("Retrying in \(attempt) seconds")
            }
        }
    }

    // MARK: The directory

    private enum Unpacked: Sendable { case layer(PendingLayer), needsParents, verified }

    /// How much of a blob is unpacked between two of `writeBack`'s syncs, in bytes.
    private static let writeBackStep: Int64 = 16 << 20

    /// Puts on disk what is there so far while more is unpacked, so that the sync at the end has little left to wait for.
    private func writeBack(_ file: OpenFile, _ used: Watermark) throws {
        var level = Self.writeBackStep
        while try used.wait(past: level) > level {
            try file.descriptor.syncFileSystem()
            level = used.current + Self.writeBackStep
        }
    }

    private func unpack(_ file: OpenFile, _ watermark: Watermark, _ isUnpacked: Bool, _ used: Watermark) throws -> Unpacked {
        let shown = Throttle(), size = layer.descriptor.size
        let source = try LayerStream(file, watermark, digest: digest) { passed in
            used.rise(to: passed)
            if watermark.current == size, shown.isDue { show("Extracting", passed) }
        }
        if isUnpacked {
            let plain = HashingSource(source)
            try BlockReader().drain(plain)
            let found = plain.digest()
            guard found == layer.diffID else { throw Fault(.invalid, "the layer \(digest) is \(found), the image's configuration says \(layer.diffID)") }
            return .verified
        }
        do {
            return .layer(try images.layers.unpack(source, expected: layer.diffID, chainParent: layer.parent, parents: layer.parent == nil ? [] : nil))
        } catch let error as LayerError where error.needsParents {
            // The blob is verified all the same, and unpacked once those below are there.
            try BlockReader().drain(source)
            return .needsParents
        }
    }

    // MARK: Messages

    private func status(_ text: String) { progress(JSONMessage(status: text, progressDetail: JSONProgress(), id: layer.id)) }

    private func show(_ text: String, _ current: Int64) {
        progress(JSONMessage(status: text, progressDetail: JSONProgress(current: Int(current), total: Int(layer.descriptor.size)), id: layer.id))
    }
}

/// Lets something happen ten times a second at most.
final class Throttle: Sendable {
    private let next = Mutex(Duration.zero)

    var isDue: Bool {
        let now = MonotonicClock.now
        return next.withLock { next in
            guard now >= next else { return false }
            next = now + .milliseconds(100)
            return true
        }
    }
}

extension Images {
    /// What of a layer is here: its directory, and whether nothing at all is missing. Only a blob that is known to unpack to this
    /// directory counts.
    func known(_ layer: WantedLayer) throws -> (directory: (directory: String, size: Int64)?, isWhole: Bool) {
        guard let directory = layers.directory(for: layer.diffID, chainID: layer.chainID),
            let row = try database.read({ try $0.layer(directory: directory) })
        else { return (nil, false) }
        let isKnown = try database.read { rows in
            try rows.first(
                "SELECT 1 FROM image_layers WHERE blob = ? AND diff_id = ?", .text(layer.descriptor.digest.description), .text(layer.diffID.description)) != nil
        }
        return ((directory, row.size), isKnown && content.contains(layer.descriptor.digest))
    }
}
