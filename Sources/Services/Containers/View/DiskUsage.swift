import Linux

/// How much a directory holds.
enum DiskUsage {
    /// The sizes of all regular files below, in bytes; a file that vanishes meanwhile counts nothing.
    static func bytes(_ path: String) throws(SyscallError) -> Int {
        do throws(SyscallError) {
            return try bytes(in: try FileDescriptor.open(path, [.directory, .noFollow]))
        } catch where error.errno == .noEntry { return 0 }
    }

    private static func bytes(in directory: borrowing FileDescriptor) throws(SyscallError) -> Int {
        var total = 0
        for name in try directory.entries() {
            do throws(SyscallError) {
                let status = try directory.status(of: name)
                switch status.kind {
                case .regular: total += Int(status.size)
                case .directory: total += try bytes(in: try directory.open(name, [.directory, .noFollow]))
                default: break
                }
            } catch where error.errno == .noEntry { continue }
        }
        return total
    }
}
