import Linux
import OCI

/// A mount's options, sorted into what the kernel takes where. See mount(8) and config.md, "Mounts".
struct MountOptions {
    var flags: MountFlags = []
    /// Of `private`, `slave`, `shared`, `unbindable`, each with or without `recursive`, in the order given.
    var propagation: [MountFlags] = []
    /// What options such as `rro` want of everything below too, which takes mount_setattr(2).
    var recursive = MountAttributes()
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
            if let change = Self.changes[option] {
                if change.isSet { flags.formUnion(change.flags) } else { flags.subtract(change.flags) }
                continue
            }
            switch option {
            case _ where Self.ignored.contains(option): break
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
            default: if !recursive.apply(option) { data.append(option) }
            }
        }
        // What holds for all holds for the first, also where the kernel cannot do it for all.
        if recursive.adding & MountAttributes.readOnly != 0 { flags.insert(.readOnly) }
    }

    /// Words for people, for other programs, about what is so anyway, or for `PreparedMounts`.
    static let ignored = ["defaults", "async", "z", "Z", "nocopy", "norelatime", "nostrictatime", "acl", "noacl", "nofail", "idmap", "ridmap"]
    static let changes: [String: (isSet: Bool, flags: MountFlags)] = [
        "ro": (true, .readOnly), "rw": (false, .readOnly), "nosuid": (true, .noSetUserID), "suid": (false, .noSetUserID),
        "nodev": (true, .noDevices), "dev": (false, .noDevices), "noexec": (true, .noExecute), "exec": (false, .noExecute),
        "noatime": (true, .noAccessTime), "atime": (false, .noAccessTime), "nodiratime": (true, .noDirectoryAccessTime),
        "diratime": (false, .noDirectoryAccessTime), "relatime": (true, .relativeAccessTime), "strictatime": (true, .strictAccessTime),
        "sync": (true, .synchronous), "dirsync": (true, .directorySync), "mand": (true, .mandatoryLocks), "nomand": (false, .mandatoryLocks),
        "silent": (true, .silent), "loud": (false, .silent), "iversion": (true, .inodeVersion), "noiversion": (false, .inodeVersion),
        "lazytime": (true, .lazyTime), "nolazytime": (false, .lazyTime), "nosymfollow": (true, .noSymbolicLinks),
        "symfollow": (false, .noSymbolicLinks),
    ]

    /// True when what is mounted here or on the host later shall be seen on the other side.
    var propagates: Bool { propagation.contains { !$0.isDisjoint(with: [.slave, .shared]) } }
    var isShared: Bool { propagation.contains { $0.contains(.shared) } }
}

/// The options that a runtime specification may have, but for those of file systems.
package enum SupportedMountOptions {
    package static var names: [String] {
        let others = [
            "bind", "rbind", "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable", "tmpcopyup", "async", "defaults",
            "norelatime", "nostrictatime", "idmap", "ridmap",
        ]
        return (others + MountOptions.changes.keys + MountAttributes.changes.keys).sorted()
    }
}

/// Attributes of mounts to add and to clear: `MOUNT_ATTR_…` of mount_setattr(2).
struct MountAttributes: Equatable {
    var adding: UInt64 = 0
    var clearing: UInt64 = 0

    static let readOnly: UInt64 = 0x1
    /// One of three times of access has to be cleared for another to be set.
    private static let accessTimes: UInt64 = 0x70

    var isEmpty: Bool { self == MountAttributes() }

    static let changes: [String: (isSet: Bool, bits: UInt64)] = [
        "rro": (true, readOnly), "rrw": (false, readOnly), "rnosuid": (true, 0x2), "rsuid": (false, 0x2), "rnodev": (true, 0x4), "rdev": (false, 0x4),
        "rnoexec": (true, 0x8), "rexec": (false, 0x8), "rnodiratime": (true, 0x80), "rdiratime": (false, 0x80), "rnosymfollow": (true, 0x20_0000),
        "rsymfollow": (false, 0x20_0000), "rnoatime": (true, 0x10), "ratime": (false, 0x10), "rstrictatime": (true, 0x20),
        "rnostrictatime": (false, 0x20), "rrelatime": (true, 0), "rnorelatime": (false, 0),
    ]

    /// False when the option is none of these.
    mutating func apply(_ option: String) -> Bool {
        guard let change = Self.changes[option] else { return false }
        let isTime = option.hasSuffix("atime")
        if isTime { adding &= ~Self.accessTimes }
        adding &= ~change.bits
        clearing &= ~change.bits
        if change.isSet { adding |= change.bits } else { clearing |= change.bits }
        if isTime { clearing |= Self.accessTimes }
        return true
    }
}

extension RuntimeMount {
    /// A file system of its own for devices.
    var isDevices: Bool { destination == "/dev" && !(options ?? []).contains { $0 == "bind" || $0 == "rbind" } }
}
