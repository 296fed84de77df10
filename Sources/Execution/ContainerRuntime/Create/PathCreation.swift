import Linux

extension FileDescriptor {
    /// Opens `path` below this root with `O_PATH`, first making what is missing: directories, and at the end an empty file
    /// unless `directory`. Links are followed inside the root only.
    borrowing func makePath(_ path: String, directory: Bool, mode: UInt32 = 0o755) throws(SyscallError) -> FileDescriptor {
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

    /// Copies everything in this directory into `target`: files with their owner, mode and links as links. What is there stays.
    borrowing func copyTree(into target: borrowing FileDescriptor) throws(SyscallError) {
        for name in try entries() {
            let status = try status(of: name)
            switch status.kind {
            case .directory:
                do throws(SyscallError) { try target.makeDirectory(name, mode: 0o700) } catch where error.errno == .exists {}
                let to = try target.open(name, [.directory, .noFollow])
                try open(name, [.directory, .noFollow]).copyTree(into: to)
                try to.changeOwner(user: status.user, group: status.group)
                try to.changeMode(to: status.permissions)
            case .symbolicLink:
                try target.makeSymbolicLink(name, to: try readLink(name))
                try target.changeOwner(name, user: status.user, group: status.group)
            case .regular:
                let from = try open(name, [.noFollow])
                let to = try target.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
                while true {
                    let chunk = try from.read(upTo: 1 << 16)
                    if chunk.isEmpty { break }
                    try to.writeAll(chunk)
                }
                try to.changeOwner(user: status.user, group: status.group)
                try to.changeMode(to: status.permissions)
            default:
                try target.makeNode(name, mode: status.mode, device: status.deviceNumber)
                try target.changeOwner(name, user: status.user, group: status.group)
            }
        }
    }
}
