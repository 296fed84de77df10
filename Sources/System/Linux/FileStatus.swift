package import CLinux
package import Values

/// What stat(2) tells of a file.
package struct FileStatus: Sendable {
    private let raw: stat

    init(_ raw: stat) { self.raw = raw }

    package enum Kind: Sendable { case regular, directory, symbolicLink, characterDevice, blockDevice, fifo, socket, unknown }

    package var kind: Kind {
        switch CInt(raw.st_mode) & S_IFMT {
        case S_IFREG: .regular
        case S_IFDIR: .directory
        case S_IFLNK: .symbolicLink
        case S_IFCHR: .characterDevice
        case S_IFBLK: .blockDevice
        case S_IFIFO: .fifo
        case S_IFSOCK: .socket
        default: .unknown
        }
    }

    package var isDirectory: Bool { kind == .directory }
    /// Type and permission bits, `st_mode`.
    package var mode: mode_t { raw.st_mode }
    /// The twelve bits that chmod(2) sets.
    package var permissions: mode_t { raw.st_mode & 0o7777 }
    package var user: uid_t { raw.st_uid }
    package var group: gid_t { raw.st_gid }
    /// Bytes.
    package var size: Int64 { Int64(raw.st_size) }
    /// 512-byte blocks that are really allocated.
    package var blocks: Int64 { Int64(raw.st_blocks) }
    package var links: UInt64 { UInt64(raw.st_nlink) }
    package var inode: UInt64 { UInt64(raw.st_ino) }
    /// The file system the file is on; together with `inode` it tells files apart.
    package var device: UInt64 { UInt64(raw.st_dev) }
    /// What a device node stands for.
    package var deviceNumber: DeviceNumber { DeviceNumber(raw.st_rdev) }
    package var modified: Timestamp { Timestamp(seconds: Int64(raw.st_mtim.tv_sec), nanoseconds: Int64(raw.st_mtim.tv_nsec)) }
    package var accessed: Timestamp { Timestamp(seconds: Int64(raw.st_atim.tv_sec), nanoseconds: Int64(raw.st_atim.tv_nsec)) }
    package var changed: Timestamp { Timestamp(seconds: Int64(raw.st_ctim.tv_sec), nanoseconds: Int64(raw.st_ctim.tv_nsec)) }
    /// True for an overlayfs whiteout: a character device 0:0.
    package var isWhiteout: Bool { kind == .characterDevice && raw.st_rdev == 0 }
}
