package import Archive
internal import Linux
package import OCI
internal import Values

/// Unpacked layers, each a directory named by its diffID, ready to be an overlay's lower directory.
///
/// A layer is unpacked beside, and renamed into place once it is whole and on disk: what has a layer's name is complete.
/// A layer that only makes sense over others (it leaves parent directories out, or links to a file below it) is kept under
/// its diffID and chainID, for that chain alone.
package struct LayerStore: Sendable {
    /// `StatePaths.layers`.
    package let path: String

    package init(path: String) { self.path = path }

    /// Names that no layer has.
    private static let workPrefix = "tmp-"
    /// An empty directory for images without layers: an overlay must have something below.
    package var empty: String { "\(path)/empty" }

    package func prepare() throws {
        try FileSystem.makeDirectories(path, mode: 0o700)
        try FileSystem.makeDirectories(empty, mode: 0o755)
    }

    /// The name of the directory that serves this layer in this chain, when it is here.
    package func directory(for diffID: Digest, chainID: Digest) -> String? {
        let shared = diffID.hex, own = Self.ownName(diffID, chainID)
        if FileSystem.exists("\(path)/\(shared)") { return shared }
        return FileSystem.exists("\(path)/\(own)") ? own : nil
    }

    private static func ownName(_ diffID: Digest, _ chainID: Digest) -> String { "\(diffID.hex).\(chainID.hex)" }

    /// The absolute path of a layer's directory.
    package func path(of directory: String) -> String { "\(path)/\(directory)" }

    /// The id of a layer with all below it. See image-spec, config.md, "Layer ChainID".
    package static func chainID(_ diffID: Digest, over parent: Digest?) -> Digest {
        guard let parent else { return diffID }
        return ContentHasher.digest(Array("\(parent) \(diffID)".utf8))
    }

    /// Unpacks a plain tar. `parents` are the paths of the unpacked layers below, topmost first; nil when they are not known yet:
    /// then a layer that needs them throws `LayerError` with `needsParents`.
    ///
    /// Throws when the tar is not `expected`. Nothing is visible until the result is committed.
    package func unpack(_ tar: any ByteSource, expected: Digest?, chainParent: Digest?, parents: [String]?) throws -> PendingLayer {
        let pending = try PendingLayer(in: self)
        let source = HashingSource(tar)
        let reader = TarReader(source)
        let applier = try LayerApplier(root: pending.directory, lowers: parents.map(LowerLayers.init))
        try applier.apply(reader)
        try reader.drain()
        let diffID = source.digest()
        if let expected, expected != diffID { throw LayerError("", "the content is \(diffID), expected \(expected)") }
        pending.complete(
            diffID, size: applier.size, tarSize: source.count, name: applier.dependsOnParents ? Self.ownName(diffID, Self.chainID(diffID, over: chainParent)) : diffID.hex)
        return pending
    }

    /// Unpacks any tar, and takes what our own archiver would make of the result for the layer: its bytes need not be kept then.
    package func unpackAsOwn(_ tar: any ByteSource) throws -> PendingLayer {
        let pending = try PendingLayer(in: self)
        let reader = TarReader(tar)
        let applier = try LayerApplier(root: pending.directory, lowers: LowerLayers([]))
        try applier.apply(reader)
        try reader.drain()
        try pending.seal()
        return pending
    }

    /// A layer to be filled by the caller at `pending.path` and then sealed.
    package func make() throws -> PendingLayer { try PendingLayer(in: self) }

    /// Takes a directory of the same file system for a layer, such as an overlay's upper that nobody writes to any more: it is renamed, not
    /// copied, and sealed.
    package func adopt(_ directory: String) throws -> PendingLayer {
        let pending = try PendingLayer(in: self, adopting: directory)
        try pending.seal()
        return pending
    }

    /// Writes the layer's tar as our archiver makes it.
    package func archive(_ directory: String, to sink: any ByteSink) throws {
        try TreeArchiver.write(FileDescriptor.open(path(of: directory), [.directory]), as: .layer, to: sink)
    }

    /// Every layer's directory name here.
    package func directories() throws -> [String] {
        try FileDescriptor.open(path, [.directory]).entries().filter { $0.utf8.count == 64 || $0.utf8.count == 129 }
    }

    /// Removes a layer. The name is gone at once, the files soon; not being here is right.
    package func delete(_ directory: String) throws {
        let grave = Self.workPrefix + Identifier.random().description
        let root = try FileDescriptor.open(path, [.directory])
        guard try root.statusIfAny(of: PathBytes(directory)) != nil else { return }
        try root.rename(directory, to: grave, in: root)
        try root.removeTree(grave)
    }

    /// Removes what unfinished unpacking and removal left behind. Work under way holds a lock and stays.
    package func removeStaleWork() throws {
        let root = try FileDescriptor.open(path, [.directory])
        for name in try root.entries() where name.hasPrefix(Self.workPrefix) {
            if try Self.isStale(name, in: root) { try Self.removeUnlessMounted(name, in: root) }
        }
    }

    /// Something mounted in it is somebody else's: then it stays until that has gone.
    private static func removeUnlessMounted(_ name: String, in root: borrowing FileDescriptor) throws(SyscallError) {
        do throws(SyscallError) { try root.removeTree(name) } catch  where error.errno == .crossDevice || error.errno == .busy { return }
    }

    /// True when no process works on it any more.
    private static func isStale(_ name: String, in root: borrowing FileDescriptor) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            let directory = try root.open(name, [.directory, .noFollow])
            return try directory.lock(wait: false)
        } catch  where error.errno == .noEntry { return false }
    }

    static func workName() -> String { workPrefix + Identifier.random().description }
}
