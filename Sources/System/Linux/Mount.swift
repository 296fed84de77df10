internal import CLinux

/// mount(2)'s flags.
package struct MountFlags: OptionSet, Sendable {
    package let rawValue: UInt
    package init(rawValue: UInt) { self.rawValue = rawValue }

    package static let readOnly = MountFlags(rawValue: 0x1)
    package static let noSetUserID = MountFlags(rawValue: 0x2)
    package static let noDevices = MountFlags(rawValue: 0x4)
    package static let noExecute = MountFlags(rawValue: 0x8)
    package static let synchronous = MountFlags(rawValue: 0x10)
    package static let remount = MountFlags(rawValue: 0x20)
    package static let directorySync = MountFlags(rawValue: 0x80)
    package static let mandatoryLocks = MountFlags(rawValue: 0x40)
    package static let noSymbolicLinks = MountFlags(rawValue: 0x100)
    package static let silent = MountFlags(rawValue: 0x8000)
    package static let inodeVersion = MountFlags(rawValue: 0x80_0000)
    package static let lazyTime = MountFlags(rawValue: 0x200_0000)
    package static let noAccessTime = MountFlags(rawValue: 0x400)
    package static let noDirectoryAccessTime = MountFlags(rawValue: 0x800)
    package static let bind = MountFlags(rawValue: 0x1000)
    package static let move = MountFlags(rawValue: 0x2000)
    package static let recursive = MountFlags(rawValue: 0x4000)
    package static let unbindable = MountFlags(rawValue: 0x2_0000)
    package static let `private` = MountFlags(rawValue: 0x4_0000)
    package static let slave = MountFlags(rawValue: 0x8_0000)
    package static let shared = MountFlags(rawValue: 0x10_0000)
    package static let relativeAccessTime = MountFlags(rawValue: 0x20_0000)
    package static let strictAccessTime = MountFlags(rawValue: 0x100_0000)

    /// The flags that belong to a mount rather than to its file system, and so stay when a bind mount is remounted.
    package static let perMount: MountFlags = [
        .readOnly, .noSetUserID, .noDevices, .noExecute, .noAccessTime, .noDirectoryAccessTime, .relativeAccessTime, .noSymbolicLinks,
    ]
}

/// statfs(2)'s `f_type`.
package enum FileSystemKind: Int, Sendable {
    case proc = 0x9fa0
    case tmpfs = 0x0102_1994
    case ramfs = 0x8584_58f6
    case overlay = 0x794c_7630
}

