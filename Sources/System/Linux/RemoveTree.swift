internal import CLinux

extension FileDescriptor {
    /// Removes `name` in this directory and all below it, with whatever bytes names are made of and however deep it goes;
    /// symbolic links are removed, not followed. Not being there is right.
    ///
    /// Never enters a mount, of another file system or of the same: what is mounted there is somebody else's. It throws `EXDEV`
    /// (`crossDevice`) when it comes to one, with everything that it met before already removed.
    ///
    /// Holds two descriptors at a time: it goes up again by `..`, and checks that it came back to where it was.
    package borrowing func removeTree(_ name: PathBytes) throws(SyscallError) {
        if try removeFileIfNoDirectory(name) { return }
        var current = try open(name, [.readOnly, .directory, .noFollow], resolve: .noCrossMount)
        /// The names that led here, with the identity of the directory that each is in, and what is left to do there.
        var trail: [(name: PathBytes, parent: (UInt64, UInt64), rest: [PathBytes])] = []
        var rest = try current.sortedNames()
        while true {
            if let next = rest.popLast() {
                if try current.removeFileIfNoDirectory(next) { continue }
                let status = try current.status()
                let child: FileDescriptor
                do throws(SyscallError) {
                    child = try current.open(next, [.readOnly, .directory, .noFollow], resolve: .noCrossMount)
                } catch  where error.errno == .noEntry { continue }
                trail.append((next, (status.device, status.inode), rest))
                current = child
                rest = try current.sortedNames()
            } else if let last = trail.popLast() {
                let parent = try current.open("..", [.readOnly, .directory])
                let status = try parent.status()
                guard (status.device, status.inode) == last.parent else { throw SyscallError("rmdir", last.name.description, errno: Errno(rawValue: ESTALE)) }
                current = parent
                rest = last.rest
                try current.removeDirectoryIfAny(last.name)
            } else {
                break
            }
        }
        try removeDirectoryIfAny(name)
    }

    /// The same for a name that is text.
    package borrowing func removeTree(_ name: String) throws(SyscallError) { try removeTree(PathBytes(name)) }

    /// False when it is a directory.
    private borrowing func removeFileIfNoDirectory(_ name: PathBytes) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            try removeFile(name)
            return true
        } catch {
            switch error.errno {
            case .noEntry: return true
            // EPERM is POSIX's word for a directory, but also the kernel's for an immutable file.
            case .isDirectory, .notPermitted:
                guard let status = try statusIfAny(of: name) else { return true }
                if status.isDirectory { return false }
                throw error
            default: throw error
            }
        }
    }

    private borrowing func removeDirectoryIfAny(_ name: PathBytes) throws(SyscallError) {
        do throws(SyscallError) { try removeDirectory(name) } catch  where error.errno == .noEntry { return }
    }
}
