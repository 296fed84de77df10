import Linux

/// A mount's options, sorted into what the kernel takes where. See mount(8) and config.md, "Mounts".
struct MountOptions {
    var flags: MountFlags = []
    /// Of `private`, `slave`, `shared`, `unbindable`, each with or without `recursive`, in the order given.
    var propagation: [MountFlags] = []
    /// `rro`: read-only also below, which takes mount_setattr(2).
    var recursivelyReadOnly = false
    /// What only the file system understands.
    var data: [String] = []
    /// `tmpcopyup`: a tmpfs begins with what the image has at the place.
    var copiesUp = false
    /// `x-fill`: a file system that is empty gets what the image has at the place. Options that begin like this are our own, as mount(8) has
    /// it.
    var fillsEmpty = false
    /// `x-read-only`: this mount of the file system is read-only, which others may write to.
    var isReadOnlyView = false
    /// `x-share=<process>:<path>`: where another container has the same file system in memory, as long as it runs.
    var sharedFrom: (process: Int32, path: String)?
    /// `x-part=`: what is bound lies at this path inside of the source, and not outside.
    var part: String?

    init(_ options: [String]) {
        for option in options {
            switch option {
            case "defaults", "rw", "atime", "diratime", "norelatime", "async", "rrw", "z", "Z", "nocopy": if option == "rw" { flags.remove(.readOnly) }
            case "ro": flags.insert(.readOnly)
            case "rro":
                flags.insert(.readOnly)
                recursivelyReadOnly = true
            case "suid": flags.remove(.noSetUserID)
            case "nosuid": flags.insert(.noSetUserID)
            case "dev": flags.remove(.noDevices)
            case "nodev": flags.insert(.noDevices)
            case "exec": flags.remove(.noExecute)
            case "noexec": flags.insert(.noExecute)
            case "sync": flags.insert(.synchronous)
            case "dirsync": flags.insert(.directorySync)
            case "noatime": flags.insert(.noAccessTime)
            case "nodiratime": flags.insert(.noDirectoryAccessTime)
            case "relatime": flags.insert(.relativeAccessTime)
            case "strictatime": flags.insert(.strictAccessTime)
            case "bind": flags.insert(.bind)
            case "rbind": flags.formUnion([.bind, .recursive])
            case "private": propagation.append(.private)
            case "rprivate": propagation.append([.private, .recursive])
            case "slave": propagation.append(.slave)
            case "rslave": propagation.append([.slave, .recursive])
            case "shared": propagation.append(.shared)
            case "rshared": propagation.append([.shared, .recursive])
            case "unbindable": propagation.append(.unbindable)
            case "runbindable": propagation.append([.unbindable, .recursive])
            case "tmpcopyup": copiesUp = true
            case "x-fill": fillsEmpty = true
            case "x-read-only": isReadOnlyView = true
            case _ where option.hasPrefix("x-share="):
                let parts = option.dropFirst("x-share=".count).split(separator: ":", maxSplits: 1)
                if parts.count == 2, let process = Int32(parts[0]) { sharedFrom = (process, String(parts[1])) }
            case _ where option.hasPrefix("x-part="): part = String(option.dropFirst("x-part=".count))
            default: data.append(option)
            }
        }
    }

    /// True when what is mounted here or on the host later shall be seen on the other side.
    var propagates: Bool { propagation.contains { !$0.isDisjoint(with: [.slave, .shared]) } }
    var isShared: Bool { propagation.contains { $0.contains(.shared) } }
}
