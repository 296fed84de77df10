extension FileDescriptor {
    /// The bytes in this directory's files and those below it, each file counted once however many names it has. What goes away
    /// meanwhile is not counted; directories that may not be read count nothing. No deeper than `copyDepthLimit`.
    package borrowing func treeSize() throws(SyscallError) -> Int {
        var seen: Set<UInt64> = []
        return try addSize(depth: 0, &seen)
    }

    private borrowing func addSize(depth: Int, _ seen: inout Set<UInt64>) throws(SyscallError) -> Int {
        var total = 0
        for name in try sortedNames() {
            guard let status = try statusIfAny(of: name) else { continue }
            if status.isDirectory {
                guard depth < FileDescriptor.copyDepthLimit else { continue }
                do throws(SyscallError) {
                    total &+= try open(name, [.directory, .noFollow]).addSize(depth: depth + 1, &seen)
                } catch  where error.errno == .noEntry || error.errno == .access || error.errno == .notDirectory { continue }
            } else if status.links == 1 || seen.insert(status.inode).inserted {
                total &+= Int(clamping: status.size)
            }
        }
        return total
    }
}
