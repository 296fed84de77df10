import Linux

/// How much a directory holds.
enum DiskUsage {
    /// The sizes of all regular files below, in bytes, each counted once however many names it has; a file that vanishes meanwhile
    /// counts nothing.
    static func bytes(_ path: String) throws(SyscallError) -> Int {
        do throws(SyscallError) {
            var counted: Set<UInt64> = []
            return try bytes(in: try FileDescriptor.open(path, [.directory, .noFollow]), &counted)
        } catch  where error.errno == .noEntry { return 0 }
    }

    /// `counted`: inodes of files with several names. One directory of ours is on one file system.
    private static func bytes(in directory: borrowing FileDescriptor, _ counted: inout Set<UInt64>) throws(SyscallError) -> Int {
        var total = 0
        for name in try directory.entries() {
            do throws(SyscallError) {
                let status = try directory.status(of: name)
                switch status.kind {
                case .regular: if status.links < 2 || counted.insert(status.inode).inserted { total += Int(status.size) }
                case .directory: total += try bytes(in: try directory.open(name, [.directory, .noFollow]), &counted)
                default: break
                }
            } catch  where error.errno == .noEntry { continue }
        }
        return total
    }
}
