extension FileDescriptor {
    /// Opens `path` below this root with `O_PATH`, first making what is missing: directories, and at the end an empty file
    /// unless `directory`. Links are followed inside the root only, those to nowhere too: what they lead to is made.
    package borrowing func makePath(_ path: String, directory: Bool, mode: UInt32 = 0o755) throws(SyscallError) -> FileDescriptor {
        try makePath(path, directory: directory, mode: mode, links: 40)
    }

    private borrowing func makePath(_ path: String, directory: Bool, mode: UInt32, links: Int) throws(SyscallError) -> FileDescriptor {
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
            } catch  where error.errno == .noEntry {
                let holder = try open(parent, [.path, .directory], resolve: .inRoot)
                // What is no link is to be made.
                if let link = try? holder.readLink(part) {
                    guard links > 0 else { throw SyscallError("openat2", path, errno: .symbolicLinkLoop) }
                    let rest = [link.hasPrefix("/") ? link : "\(parent)/\(link)"] + parts[(index + 1)...]
                    return try makePath(rest.joined(separator: "/"), directory: directory, mode: mode, links: links - 1)
                }
                do throws(SyscallError) {
                    if isLast, !directory {
                        _ = try holder.open(part, [.writeOnly, .create, .noFollow], mode: 0o644)
                    } else {
                        try holder.makeDirectory(part, mode: mode)
                    }
                } catch  where error.errno == .exists {
                    // Another container with the same volume was faster: the next open tells.
                }
            }
        }
        return try open(prefix, directory ? [.path, .directory] : [.path], resolve: .inRoot)
    }
}
