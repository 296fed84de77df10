internal import Archive
package import Linux
package import OCI
internal import Synchronization
internal import Values

/// A layer being made; removed again unless committed. One task at a time works on it.
package final class PendingLayer: Sendable {
    private let store: LayerStore
    private let workName: String
    private let state = Mutex(State())
    package let directory: FileDescriptor

    private struct State {
        var result: Result?
        var committed = false
    }

    private struct Result {
        var diffID: Digest
        var size: Int64
        var tarSize: Int64
        var name: String
    }

    /// The digest of its tar, once it is complete.
    package var diffID: Digest? { state.withLock { $0.result?.diffID } }
    /// Bytes of its regular files.
    package var size: Int64 { state.withLock { $0.result?.size ?? 0 } }
    /// Bytes of its tar.
    package var tarSize: Int64 { state.withLock { $0.result?.tarSize ?? 0 } }

    init(in store: LayerStore, adopting given: String? = nil) throws {
        self.store = store
        workName = LayerStore.workName()
        let root = try FileDescriptor.open(store.path, [.directory])
        if let given { try FileSystem.rename(given, to: store.path(of: workName)) } else { try root.makeDirectory(workName, mode: 0o755) }
        directory = try root.open(workName, [.readOnly, .directory])
        _ = try directory.lock()
        try directory.changeMode(to: 0o755)
    }

    deinit {
        // A leftover is removed at the next start.
        if !state.withLock({ $0.committed }) { try? FileSystem.removeTree(path) }
    }

    /// Where it is being made.
    package var path: String { store.path(of: workName) }

    func complete(_ diffID: Digest, size: Int64, tarSize: Int64, name: String) {
        state.withLock { $0.result = Result(diffID: diffID, size: size, tarSize: tarSize, name: name) }
    }

    /// Finds out what the layer's tar would be, now that its files are all there.
    package func seal() throws {
        let sink = HashingSink()
        try TreeArchiver.write(directory, as: .layer, to: sink)
        let digest = sink.digest()
        complete(digest, size: try Self.usage(directory), tarSize: sink.count, name: digest.hex)
    }

    /// Gives the layer its name, after everything on its file system has been synced (once for all layers of an image:
    /// `syncFileSystem` of any of them). The name of the directory, which another process may have made first.
    package func commit() throws -> String {
        guard let name = state.withLock({ $0.result?.name }) else { preconditionFailure("a layer is complete before it is committed") }
        let root = try FileDescriptor.open(store.path, [.directory])
        do throws(SyscallError) {
            try root.rename(workName, to: name, in: root)
            state.withLock { $0.committed = true }
        } catch {
            // Another process's is as good; ours goes when this object does.
            guard [.exists, .notEmpty].contains(error.errno) else { throw error }
        }
        return name
    }

    /// Bytes of the regular files below a directory, each counted once.
    private static func usage(_ directory: borrowing FileDescriptor) throws -> Int64 {
        var seen: Set<UInt64> = []
        return try usage(directory, &seen)
    }

    private static func usage(_ directory: borrowing FileDescriptor, _ seen: inout Set<UInt64>) throws -> Int64 {
        var total: Int64 = 0
        for name in try directory.sortedNames() {
            guard let status = try directory.statusIfAny(of: name) else { continue }
            if status.isDirectory {
                let inside = try directory.open(name, [.readOnly, .directory, .noFollow])
                total += try usage(inside, &seen)
            } else if status.kind == .regular, status.links == 1 || seen.insert(status.inode).inserted {
                total += status.size
            }
        }
        return total
    }
}
