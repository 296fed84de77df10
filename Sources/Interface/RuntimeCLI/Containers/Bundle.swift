import ContainerRuntime
import JSON
import Linux
import OCI

/// A directory with a `config.json` and what it names. https://github.com/opencontainers/runtime-spec/blob/main/bundle.md
struct Bundle {
    let path: String
    let bytes: [UInt8]
    private(set) var spec: RuntimeSpec

    /// Reads it, and makes what is relative absolute. Throws for what cannot be a container.
    init(_ path: String) throws {
        let directory = try FileDescriptor.open(path.isEmpty ? "." : path, [.path, .directory])
        self.path = try FileDescriptor.currentDirectory().readLink(directory.procPath)
        guard let bytes = try FileSystem.readIfPresent("\(self.path)/config.json") else { throw RuntimeFault("JSON specification file config.json not found") }
        self.bytes = bytes
        spec = try Self.read(bytes)
        try Self.check(spec)
        try resolveRoot()
        resolveMounts()
    }

    static func read(_ bytes: [UInt8]) throws -> RuntimeSpec {
        do { return try JSON.decode(RuntimeSpec.self, from: bytes) } catch { throw RuntimeFault("config.json: \(Self.words(error))") }
    }

    /// A decoding error with the place where it happened.
    static func words(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        }
        return switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.keyNotFound(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            place(context)
        default: "\(error)"
        }
    }

    /// Throws for what cannot be a container, as far as that can be seen without looking at anything else.
    static func check(_ spec: RuntimeSpec) throws {
        let version = spec.ociVersion.split(separator: ".", maxSplits: 1).first
        guard version == "1" else { throw RuntimeFault("unsupported version \(spec.ociVersion) of the runtime specification") }
        guard let root = spec.root, !root.path.isEmpty else { throw RuntimeFault("root must be specified") }
        try check(spec.process)
        guard let linux = spec.linux else { throw RuntimeFault("linux must be specified") }
        if !isEmpty(linux.intelRdt) { throw RuntimeFault("intelRdt is not supported") }
        if !isEmpty(linux.memoryPolicy) { throw RuntimeFault("memoryPolicy is not supported") }
        if !isEmpty(linux.netDevices) { throw RuntimeFault("netDevices is not supported") }
        if let label = linux.mountLabel, !label.isEmpty { throw RuntimeFault("selinux label is specified in config, but selinux is disabled or not supported") }
        let kinds = Set((linux.namespaces ?? []).map(\.type))
        if spec.hostname?.isEmpty == false, !kinds.contains(.uts) { throw RuntimeFault("unable to set hostname without a private UTS namespace") }
        if spec.domainname?.isEmpty == false, !kinds.contains(.uts) { throw RuntimeFault("unable to set domainname without a private UTS namespace") }
        for key in (linux.sysctl ?? [:]).keys { try check(sysctl: key, kinds) }
        try spec.checkNamespaces()
        for mount in spec.mounts ?? [] {
            guard !mount.destination.utf8.contains(0) else { throw RuntimeFault("mount destination with a zero byte") }
        }
    }

    /// For the first process, and for others.
    static func check(_ process: RuntimeProcess?) throws {
        guard let process else { throw RuntimeFault("process property must not be empty") }
        guard process.cwd.hasPrefix("/") else {
            throw RuntimeFault(process.cwd.isEmpty ? "Cwd property must not be empty" : "Cwd must be an absolute path")
        }
        guard process.args?.isEmpty == false else { throw RuntimeFault("args must not be empty") }
        if process.selinuxLabel?.isEmpty == false {
            throw RuntimeFault("selinux label is specified in config, but selinux is disabled or not supported")
        }
    }

    private static func isEmpty(_ value: JSONValue?) -> Bool { value?.object?.members.isEmpty ?? true }

    /// What belongs to a namespace that is not the container's own is not the container's to change.
    private static func check(sysctl key: String, _ kinds: Set<LinuxNamespace.Kind>) throws {
        let name = key.contains("/") ? String(key.map { $0 == "/" ? "." : $0 }) : key
        let ipc = ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"]
        if ipc.contains(name) || name.hasPrefix("fs.mqueue.") {
            if kinds.contains(.ipc) { return }
            throw RuntimeFault("sysctl \"\(key)\" is not allowed in the hosts ipc namespace")
        }
        if name.hasPrefix("net.") {
            if kinds.contains(.network) { return }
            throw RuntimeFault("sysctl \"\(key)\" not allowed in host network namespace")
        }
        switch name {
        case "kernel.domainname":
            if kinds.contains(.uts) { return }
            throw RuntimeFault("sysctl \"\(key)\" is not allowed in the hosts uts namespace")
        case "kernel.hostname": throw RuntimeFault("sysctl \"\(key)\" conflicts with the hostname of the specification")
        default:
            if name.hasPrefix("user."), kinds.contains(.user) { return }
            throw RuntimeFault("sysctl \"\(key)\" is not in a separate kernel namespace")
        }
    }

    /// What is bound by a relative path lies in the bundle, and who names a place by the host's path of the root means that in the root.
    private mutating func resolveMounts() {
        let root = spec.root?.path ?? ""
        spec.mounts = spec.mounts?.map { mount in
            var mount = mount
            if mount.destination.hasPrefix(root + "/") { mount.destination.removeFirst(root.count) }
            guard let source = mount.source, !source.isEmpty, !source.hasPrefix("/"), mount.options?.contains(where: { $0 == "bind" || $0 == "rbind" }) == true else {
                return mount
            }
            mount.source = "\(path)/\(source)"
            return mount
        }
    }

    /// The root as the kernel has it: where a link leads may change.
    private mutating func resolveRoot() throws {
        guard let given = spec.root?.path else { return }
        let root = given.hasPrefix("/") ? given : "\(path)/\(given)"
        do throws(SyscallError) {
            let directory = try FileDescriptor.open(root, [.path, .directory])
            spec.root?.path = try FileDescriptor.currentDirectory().readLink(directory.procPath)
        } catch { throw RuntimeFault("invalid rootfs: \(error)") }
        if spec.root?.path == "/" { throw RuntimeFault("invalid rootfs: it is the host's") }
    }
}
