extension FileDescriptor {
    /// Opens `path` below this root with `O_PATH`, first making what is missing: directories, and at the end an empty file
    /// unless `directory`. Links are followed inside the root only.
    package borrowing func makePath(_ path: String, directory: Bool, mode: UInt32 = 0o755) throws(SyscallError) -> FileDescriptor {
        let parts = path.split(separator: "/").map(String.init)
        guard !parts.isEmpty else { return try open("/", [.path, .directory], resolve: .inRoot) }
        var prefix = ""
        for (index, part) in parts.enumerated() {
            let parent = prefix.isEmpty ? "/" : prefix
            prefix += "/" + part
            let isLast = index == parts.count - 1
            do throws(SyscallError) {
                let file = try open(prefix, [.path], resolve: .inRoot)
                if isLast { return file }
            } catch where error.errno == .noEntry {
                let holder = try open(parent, [.path, .directory], resolve: .inRoot)
                do throws(SyscallError) {
                    if isLast, !directory {
                        _ = try holder.open(part, [.writeOnly, .create, .noFollow], mode: 0o644)
                    } else {
                        try holder.makeDirectory(part, mode: mode)
                    }
                } catch where error.errno == .exists {
                    // Another container with the same volume was faster, or it is a link to nowhere: the next open tells.
                }
            }
        }
        return try open(prefix, directory ? [.path, .directory] : [.path], resolve: .inRoot)
    }
}
