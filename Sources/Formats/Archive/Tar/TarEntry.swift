package import Values

/// One member of a tar archive: a name and what tar knows of the file. Names are bytes, as the kernel's are: not all are UTF-8.
package struct TarEntry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case regular, hardLink, symbolicLink, characterDevice, blockDevice, directory, fifo
    }

    package struct ExtendedAttribute: Sendable, Hashable {
        package var name: [UInt8]
        package var value: [UInt8]

        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    package var path: [UInt8]
    package var kind: Kind
    /// The twelve permission bits.
    package var permissions: UInt32
    package var user: UInt32 = 0
    package var group: UInt32 = 0
    /// The file's size in bytes, holes included; 0 for all but regular files.
    package var size: Int64 = 0
    package var modified = Timestamp(nanoseconds: 0)
    /// Where a symbolic link points, or which member a hard link is another name of.
    package var linkTarget: [UInt8] = []
    package var deviceMajor: UInt32 = 0
    package var deviceMinor: UInt32 = 0
    /// In order of name when written by us.
    package var extendedAttributes: [ExtendedAttribute] = []

    package init(path: [UInt8], kind: Kind, permissions: UInt32) {
        self.path = path
        self.kind = kind
        self.permissions = permissions
    }

    /// For names that we choose ourselves.
    package init(_ path: String, kind: Kind = .regular, permissions: UInt32 = 0o644, size: Int64 = 0) {
        self.init(path: Array(path.utf8), kind: kind, permissions: permissions)
        self.size = size
    }

    /// The name for people to read.
    package var pathText: String { String(decoding: path, as: UTF8.self) }
    package var linkTargetText: String { String(decoding: linkTarget, as: UTF8.self) }
}

/// What a hostile archive may make us hold in memory.
package struct TarLimits: Sendable {
    /// Bytes of one extended header or long name; Go's tar has the same.
    package var extendedHeader = 1 << 20
    /// Bytes of a name or link target; the kernel's `PATH_MAX`.
    package var path = 4096
    /// Data segments of a sparse file.
    package var sparseSegments = 1 << 16
    package init() {}
}
