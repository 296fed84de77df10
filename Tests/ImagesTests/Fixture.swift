import Archive
import Content
import Database
import Images
import Linux
import OCI
import Synchronization
import Testing
import Values

/// Unpacking sets owners, which takes root.
let isRoot: Bool = {
    // Not being able to tell is as good as not being root.
    if (try? FileSystem.status("/proc/self"))?.user == 0 { return true }
    print("SKIPPED: the tests of Images need root")
    return false
}()

/// An image store of the test's own.
final class Fixture {
    let path = "/tmp/davit-images-\(UInt64.random(in: 0 ... .max))"
    let paths: StatePaths
    let database: Database
    let images: Images
    let uses: Uses

    final class Uses: Sendable {
        let byImage = Mutex<[Digest: [ImageUse]]>([:])
    }

    init() throws {
        paths = StatePaths(dataRoot: "\(path)/data", runRoot: "\(path)/run")
        try FileSystem.makeDirectories(paths.dataRoot)
        database = try Database.open(paths.database, components: [("images", Images.migrations)])
        let uses = Uses()
        self.uses = uses
        images = Images(paths: paths, database: database) { id in uses.byImage.withLock { $0[id] ?? [] } }
        try images.prepare()
    }

    deinit {
        // The test's outcome does not depend on it.
        try? FileSystem.removeTree(path)
    }

    /// A container uses it, known by `name` or else by its id.
    func use(_ image: Digest, running: Bool, as name: String? = nil) {
        uses.byImage.withLock { $0[image] = [ImageUse(container: String(repeating: "c", count: 64), isRunning: running, image: name ?? image.description)] }
    }
}

/// A tar of regular files.
func tar(_ files: [(String, String)]) throws -> [UInt8] {
    let sink = MemorySink()
    let writer = TarWriter(sink)
    for (path, text) in files { try writer.append(TarEntry(path), data: Array(text.utf8)) }
    try writer.finish()
    return sink.bytes
}
