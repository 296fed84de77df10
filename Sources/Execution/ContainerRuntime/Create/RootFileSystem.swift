import Cgroups
import Linux
package import OCI

/// Makes the container's view of the file system, in the child's own mount namespace: nothing of it is seen on the host,
/// and all of it is gone when the last process in it ends.
///
/// Every path inside the container is walked with `RESOLVE_IN_ROOT` from a descriptor of its root.
package struct RootFileSystem {
    let spec: RuntimeSpec
    /// What is mounted as the root; nil binds `spec.root.path`.
    let rootMount: RuntimeMount?
    /// Where the root is put together, on the host.
    let mountPoint: String
    let cgroup: Cgroup?
    var prepared = PreparedMounts()

    /// Mounts volumes and the like where a container that does not run would have them, below `mountPoint`, in the caller's mount namespace.
    package static func mount(_ mounts: [RuntimeMount], below mountPoint: String) throws(RuntimeError) {
        let view = RootFileSystem(spec: RuntimeSpec(), rootMount: nil, mountPoint: mountPoint, cgroup: nil)
        let root = try at("open rootfs \(mountPoint)") { () throws(SyscallError) in try FileDescriptor.open(mountPoint, [.path, .directory]) }
        for mount in mounts { try view.make(mount, MountOptions(mount.options ?? []), in: root) }
    }

    /// The same with the root itself, for a container that another runtime makes.
    package static func mount(root: RuntimeMount, _ mounts: [RuntimeMount], on mountPoint: String) throws(RuntimeError) {
        try RootFileSystem(spec: RuntimeSpec(), rootMount: root, mountPoint: mountPoint, cgroup: nil).mountRoot()
        try mount(mounts, below: mountPoint)
    }

    /// Everything up to, and with, pivot_root(2), before which `atTheDoor` is called.
    func enter(pivots: Bool, _ atTheDoor: () throws(RuntimeError) -> Void) throws(RuntimeError) {
        let mounts = (spec.mounts ?? []).map { mount in
            var options = MountOptions(mount.options ?? [])
            // Others are mounted in it, and devices made.
            if mount.isDevices { options.flags.remove(.readOnly) }
            return (mount, options)
        }
        try separate(propagating: mounts.contains { $0.1.propagates }, sharing: mounts.contains { $0.1.isShared })
        try mountRoot()
        let root = try at("open rootfs \(mountPoint)") { () throws(SyscallError) in try FileDescriptor.open(mountPoint, [.path, .directory]) }
        for (index, mount) in mounts.enumerated() { try make(mount.0, mount.1, in: root, from: prepared[index]) }
        try makeDevices(in: root)
        // Hooks expect to be run there.
        try at("enter rootfs") { () throws(SyscallError) in try Process.changeDirectory(root) }
        try atTheDoor()
        try at("pivot into rootfs") { () throws(SyscallError) in
            if pivots { try Mounts.pivotToCurrentDirectory() } else { try Mounts.moveCurrentDirectoryToRoot() }
        }
    }

    /// What can only be closed once everything is in place.
    func seal() throws(RuntimeError) {
        for path in spec.linux?.readonlyPaths ?? [] { try makeReadOnly(path) }
        var nothing: OpenFile?
        var done: Set<String> = []
        for path in spec.linux?.maskedPaths ?? [] where done.insert(path).inserted { try mask(path, &nothing) }
        for mount in spec.mounts ?? [] where mount.isDevices && MountOptions(mount.options ?? []).flags.contains(.readOnly) { try makeReadOnly("/dev", again: true) }
        // How the root is connected with the host was decided when the namespace was made; this is for mounts to come.
        for flags in propagation where !flags.contains(.private) {
            try at("set the root's propagation") { () throws(SyscallError) in try Mounts.mount(nil, on: "/", flags) }
        }
        if spec.root?.readonly == true {
            try at("make the root read-only") { () throws(SyscallError) in
                let root = try FileDescriptor.open("/", [.path, .directory])
                try Mounts.mount(nil, on: "/", [.remount, .bind, .readOnly, try root.mountFlags().intersection(.perMount)])
            }
        }
    }

    /// Cuts the new namespace off from the host's, as far as the mounts allow.
    private func separate(propagating: Bool, sharing: Bool) throws(RuntimeError) {
        let flags: MountFlags =
            if sharing || propagation.contains(where: { $0.contains(.shared) }) { [] } else if propagating || propagation.contains(where: { $0.contains(.slave) }) {
                [.slave, .recursive]
            } else { [.private, .recursive] }
        if flags.isEmpty { return }
        try at("make mounts private") { () throws(SyscallError) in try Mounts.mount(nil, on: "/", flags) }
    }

    /// Of the root, as asked for.
    private var propagation: [MountFlags] { spec.linux?.rootfsPropagation.map { MountOptions([$0]).propagation } ?? [] }

    private func mountRoot() throws(RuntimeError) {
        if let rootMount {
            let options = MountOptions(rootMount.options ?? [])
            if rootMount.type == "overlay" {
                try mountOverlay(options)
            } else {
                try at("mount rootfs") { () throws(SyscallError) in
                    try Mounts.mount(rootMount.source, on: mountPoint, type: rootMount.type, options.flags, options: options.data.joined(separator: ","))
                }
            }
        } else {
            guard let path = spec.root?.path else { throw RuntimeError("the spec names no root") }
            try at("bind rootfs") { () throws(SyscallError) in try Mounts.mount(path, on: mountPoint, [.bind, .recursive]) }
        }
        // pivot_root(2) refuses a root that is shared, or whose parent mount is. What follows the host's is not, and may go on doing so.
        if propagation.contains(where: { $0.contains(.slave) }) { return }
        try at("make rootfs private") { () throws(SyscallError) in try Mounts.mount(nil, on: mountPoint, [.private]) }
    }

    private func mountOverlay(_ options: MountOptions) throws(RuntimeError) {
        do throws(SyscallError) { try Mounts.mountOverlay(options.data, on: mountPoint, options.flags) } catch {
            var text = "mount rootfs: \(error)"
            let upper = options.data.first { $0.hasPrefix("upperdir=") }?.dropFirst("upperdir=".count) ?? "/"
            // Only words depend on it: so it is for an engine in a container without a volume for its data.
            if error.errno == .invalid, (try? FileDescriptor.open(String(upper), [.path]).isOn(.overlay)) == true {
                text += ": \(upper) is on overlayfs itself; --root must be on another file system, such as a volume's"
            }
            throw RuntimeError(text)
        }
    }

    // MARK: - One mount

    /// `tree` is what to bind where that is made already.
    private func make(
        _ mount: RuntimeMount, _ options: MountOptions, in root: borrowing FileDescriptor, from tree: OpenFile? = nil
    ) throws(RuntimeError) {
        if mount.type == "cgroup" || mount.type == "cgroup2" { return try makeCgroup(mount, options, in: root) }
        if mount.type == "overlay", options.part != nil { return try makePart(of: mount, options, in: root) }
        let isBind = options.flags.contains(.bind)
        var wantsDirectory = true
        var source = mount.source
        // Kept open as long as its name is used.
        var part: OpenFile?
        if isBind, let whole = mount.source, let path = options.part {
            let file = try open(path, in: whole)
            source = file.descriptor.procPath
            part = file
        }
        defer { withExtendedLifetime(part) {} }
        if let tree {
            wantsDirectory = try at("stat \(mount.source ?? "")") { () throws(SyscallError) in try tree.descriptor.status().isDirectory }
        } else if isBind, let source {
            let status = try at("bind \(source)") { () throws(SyscallError) in
                guard let status = try FileSystem.status(source) else { throw SyscallError("stat", source, errno: .noEntry) }
                return status
            }
            wantsDirectory = status.isDirectory
        }
        if mount.type == "proc" || mount.type == "sysfs" { try refuseLink(mount.destination, in: root) }
        // What cannot be opened is missing, or making it tells why.
        let isCovering = mount.type == "tmpfs" && (try? root.open(mount.destination, [.path], resolve: .inRoot)) != nil
        let target = try openTarget(mount.destination, directory: wantsDirectory, in: root)
        try refuseProc(target, mount)
        let stage = "mount \(mount.source ?? mount.type ?? "") to rootfs at \(mount.destination)"
        // From here on by descriptors: somebody who has a volume in common may turn the name into a link meanwhile, CVE-2025-31133.
        if isBind, let source {
            let mounted = try at(stage) { () throws(SyscallError) in
                let mounted = if let tree { tree } else { OpenFile(try Mounts.cloneDetached(source, recursive: options.flags.contains(.recursive))) }
                try Mounts.attach(mounted.descriptor, on: target)
                return mounted
            }
            if options.fillsEmpty, wantsDirectory { try fill(mounted.descriptor, from: target, mount.destination) }
            try restrict(mounted.descriptor, mount.destination, options)
            return try propagate(mounted.descriptor, options, stage)
        }
        let shared = try share(options, target, stage)
        var data = options.data
        if shared == nil, options.copiesUp || isCovering { data = try modeOfImage(target, data, keepsOwner: options.copiesUp) }
        let mounted = if let shared { shared } else { try attach(stage, on: target) { () throws(SyscallError) in try mountNew(mount, options, data) } }
        if shared == nil, options.copiesUp {
            try at("copy the image's files to tmpfs at \(mount.destination)") { () throws(SyscallError) in
                try mounted.descriptor.open(".", [.directory]).copyTree(from: try target.open(".", [.directory]))
            }
        }
        if options.fillsEmpty { try fill(mounted.descriptor, from: target, mount.destination) }
        if !options.recursive.isEmpty { try restrict(mounted.descriptor, mount.destination, options) }
        if options.isReadOnlyView {
            try at(stage) { () throws(SyscallError) in try Mounts.setAttributes(mounted.descriptor, adding: MountAttributes.readOnly) }
        }
        try propagate(mounted.descriptor, options, stage)
    }

    private func mountNew(_ mount: RuntimeMount, _ options: MountOptions, _ data: [String]) throws(SyscallError) {
        if mount.type == "overlay" { return try Mounts.mountOverlay(data, on: mountPoint, options.flags) }
        do throws(SyscallError) {
            try Mounts.mount(mount.source, on: mountPoint, type: mount.type, options.flags, options: data.isEmpty ? nil : data.joined(separator: ","))
        } catch  where mount.type == "sysfs" && error.errno == .notPermitted {
            // sysfs belongs to a network namespace of another user namespace: show the host's, as runc does.
            try Mounts.mount("/sys", on: mountPoint, [.bind, .recursive])
        }
    }

    /// Has what `mount` mounts over the root, where nobody else comes, moved from there to its place: so it can be named by a descriptor.
    private func attach(_ stage: String, on target: borrowing FileDescriptor, _ mount: () throws(SyscallError) -> Void) throws(RuntimeError) -> OpenFile {
        try at(stage) { () throws(SyscallError) in
            try mount()
            let mounted = OpenFile(try FileDescriptor.open(mountPoint, [.path]))
            try Mounts.attach(mounted.descriptor, on: target)
            return mounted
        }
    }

    private func propagate(_ mounted: borrowing FileDescriptor, _ options: MountOptions, _ stage: String) throws(RuntimeError) {
        try at(stage) { () throws(SyscallError) in for flags in options.propagation { try Mounts.mount(nil, on: mounted, flags) } }
    }

    /// Takes part in the file system in memory that a container which runs has mounted. Nil when there is none, or none any more.
    private func share(_ options: MountOptions, _ target: borrowing FileDescriptor, _ stage: String) throws(RuntimeError) -> OpenFile? {
        // Whose it was may be gone meanwhile.
        guard let origin = options.sharedFrom, let tree = try? Self.memory(of: origin.process, at: origin.path) else { return nil }
        try at(stage) { () throws(SyscallError) in
            // The other's may be a read-only view.
            try Mounts.setAttributes(tree.descriptor, adding: 0, clearing: MountAttributes.readOnly)
            try Mounts.attach(tree.descriptor, on: target)
        }
        return tree
    }

    private static func memory(of process: Int32, at path: String) throws(SyscallError) -> OpenFile? {
        let tree = OpenFile(try Mounts.cloneDetached(path, of: process))
        let isTmpfs = try tree.descriptor.isOn(.tmpfs), isRamfs = try tree.descriptor.isOn(.ramfs)
        return isTmpfs || isRamfs ? tree : nil
    }

    /// Binds what is at `x-part` in a file system that is nowhere else: it lies over the root meanwhile, which `root` still leads to.
    private func makePart(of mount: RuntimeMount, _ options: MountOptions, in root: borrowing FileDescriptor) throws(RuntimeError) {
        try at("mount \(mount.type ?? "")") { () throws(SyscallError) in try Mounts.mountOverlay(options.data, on: mountPoint, options.flags) }
        var bind = mount
        (bind.type, bind.source) = ("bind", mountPoint)
        var bindOptions = options
        bindOptions.flags.insert(.bind)
        try make(bind, bindOptions, in: root)
        try at("unmount \(mount.type ?? "")") { () throws(SyscallError) in try Mounts.detach(mountPoint) }
    }

    /// A bind mount takes its flags only on a second call, which must keep those that the source is locked to.
    private func restrict(_ mounted: borrowing FileDescriptor, _ destination: String, _ options: MountOptions) throws(RuntimeError) {
        let wanted = options.flags.intersection(.perMount)
        if wanted.isEmpty, options.recursive.isEmpty { return }
        try at("remount \(destination)") { () throws(SyscallError) in
            let all = options.recursive
            if !all.isEmpty { try Mounts.setAttributes(mounted, adding: all.adding, clearing: all.clearing, recursive: true) }
            if wanted.isEmpty { return }
            try Mounts.mount(nil, on: mounted, [.bind, .remount, wanted, try mounted.mountFlags().intersection(.perMount)])
        }
    }

    /// What is masked and made read-only later is so by its usual name: the file systems of the kernel's own facts go nowhere else.
    private func refuseLink(_ destination: String, in root: borrowing FileDescriptor) throws(RuntimeError) {
        let isLink: Bool
        do throws(SyscallError) {
            isLink = try root.open(destination, [.path, .noFollow], resolve: .inRoot).status().kind == .symbolicLink
        } catch  where error.errno == .noEntry { return } catch { throw RuntimeError("look at \(destination)", error) }
        if isLink { throw RuntimeError("filesystem \"\(destination)\" must be mounted on ordinary directory") }
    }

    /// What lies in /proc makes the kernel's word on processes and security modules believable: nothing may stand in for it, wherever links
    /// lead. The files that are excepted tell of resources, and lxcfs has its own of them. As runc does it.
    private func refuseProc(_ target: borrowing FileDescriptor, _ mount: RuntimeMount) throws(RuntimeError) {
        if mount.type == "proc" { return }
        let isProc = try at("look at \(mount.destination)") { () throws(SyscallError) in try target.isOn(.proc) }
        guard isProc || mount.destination == "/proc" else { return }
        let harmless = ["cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "net/dev", "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled"]
        if harmless.contains(where: { mount.destination == "/proc/\($0)" }) { return }
        guard mount.destination == "/proc" else { throw RuntimeError("\(mount.destination) cannot be mounted because it is inside /proc") }
        // The host's, for who shares its processes.
        if mount.options?.contains(where: { $0 == "bind" || $0 == "rbind" }) == true, let source = mount.source {
            let isHosts = try at("look at \(source)") { () throws(SyscallError) in try FileDescriptor.open(source, [.path]).isOn(.proc) }
            if isHosts { return }
        }
        throw RuntimeError("\(mount.destination) cannot be mounted because it is not of type proc")
    }

    /// The place for a mount; made when the image has none, as Docker does.
    private func openTarget(_ path: String, directory: Bool, in root: borrowing FileDescriptor) throws(RuntimeError) -> FileDescriptor {
        let target = try at("make mountpoint \(path)") { () throws(SyscallError) in
            do throws(SyscallError) {
                return try root.open(path, [.path], resolve: .inRoot)
            } catch  where error.errno == .noEntry {
                return try root.makePath(path, directory: directory)
            }
        }
        let isDirectory = try at("stat \(path)") { () throws(SyscallError) in try target.status().isDirectory }
        if isDirectory != directory {
            throw RuntimeError(
                "mount to rootfs at \(path): not a directory: Are you trying to mount a directory onto a file (or vice-versa)? "
                    + "Check if the specified host path exists and is the expected type")
        }
        return target
    }

    // MARK: - tmpfs in the place of something

    /// Options with the mode of the directory that is covered, unless they say another, as runc has it.
    private func modeOfImage(_ target: borrowing FileDescriptor, _ data: [String], keepsOwner: Bool) throws(RuntimeError) -> [String] {
        if data.contains(where: { $0.hasPrefix("mode=") }) { return data }
        let status = try at("stat") { () throws(SyscallError) in try target.status() }
        return data + ["mode=\(String(status.permissions, radix: 8))"] + (keepsOwner ? ["uid=\(status.user)", "gid=\(status.group)"] : [])
    }

    /// A file system that is empty gets what the image has at the place, with the owner and mode of the directory itself.
    private func fill(_ mount: borrowing FileDescriptor, from covered: borrowing FileDescriptor, _ destination: String) throws(RuntimeError) {
        try at("copy the image's files to \(destination)") { () throws(SyscallError) in
            let mounted = try mount.open(".", [.directory])
            // What mkfs(8) puts there is no content.
            if try mounted.entries().contains(where: { $0 != "lost+found" }) { return }
            let image = try covered.open(".", [.directory])
            // An empty directory may be one that was made for the mount.
            if try image.entries().isEmpty { return }
            try mounted.copyTree(from: image)
            try mounted.copyAttributes(from: image)
        }
    }

    /// A directory in a volume, which whoever writes to the volume may have replaced by a link.
    private func open(_ path: String, in volume: String) throws(RuntimeError) -> OpenFile {
        do throws(SyscallError) {
            return OpenFile(try FileDescriptor.open(volume, [.path, .directory]).open(path, [.path], resolve: .beneath))
        } catch  where error.errno == .crossDevice {
            throw RuntimeError("path concatenation escapes the base directory: base \(volume), subpath \(path)")
        } catch { throw RuntimeError("cannot access path \(volume)/\(path)", error) }
    }

    // MARK: - cgroup

    private func makeCgroup(_ mount: RuntimeMount, _ options: MountOptions, in root: borrowing FileDescriptor) throws(RuntimeError) {
        guard let cgroup else { return }
        let target = try openTarget(mount.destination, directory: true, in: root)
        let flags: MountFlags = options.flags.union([.noSetUserID, .noDevices, .noExecute])
        let hasNamespace = spec.linux?.namespaces?.contains { $0.type == .cgroup && $0.path == nil } ?? false
        let views = cgroup.views
        if views.count == 1, let only = views.first, only.isVersion2 {
            let mounted = try attach("mount cgroup2", on: target) { () throws(SyscallError) in
                if hasNamespace {
                    try Mounts.mount("cgroup", on: mountPoint, type: "cgroup2", flags)
                } else {
                    try Mounts.mount(only.directory, on: mountPoint, [.bind])
                }
            }
            if !hasNamespace { try restrict(mounted.descriptor, mount.destination, options) }
            return
        }
        let top = try attach("mount cgroup", on: target) { () throws(SyscallError) in
            try Mounts.mount("tmpfs", on: mountPoint, type: "tmpfs", flags.subtracting(.readOnly), options: "mode=755")
        }
        let directory = try at("mount cgroup") { () throws(SyscallError) in try top.descriptor.open(".", [.path, .directory]) }
        for view in views {
            try at("mount cgroup \(view.name)") { () throws(SyscallError) in
                try directory.makeDirectory(view.name)
                let place = try directory.open(view.name, [.path, .directory])
                try Mounts.mount(view.directory, on: place, [.bind])
                if flags.contains(.readOnly) {
                    let mounted = try directory.open(view.name, [.path, .directory])
                    try Mounts.mount(nil, on: mounted, [.bind, .remount, flags])
                }
            }
        }
        if flags.contains(.readOnly) {
            try at("mount cgroup") { () throws(SyscallError) in try Mounts.mount(nil, on: directory, [.remount, flags]) }
        }
    }

    // MARK: - After the pivot

    /// With `again` it is a mount already.
    private func makeReadOnly(_ path: String, again: Bool = false) throws(RuntimeError) {
        do throws(SyscallError) {
            if !again { try Mounts.mount(path, on: path, [.bind, .recursive]) }
            let mounted = try FileDescriptor.open(path, [.path])
            try Mounts.mount(nil, on: mounted, [.bind, .remount, .readOnly, try mounted.mountFlags().intersection(.perMount)])
        } catch  where error.errno == .noEntry || error.errno == .notDirectory {
            return
        } catch {
            throw RuntimeError("make \(path) read-only", error)
        }
    }

    /// One file system with nothing in it serves all directories.
    private func mask(_ path: String, _ nothing: inout OpenFile?) throws(RuntimeError) {
        do throws(SyscallError) {
            let target = try FileDescriptor.open(path, [.path])
            if try target.status().isDirectory {
                if let nothing { return try Mounts.mount(nothing.descriptor.procPath, on: target, .bind) }
                try Mounts.mount("tmpfs", on: target, type: "tmpfs", .readOnly)
                nothing = OpenFile(try FileDescriptor.open(path, [.path]))
            } else {
                try Mounts.attach(try Mounts.cloneDetached(try Self.nullDevice()), on: target)
            }
        } catch  where error.errno == .noEntry || error.errno == .notDirectory {
            return
        } catch {
            throw RuntimeError("mask \(path)", error)
        }
    }

    /// The file that covers others. Where /dev is somebody's volume, its `null` may be a link to what must stay covered: CVE-2025-31133.
    private static func nullDevice() throws(SyscallError) -> FileDescriptor {
        let file = try FileDescriptor.open("/dev/null", [.path, .noFollow])
        let status = try file.status()
        guard status.kind == .characterDevice, status.deviceNumber == DeviceNumber(major: 1, minor: 3) else {
            throw SyscallError("open", "/dev/null, which is no null device", errno: .noDevice)
        }
        return file
    }
}
