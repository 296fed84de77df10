import ContainerRuntime
import Content
import Diagnostics
package import DockerAPI
import Layers
package import Linux
import Supervisor
import Values
import Volumes

/// A container's files, in both directions: what `cp` is made of. Paths are walked from the container's root, and links in it lead nowhere
/// else. A container that runs is looked into through its first process, with all that is mounted there; another one through a view that
/// is mounted for the purpose, in a mount namespace of its own, with its volumes and binds.
extension Containers {
    /// What there is at a path. The last part is not followed when it is a link.
    package func pathStatus(_ reference: String, path: String) throws -> PathStat {
        try withFiles(reference, path) { root, path in try path.status(in: root) }
    }

    /// Writes what is at the path as a tar; its first member has the path's last part as its name.
    package func archive(_ reference: String, path: String, to file: borrowing FileDescriptor) throws {
        let sink = FileSink(try file.duplicate())
        try withFiles(reference, path) { root, path in
            let found = try path.open(in: root)
            if found.descriptor.isDirectory {
                try TreeArchiver.write(".", in: try found.descriptor.open(".", [.directory]), as: path.name, to: sink)
            } else {
                try TreeArchiver.write(path.base, in: try path.openParent(in: root).descriptor, as: path.name, to: sink)
            }
        }
        publish("archive-path", try find(reference))
    }

    /// Unpacks a tar, however compressed, in the directory at the path. `copiesOwner`: to the user that the container runs as, rather than to
    /// the one the archive names.
    package func extract(_ reference: String, path: String, from file: borrowing FileDescriptor, keepsKinds: Bool, copiesOwner: Bool) throws {
        let source = FileSource(try file.duplicate())
        try withFiles(reference, path) { [self] root, path in
            let directory = try path.open(in: root, following: true)
            guard directory.descriptor.isDirectory else { throw Fault(.invalid, "extraction point is not a directory") }
            let record = try find(reference)
            try Self.checkWritable(directory.descriptor, root, record)
            var owner = TreeExtraction.Owner.archived
            if copiesOwner, !record.config.user.isEmpty { owner = try FileOwner.resolve(record.config.user, in: root) }
            do {
                try TreeExtraction(into: path.absolute, owner: owner, keepsKinds: keepsKinds).run(source, in: root)
            } catch let error as LayerError {
                throw Fault(.invalid, error.path.isEmpty ? error.reason : "\(error.path): \(error.reason)", cause: error.cause)
            }
            publish("extract-to-dir", record)
        }
    }

    private static func checkWritable(_ directory: borrowing FileDescriptor, _ root: borrowing FileDescriptor, _ record: ContainerRecord) throws {
        let isOfRoot = try directory.status().device == root.status().device
        if isOfRoot, record.hostConfig.readonlyRootfs { throw Fault(.forbidden, "container rootfs is marked read-only") }
        if try directory.mountFlags().contains(.readOnly) { throw Fault(.forbidden, "mounted volume is marked read-only") }
    }

    // MARK: - The way in

    private func withFiles<Value>(_ reference: String, _ path: String, _ body: (borrowing FileDescriptor, FilePath) throws -> Value) throws -> Value {
        guard !path.isEmpty else { throw Fault(.invalid, "missing \"path\" parameter: bad parameter: path cannot be empty") }
        let record = try refreshed(reference)
        let path = FilePath(path, container: reference)
        if let root = try runningRoot(record) { return try body(root.descriptor, path) }
        return try locked(record.id, reference: reference) { record in
            // Started meanwhile.
            if let root = try runningRoot(record) { return try body(root.descriptor, path) }
            let view = SpecBuilder(
                record: record, paths: paths, place: paths(record), volumes: try volumePlans(record), network: NetworkSetup(), processOf: { _, _ in 0 })
            return try withMergedView(record, writable: true) { root in
                try RootFileSystem.mount(view.volumeMounts, below: paths(record).rootfs)
                // Made when it starts first; Docker makes it when the container is created.
                if record.startedAt == nil, !record.config.workingDir.isEmpty { _ = try? root.makePath(record.config.workingDir, directory: true) }
                return try body(root, path)
            }
        }
    }

    /// Nil when it does not run.
    private func runningRoot(_ record: ContainerRecord) throws -> OpenFile? {
        guard let living = try living(record), living.pid > 0 else { return nil }
        let root: OpenFile
        do throws(SyscallError) {
            root = OpenFile(try FileDescriptor.open("/proc/\(living.pid)/root", [.path, .directory]))
        } catch { return nil }
        // The number may have become another's before it was opened, not afterwards.
        return Process.startTime(living.pid) == living.startTime ? root : nil
    }
}

extension FileDescriptor {
    fileprivate var isDirectory: Bool { (try? status().isDirectory) ?? false }
}
