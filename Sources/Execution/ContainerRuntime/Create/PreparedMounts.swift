import Linux
import OCI

/// Bind mounts that are made before the process is in a user namespace, as mounts that have no place yet: those of a container that cannot
/// see their sources itself, and those on which owners are seen as others (config.md, "Mounts": `idmap`, `ridmap`, `uidMappings`;
/// mount_setattr(2), "ID-mapped mounts", least kernel 5.12, and a file system that knows of them).
struct PreparedMounts: Sendable {
    /// By their places in the specification's list.
    private var trees: [Int: OpenFile] = [:]

    init() {}

    init(_ spec: RuntimeSpec) throws(RuntimeError) {
        // A mapping is a user namespace that has it.
        var namespaces: [[[LinuxIDMapping]]: OpenFile] = [:]
        let hasUsers = spec.linux?.namespaces?.contains { $0.type == .user } ?? false
        for (index, mount) in (spec.mounts ?? []).enumerated() where mount.isMapped || hasUsers && mount.isApart(from: spec.root) {
            let options = MountOptions(mount.options ?? [])
            guard options.flags.contains(.bind), let source = mount.source else {
                if mount.isMapped { throw RuntimeError("mount \(mount.destination): only bind mounts can be idmapped") }
                continue
            }
            // What is missing is told where it is looked for.
            if !mount.isMapped, options.part != nil || !FileSystem.exists(source) { continue }
            var namespace: OpenFile?
            if mount.isMapped {
                let mappings = try Self.mappings(mount, spec)
                if let known = namespaces[mappings] { namespace = known } else { namespace = try Self.namespace(mappings, spec) }
                namespaces[mappings] = namespace
            }
            trees[index] = try at("mount \(source) to \(mount.destination)") { () throws(SyscallError) in
                let tree = try Mounts.cloneDetached(source, recursive: options.flags.contains(.recursive))
                // It is the host's still: nothing that is mounted in there may be seen here.
                try Mounts.setAttributes(tree, adding: 0, propagation: options.propagates ? .slave : .private, recursive: true)
                if let namespace { try Mounts.mapOwners(of: tree, by: namespace.descriptor, recursive: mount.options?.contains("ridmap") ?? false) }
                return OpenFile(tree)
            }
        }
    }

    /// What stands for the mount at this place of the list; nil for an ordinary one.
    subscript(index: Int) -> OpenFile? { trees[index] }

    /// To be called in the process that has attached them, which never comes to let go of its copies in another way.
    func closeCopies() { descriptors.forEach(Process.close) }

    var descriptors: [CInt] { trees.values.map { $0.descriptor.rawValue } }

    /// Of users and of groups: the mount's, or else the container's own; none when those are of a namespace that it joins.
    private static func mappings(_ mount: RuntimeMount, _ spec: RuntimeSpec) throws(RuntimeError) -> [[LinuxIDMapping]] {
        let users = mount.uidMappings ?? [], groups = mount.gidMappings ?? []
        if users.isEmpty != groups.isEmpty { throw RuntimeError("mount \(mount.destination): uidMappings and gidMappings go together") }
        if !users.isEmpty { return [users, groups] }
        guard let own = spec.linux?.namespaces?.first(where: { $0.type == .user }) else {
            throw RuntimeError("mount \(mount.destination): idmap without mappings takes a user namespace")
        }
        return own.path?.isEmpty ?? true ? [spec.linux?.uidMappings ?? [], spec.linux?.gidMappings ?? []] : []
    }

    private static func namespace(_ mappings: [[LinuxIDMapping]], _ spec: RuntimeSpec) throws(RuntimeError) -> OpenFile {
        guard mappings.count == 2 else {
            let path = spec.linux?.namespaces?.first { $0.type == .user }?.path ?? ""
            return OpenFile(try at("open namespace \(path)") { () throws(SyscallError) in try FileDescriptor.open(path) })
        }
        // Somebody has to be in it until it is open; that one ends with the pair.
        let pair = try at("make sync socket") { () throws(SyscallError) in try MessagePair() }
        let process = try at("make process") { () throws(SyscallError) in
            try fork(.newUser) {
                // Its end, or that of the runtime, is the word.
                _ = try? pair.child.receive()
                return 0
            }
        }
        defer {
            // It is our own child and not waited for yet: there is no way to fail.
            try? Process.signal(process.pidfd, 9)
            _ = try? Process.wait(process.pid)
        }
        try NamespacePlan.writeMappings(users: mappings[0], groups: mappings[1], of: process.pid)
        return OpenFile(try at("open user namespace") { () throws(SyscallError) in try FileDescriptor.open("/proc/\(process.pid)/ns/user") })
    }
}

extension RuntimeMount {
    /// Its source is not what other mounts have made below the root.
    fileprivate func isApart(from root: RuntimeRoot?) -> Bool { source.map { !$0.hasPrefix((root?.path ?? "") + "/") } ?? false }

    var isMapped: Bool {
        uidMappings?.isEmpty == false || gidMappings?.isEmpty == false || options?.contains { $0 == "idmap" || $0 == "ridmap" } == true
    }
}
