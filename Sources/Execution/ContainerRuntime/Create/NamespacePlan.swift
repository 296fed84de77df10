import Linux
package import OCI

extension RuntimeSpec {
    /// Throws for namespaces, and what is mapped or offset in them, that no container can have.
    package func checkNamespaces() throws(RuntimeError) { _ = try NamespacePlan(self) }
}

/// The namespaces of a container: those that are made for it and those that it joins. See namespaces(7).
struct NamespacePlan: Sendable {
    /// Made together with the process, but for the cgroup's, which begins where the process is.
    private(set) var made: CloneFlags = []
    private(set) var makesCgroup = false
    private(set) var joined: [(path: String, kind: CloneFlags)] = []
    private let users: [LinuxIDMapping]
    private let groups: [LinuxIDMapping]
    private let clocks: [String: LinuxTimeOffset]
    private var makesTime = false

    init(_ spec: RuntimeSpec) throws(RuntimeError) {
        users = spec.linux?.uidMappings ?? []
        groups = spec.linux?.gidMappings ?? []
        clocks = spec.linux?.timeOffsets ?? [:]
        for namespace in spec.linux?.namespaces ?? [] {
            let kind = Self.flag(namespace.type)
            guard !made.contains(kind), !joined.contains(where: { $0.kind == kind }), !(makesCgroup && kind == .newCgroup), !(makesTime && kind == .newTime) else {
                throw RuntimeError("the \(namespace.type.rawValue) namespace is listed twice")
            }
            if let path = namespace.path, !path.isEmpty {
                guard path.hasPrefix("/") else { throw RuntimeError("namespace path \"\(path)\" is not absolute") }
                joined.append((path, kind))
            } else if kind == .newCgroup {
                makesCgroup = true
            } else if kind == .newTime {
                makesTime = true
            } else {
                made.insert(kind)
            }
        }
        guard made.contains(.newMount) else { throw RuntimeError("a container without a mount namespace of its own is not supported") }
        if mapsUsers, users.isEmpty || groups.isEmpty { throw RuntimeError("user namespaces enabled, but no user or group mappings found") }
        if !clocks.isEmpty, !makesTime { throw RuntimeError("time namespace offsets specified, but time namespace isn't enabled in the config") }
        // What limits of the kernel the runtime can know; the rest it tells when they are written.
        guard users.count <= 340, groups.count <= 340 else { throw RuntimeError("more than 340 mappings of users or groups") }
    }

    /// Users and groups are to be mapped.
    var mapsUsers: Bool { made.contains(.newUser) }
    /// The container's root is not the runtime's.
    var hasUsers: Bool { mapsUsers || joined.contains { $0.kind == .newUser } }
    var needsOneBetween: Bool { hasUsers || makesTime || joined.contains { $0.kind == .newTime } }

    /// Joins what is there, and sets the clocks of what is not. A user namespace comes last, as there is no privilege over the others in it,
    /// unless it is what gives privilege over them.
    func join(but excluded: CloneFlags = []) throws(RuntimeError) {
        var later: [(path: String, kind: CloneFlags)] = []
        for (path, kind) in joined where kind != excluded && kind != .newUser {
            do throws(SyscallError) { try Namespace.join(path: path, kind) } catch  where error.errno == .notPermitted && hasUsers {
                later.append((path, kind))
            } catch { throw RuntimeError("join namespace \(path)", error) }
        }
        if makesTime {
            try at("make time namespace") { () throws(SyscallError) in
                try Namespace.unshare(.newTime)
                if clocks.isEmpty { return }
                let lines = clocks.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.secs) \($0.value.nanosecs)\n" }
                try FileDescriptor.open("/proc/self/timens_offsets", .writeOnly).writeAll(lines.joined().utf8)
            }
        }
        if let user = joined.first(where: { $0.kind == .newUser }) {
            try at("join namespace \(user.path)") { () throws(SyscallError) in try Namespace.join(path: user.path, .newUser) }
        }
        for (path, kind) in later { try at("join namespace \(path)") { () throws(SyscallError) in try Namespace.join(path: path, kind) } }
    }

    /// Says who is whom in the user namespace of a process. user_namespaces(7)
    func writeMappings(of process: Int32) throws(RuntimeError) { try Self.writeMappings(users: users, groups: groups, of: process) }

    static func writeMappings(users: [LinuxIDMapping], groups: [LinuxIDMapping], of process: Int32) throws(RuntimeError) {
        func text(_ mappings: [LinuxIDMapping]) -> [UInt8] {
            Array(mappings.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined().utf8)
        }
        try at("map users") { () throws(SyscallError) in
            if Credentials.effectiveUser != 0 { try FileDescriptor.open("/proc/\(process)/setgroups", .writeOnly).writeAll("deny".utf8) }
            try FileDescriptor.open("/proc/\(process)/uid_map", .writeOnly).writeAll(text(users))
            try FileDescriptor.open("/proc/\(process)/gid_map", .writeOnly).writeAll(text(groups))
        }
    }

    private static func flag(_ kind: LinuxNamespace.Kind) -> CloneFlags {
        switch kind {
        case .pid: .newPID
        case .network: .newNetwork
        case .mount: .newMount
        case .ipc: .newIPC
        case .uts: .newUTS
        case .cgroup: .newCgroup
        case .user: .newUser
        case .time: .newTime
        }
    }
}