/// Calls that change what is mounted where in this process's mount namespace.
package enum Mounts {
    /// mount(2).
    package static func mount(
        _ source: String?, on target: String, type: String? = nil, _ flags: MountFlags = [], options: String? = nil
    ) throws(SyscallError) {
        let result = CLinux.mount(source, target, type, flags.rawValue, options)
        if result != 0 { throw SyscallError("mount", "\(source ?? type ?? "") to \(target)") }
    }

    /// mount(2) onto the file that `target` is open on: nobody can swap a symbolic link in between.
    package static func mount(
        _ source: String?, on target: borrowing FileDescriptor, type: String? = nil, _ flags: MountFlags = [], options: String? = nil
    ) throws(SyscallError) {
        try mount(source, on: target.procPath, type: type, flags, options: options)
    }

    /// umount2(2) with `MNT_DETACH`: gone from the tree at once, from the kernel when nobody uses it.
    package static func detach(_ target: String) throws(SyscallError) {
        if umount2(target, CInt(DAVIT_MNT_DETACH)) != 0 { throw SyscallError("umount", target) }
    }

    /// umount2(2).
    package static func unmount(_ target: String) throws(SyscallError) {
        if umount2(target, 0) != 0 { throw SyscallError("umount", target) }
    }

    /// pivot_root(2) into the current directory with the old root stacked on it, detached at once: after it the process
    /// and its children have the current directory as their root, and nothing else.
    package static func pivotToCurrentDirectory() throws(SyscallError) {
        let old = try FileDescriptor.open("/", [.path, .directory])
        if clinux_pivot_root(".", ".") != 0 { throw SyscallError("pivot_root") }
        // The old root lies over the new one and is still shared with the host's where that is: first cut it off. Only from inside of it does
        // mount(2) mean it, and not the new one.
        try Process.changeDirectory(old)
        try mount(nil, on: ".", [.recursive, .slave])
        try detach(".")
        try Process.changeDirectory("/")
    }

    /// For a root that pivot_root(2) refuses, being the kernel's first: the current directory's mount is moved over it. What of the host's
    /// shows through mounts of its own there, which proc and sysfs would, is detached before.
    package static func moveCurrentDirectoryToRoot() throws(SyscallError) {
        let own = try FileDescriptor.currentDirectory().readLink("/proc/self/cwd")
        for path in try kernelViews() where path != own && !path.hasPrefix(own + "/") {
            // Gone with one above it, or locked by who made this namespace: then it was meant to be seen.
            try? mount(nil, on: path, [.recursive, .private])
            try? detach(path)
        }
        try mount(".", on: "/", .move)
        if chroot(".") != 0 { throw SyscallError("chroot", ".") }
        try Process.changeDirectory("/")
    }

    /// Where proc and sysfs are mounted: who finds one that nothing covers may mount another, with everything in it. proc_pid_mountinfo(5)
    private static func kernelViews() throws(SyscallError) -> [String] {
        String(decoding: try FileSystem.read("/proc/self/mountinfo", limit: 64 << 20), as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 4, let dash = words.firstIndex(of: "-"), dash + 1 < words.count, ["proc", "sysfs"].contains(words[dash + 1]) else { return nil }
            return unescaped(words[4])
        }
    }

    /// Undoes the `\040` form in which mountinfo writes blanks.
    package static func unescaped(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            if first == UInt8(ascii: "\\"), rest.count >= 4,
                let code = UInt8(String(decoding: rest.dropFirst().prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// mount_setattr(2): adds and clears attributes of a mount (`MOUNT_ATTR_…`), of all below it too when `recursive`.
    /// Least kernel 5.12.
    package static func setAttributes(
        _ file: borrowing FileDescriptor, adding: UInt64, clearing: UInt64 = 0, propagation: MountFlags = [], recursive: Bool = false
    ) throws(SyscallError) {
        var attributes = mount_attr()
        attributes.attr_set = adding
        attributes.attr_clr = clearing
        attributes.propagation = UInt64(propagation.rawValue)
        let flags = UInt32(AT_EMPTY_PATH) | (recursive ? 0x8000 /* AT_RECURSIVE */ : 0)
        if clinux_mount_setattr(file.rawValue, "", flags, &attributes) != 0 { throw SyscallError("mount_setattr", file.procPath) }
    }

    /// mount_setattr(2) with `MOUNT_ATTR_IDMAP`: owners on a mount that has no place yet are seen as the user namespace maps them. Least
    /// kernel 5.12; throws `EINVAL` for file systems that do not know of it.
    package static func mapOwners(of file: borrowing FileDescriptor, by namespace: borrowing FileDescriptor, recursive: Bool) throws(SyscallError) {
        var attributes = mount_attr()
        attributes.attr_set = 0x10_0000
        attributes.userns_fd = UInt64(namespace.rawValue)
        let flags = UInt32(AT_EMPTY_PATH) | (recursive ? 0x8000 /* AT_RECURSIVE */ : 0)
        if clinux_mount_setattr(file.rawValue, "", flags, &attributes) != 0 { throw SyscallError("mount_setattr", "MOUNT_ATTR_IDMAP") }
    }

    /// The same as `cloneDetached` of what another process has mounted at `path`, as that process sees it. The caller, which must be the only thread, visits the
    /// other's mount namespace; its working directory is the root afterwards.
    package static func cloneDetached(_ path: String, of process: Int32) throws(SyscallError) -> FileDescriptor {
        let own = try FileDescriptor.open("/proc/self/ns/mnt")
        try Namespace.join(path: "/proc/\(process)/ns/mnt", .newMount)
        let tree = clinux_open_tree(AT_FDCWD, path, 1 | UInt32(O_CLOEXEC))
        let failure = SyscallError("open_tree", path)
        // Closed by its owner whatever happens.
        let owned = FileDescriptor(owning: max(tree, -1))
        if setns(own.rawValue, CInt(truncatingIfNeeded: CloneFlags.newMount.rawValue)) != 0 { throw SyscallError("setns", "own mount namespace") }
        if tree < 0 { throw failure }
        return owned
    }

    /// move_mount(2): gives a detached mount its place.
    package static func attach(_ tree: borrowing FileDescriptor, on target: borrowing FileDescriptor) throws(SyscallError) {
        // MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH
        if clinux_move_mount(tree.rawValue, "", target.rawValue, "", 0x4 | 0x40) != 0 { throw SyscallError("move_mount", target.procPath) }
    }

    /// The same of an open file, without going by a name.
    package static func cloneDetached(_ file: borrowing FileDescriptor) throws(SyscallError) -> FileDescriptor {
        let number = clinux_open_tree(file.rawValue, "", 1 | UInt32(O_CLOEXEC) | UInt32(AT_EMPTY_PATH))
        if number < 0 { throw SyscallError("open_tree", file.procPath) }
        return FileDescriptor(owning: number)
    }

    /// open_tree(2) with `OPEN_TREE_CLONE`: a copy of the mount at `path` that is in no namespace. Least kernel 5.2.
    package static func cloneDetached(_ path: String, recursive: Bool = false) throws(SyscallError) -> FileDescriptor {
        let flags: UInt32 = 1 | UInt32(O_CLOEXEC) | (recursive ? 0x8000 : 0)
        let number = clinux_open_tree(AT_FDCWD, path, flags)
        if number < 0 { throw SyscallError("open_tree", path) }
        return FileDescriptor(owning: number)
    }
}

extension Mounts {
    /// A read-only copy of the mount that the file at `path` is on, for a program that nobody shall reach the file by: proc_pid_exe(5). Least
    /// kernel 5.12.
    package static func sealed(_ path: String) throws(SyscallError) -> FileDescriptor {
        let copy = try cloneDetached(path)
        try setAttributes(copy, adding: 1 /* MOUNT_ATTR_RDONLY */)
        return copy
    }
}

extension FileDescriptor {
    /// The file's name by way of proc(5), for calls that take only paths.
    package var procPath: String { "/proc/self/fd/\(rawValue)" }

    /// statfs(2): whether the file is on a file system of this kind.
    package borrowing func isOn(_ kind: FileSystemKind) throws(SyscallError) -> Bool {
        var info = statfs()
        let number = rawValue
        _ = try retrying("fstatfs", "fd \(number)") { fstatfs(number, &info) }
        return Int(info.f_type) == kind.rawValue
    }

    /// statfs(2) `f_flags` as mount flags: what a bind mount of this place must keep.
    package borrowing func mountFlags() throws(SyscallError) -> MountFlags {
        var info = statvfs()
        let number = rawValue
        _ = try retrying("fstatvfs", "fd \(number)") { fstatvfs(number, &info) }
        // statvfs's first bits are those of mount(2), but for relatime, which is at 0x1000.
        var flags = MountFlags(rawValue: UInt(info.f_flag) & 0xc0f)
        if info.f_flag & 0x1000 != 0 { flags.insert(.relativeAccessTime) }
        if info.f_flag & 0x2000 != 0 { flags.insert(.noSymbolicLinks) }
        return flags
    }
}
