internal import Database
internal import Diagnostics
package import Linux

extension Volumes {
    /// Fills a volume that is empty with the content of an image's directory, and gives its root that directory's owner, mode and
    /// times; a volume with anything in it is left as it is. True when it was filled.
    ///
    /// The copy is made beside the volume and then moved in, file by file, so that a process that dies leaves either an empty volume
    /// or a finished copy whose move the next call, or `recover`, completes.
    @discardableResult
    package func populate(from source: borrowing FileDescriptor, into name: String) throws -> Bool {
        // A volume whose content lies elsewhere is not ours to fill before it is mounted.
        guard try mountPlan(for: name).isDirectory else { return false }
        do throws(SyscallError) {
            return try VolumePopulation.fill("\(root)/\(name)", from: source)
        } catch { throw Fault(.internal, "failed to populate volume \(name): \(error)", cause: error) }
    }

    /// Whether `populate` would do anything: the volume's directory is its own, and empty.
    package func isFillable(_ name: String) throws -> Bool {
        guard try mountPlan(for: name).isDirectory else { return false }
        return try wrapping("volume \(name)") { () throws(SyscallError) in try VolumePopulation.isEmpty("\(root)/\(name)") }
    }

    /// Repairs what dead processes left: directories of no volume are deleted, copies that were finished are moved in. To be called
    /// when an engine starts; others may be at work meanwhile.
    package func recover() throws {
        guard FileSystem.exists(root) else { return }
        try withRootLock {
            let known = Set(try database.read { transaction in try transaction.rows("SELECT name FROM volumes").map { row throws in try row.text("name") } })
            try wrapping("recover volumes") { () throws(SyscallError) in
                for name in try FileDescriptor.open(root, [.directory]).entries() where !name.hasPrefix(Volumes.trashPrefix) {
                    if known.contains(name) { try VolumePopulation.finish("\(root)/\(name)") } else { try discard(name) }
                }
            }
        }
        try emptyTrash("recover volumes")
    }
}

/// The steps of filling a volume's directory: `_copying` grows beside `_data`, becomes `_copied` when it is whole, and moves in.
enum VolumePopulation {
    private static let data = "_data", copying = "_copying", copied = "_copied"

    /// An unfinished copy counts as nothing.
    static func isEmpty(_ path: String) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try FileDescriptor.open("\(path)/\(data)", [.directory, .noFollow]).entries(limit: 0)
            return true
        } catch  where error.errno == .tooMany { return false }
    }

    static func fill(_ path: String, from source: borrowing FileDescriptor) throws(SyscallError) -> Bool {
        let volume = try FileDescriptor.open(path, [.directory, .noFollow])
        _ = try volume.lock()
        try finish(volume)
        do throws(SyscallError) {
            _ = try volume.open(data, [.directory, .noFollow]).entries(limit: 0)
        } catch  where error.errno == .tooMany { return false }
        try volume.makeDirectory(copying, mode: 0o700)
        do throws(SyscallError) {
            let copy = try volume.open(copying, [.directory, .noFollow])
            try copy.copyTree(from: source)
            try copy.copyAttributes(from: source)
        } catch {
            // The failure to copy is what matters; what is left over goes at the next call.
            try? volume.removeTree(copying)
            throw error
        }
        try volume.rename(copying, to: copied, in: volume)
        try finish(volume)
        return true
    }

    /// Completes or takes back what an earlier `fill` did not end.
    static func finish(_ path: String) throws(SyscallError) {
        let volume = try FileDescriptor.open(path, [.directory, .noFollow])
        // Somebody is at it just now, and will end it.
        guard try volume.lock(wait: false) else { return }
        try finish(volume)
    }

    private static func finish(_ volume: borrowing FileDescriptor) throws(SyscallError) {
        if try volume.statusIfAny(of: PathBytes(copying)) != nil { try volume.removeTree(copying) }
        guard try volume.statusIfAny(of: PathBytes(copied)) != nil else { return }
        let copy = try volume.open(copied, [.directory, .noFollow])
        let target = try volume.open(data, [.directory, .noFollow])
        for name in try copy.sortedNames() { try copy.rename(name, to: name, in: target) }
        try target.copyAttributes(from: copy)
        try volume.removeDirectory(copied)
    }
}
