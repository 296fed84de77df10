internal import Archive
internal import Content
package import Database
package import Diagnostics
internal import Events
internal import Layers
internal import Linux
package import OCI
package import Values

/// The images of this engine: rows in the database, layers unpacked in a `LayerStore`, and the blobs that layers came in.
///
/// Safe from several threads and processes at once. An image is visible from the moment its rows are committed, and by then
/// everything they name is on disk. Layers made here (bootstrap, import, commit) keep no blob: their tar is made again from the
/// directory when asked for, byte for byte, because the layer's digest is that of our own archiver's tar. Layers that came
/// from elsewhere keep the blob they came in, as only that has the bytes that others know them by.
package final class Images: Sendable {
    let database: Database
    let paths: StatePaths
    let content: ContentStore
    let layers: LayerStore
    let events: EventJournal
    let usage: @Sendable (Digest) throws -> [ImageUse]

    /// `usage` tells which containers were made from an image; it is called outside of any transaction.
    package init(paths: StatePaths, database: Database, usage: @escaping @Sendable (Digest) throws -> [ImageUse] = { _ in [] }) {
        self.paths = paths
        self.database = database
        self.usage = usage
        events = EventJournal(paths)
        content = ContentStore(path: paths.content)
        layers = LayerStore(path: paths.layers)
    }

    /// Makes the directories that images are kept in; being there is right. Needed once before anything is stored.
    package func prepare() throws(Fault) {
        try asFault("cannot make the image store") {
            try content.prepare()
            try layers.prepare()
        }
    }

    /// The absolute path of an empty directory, for images without layers: an overlay must have something below.
    package var emptyLayer: String { layers.empty }

    /// Keeps every image from being removed as long as the result lives. Whoever is about to write a row that names an image
    /// holds one from `resolve` until the row is committed. Cheap; blocks while another removes an image.
    package func hold() throws(Fault) -> ImageHold { try ImageHold(paths.imagesLock, exclusive: false) }

    /// Holds off `collect` while content and layers come in that no row names yet.
    package func ingestHold() throws(Fault) -> ImageHold { try ImageHold(paths.ingestLock, exclusive: false) }
}

/// A lock on the image store, given back when it ends. See flock(2): it ends with its process in any case.
package struct ImageHold: ~Copyable, Sendable {
    private let file: FileDescriptor

    fileprivate init(owning file: consuming FileDescriptor) { self.file = file }

    init(_ path: String, exclusive: Bool) throws(Fault) {
        do throws(SyscallError) {
            let file = try FileDescriptor.open(path, [.readWrite, .create], mode: 0o600)
            _ = try file.lock(exclusive: exclusive)
            self.file = file
        } catch { throw Fault(.internal, "cannot lock the image store: \(error)", cause: error) }
    }

    /// Runs `body` under an exclusive lock; nil when another holds it, who will not be waited for.
    static func ifFree<Result>(_ path: String, _ body: () throws -> Result) throws -> Result? {
        let file = try FileDescriptor.open(path, [.readWrite, .create], mode: 0o600)
        guard try file.lock(wait: false) else { return nil }
        let hold = ImageHold(owning: file)
        defer { _ = hold }
        return try body()
    }
}

/// A container that was made from an image.
package struct ImageUse: Sendable, Hashable {
    /// The container's whole id.
    package var container: String
    package var isRunning: Bool
    /// What the container knows the image by: a name, or an id.
    package var image: String

    package init(container: String, isRunning: Bool, image: String) {
        self.container = container
        self.isRunning = isRunning
        self.image = image
    }

    /// As Docker's messages show it.
    var short: String { String(container.prefix(12)) }
}

/// Runs `body` and gives whatever it throws a kind: faults stay as they are, malformed input is `invalid`, the rest `internal`.
func asFault<Result>(_ attempt: String, _ body: () throws -> Result) throws(Fault) -> Result {
    do {
        return try body()
    } catch let fault as Fault {
        throw fault
    } catch {
        switch error {
        case is ArchiveError, is DocumentError: throw Fault(.invalid, "\(attempt): \(error)", cause: error)
        case let error as LayerError:
            throw Fault(error.cause == nil || error.cause is ArchiveError ? .invalid : .internal, "\(attempt): \(error)", cause: error)
        case let error as SyscallError where error.errno == .noSpace: throw Fault(.unavailable, "\(attempt): \(error)", cause: error)
        default: throw Fault(.internal, "\(attempt): \(error)", cause: error)
        }
    }
}
