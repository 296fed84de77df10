import Diagnostics
import DockerAPI
import Linux
import Values
import Volumes

/// Turns all that a request and an image say about mounts into a list of `ContainerMount`.
struct MountResolution {
    private(set) var mounts: [ContainerMount] = []
    private var given: Set<String> = []

    /// `isShallow`: what is bound read-only leaves mounts below it as they are, as it was before API 1.44.
    init(host: HostConfig, imageVolumes: [String], inherited: [ContainerMount], isShallow: Bool = false) throws(Fault) {
        // The last of these wins over an earlier one of another kind; two of the same kind are an error.
        for mount in inherited { replace(mount) }
        for bind in host.binds ?? [] {
            var mount = try Self.parse(bind: bind)
            mount.keepsWritableBelow = isShallow && mount.kind == .bind
            try add(mount)
        }
        for (index, mount) in (host.mounts ?? []).enumerated() {
            var resolved = try Self.resolve(mount)
            resolved.request = index
            if isShallow, resolved.kind == .bind, mount.bindOptions?.readOnlyForceRecursive != true { resolved.keepsWritableBelow = true }
            try add(resolved)
        }
        for (path, options) in (host.tmpfs ?? [:]).sorted(by: { $0.key < $1.key }) {
            let destination = try Self.destination(path, of: path)
            try add(ContainerMount(kind: .tmpfs, destination: destination, options: try Self.tmpfsOptions(options)))
        }
        for path in imageVolumes {
            let destination = try Self.destination(path, of: path)
            if !mounts.contains(where: { $0.destination == destination }) {
                mounts.append(ContainerMount(kind: .volume, destination: destination, anonymous: true))
            }
        }
    }

    private mutating func add(_ mount: ContainerMount) throws(Fault) {
        guard given.insert(mount.destination).inserted else { throw Fault(.invalid, "Duplicate mount point: \(mount.destination)") }
        replace(mount)
    }

    private mutating func replace(_ mount: ContainerMount) {
        mounts.removeAll { $0.destination == mount.destination }
        mounts.append(mount)
    }

    // MARK: - `-v`

    static func parse(bind: String) throws(Fault) -> ContainerMount {
        let parts = bind.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), !parts[0].isEmpty, !parts[1].isEmpty else {
            if parts.count == 1, !parts[0].isEmpty {
                return ContainerMount(kind: .volume, destination: try destination(parts[0], of: bind), anonymous: true)
            }
            throw Fault(.invalid, "invalid volume specification: '\(bind)'")
        }
        let isPath = parts[0].hasPrefix("/")
        var mount = ContainerMount(kind: isPath ? .bind : .volume, destination: try destination(parts[1], of: bind))
        if isPath { mount.source = clean(parts[0]) } else { (mount.name, mount.mode) = (parts[0], "z") }
        if parts.count == 3 { try mount.apply(mode: parts[2], of: bind) }
        let wrong = isPath ? mount.noCopy ? "Volume" : nil : mount.propagation.isEmpty ? nil : "Bind"
        if let wrong {
            throw Fault(
                .invalid,
                "invalid volume specification: '\(bind)': invalid mount config for type \"\(mount.kind.rawValue)\": field \(wrong)Options must not be specified")
        }
        return mount
    }

    private static func destination(_ path: String, of specification: String) throws(Fault) -> String {
        guard path.hasPrefix("/") else {
            throw Fault(
                .invalid, "invalid volume specification: '\(specification)': invalid mount config for type \"volume\": invalid mount path: '\(path)' mount path must be absolute")
        }
        let path = clean(path)
        guard path != "/" else {
            throw Fault(.invalid, "invalid volume specification: '\(specification)': invalid mount config for type \"volume\": invalid specification: destination can't be '/'")
        }
        return path
    }

    /// The path without empty parts, `.` and `..`.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return parts.isEmpty ? "/" : parts.reduce(into: "") { $0 += "/" + String($1) }
    }

    // MARK: - `--mount`

    static func resolve(_ mount: Mount) throws(Fault) -> ContainerMount {
        func invalid(_ text: String) -> Fault { Fault(.invalid, "invalid mount config for type \"\(mount.type)\": \(text)") }
        let options: [(name: String, type: String, isGiven: Bool)] = [
            ("BindOptions", "bind", mount.bindOptions != nil), ("VolumeOptions", "volume", mount.volumeOptions != nil),
            ("ImageOptions", "image", mount.imageOptions != nil), ("TmpfsOptions", "tmpfs", mount.tmpfsOptions != nil),
        ]
        if let wrong = options.first(where: { $0.isGiven && $0.type != mount.type }) { throw invalid("field \(wrong.name) must not be specified") }
        guard !mount.target.isEmpty else { throw invalid("field Target must not be empty") }
        guard clean(mount.target) != "/" else { throw invalid("invalid specification: destination can't be '/'") }
        guard mount.target.hasPrefix("/") else { throw invalid("invalid mount path: '\(mount.target)' mount path must be absolute") }
        guard let kind = ContainerMount.Kind(rawValue: mount.type) else { throw invalid("mount type unknown") }
        var result = ContainerMount(kind: kind, destination: clean(mount.target), readOnly: mount.readOnly)
        switch kind {
        case .bind: try result.bind(mount, invalid)
        case .volume:
            result.name = mount.source
            result.anonymous = mount.source.isEmpty
            result.mode = "z"
            result.noCopy = mount.volumeOptions?.noCopy ?? false
            result.subpath = mount.volumeOptions?.subpath ?? ""
            if result.anonymous, !result.subpath.isEmpty { throw invalid("must not set Subpath when using anonymous volumes") }
        case .image:
            guard !mount.source.isEmpty else { throw invalid("field Source must not be empty") }
            result.name = mount.source
            result.readOnly = true
            result.subpath = mount.imageOptions?.subpath ?? ""
        case .tmpfs:
            guard mount.source.isEmpty else { throw invalid("field Source must not be specified") }
            result.options = ["noexec", "nosuid", "nodev"]
            if let options = mount.tmpfsOptions { try result.tmpfs(options, invalid) }
        }
        guard isInside(result.subpath) else { throw invalid("subpath must be a relative path within the volume") }
        return result
    }

    /// Whether the text alone keeps the path from leading out of where it starts; Go's `filepath.IsLocal`.
    private static func isInside(_ path: String) -> Bool {
        var depth = 0
        for part in path.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return !path.hasPrefix("/")
    }

    /// `--tmpfs /path:options`.
    private static func tmpfsOptions(_ text: String) throws(Fault) -> [String] {
        var options = ["noexec", "nosuid", "nodev"]
        for option in text.split(separator: ",").map(String.init) {
            switch option {
            case "exec": options.removeAll { $0 == "noexec" }
            case "suid": options.removeAll { $0 == "nosuid" }
            case "dev": options.removeAll { $0 == "nodev" }
            case "ro", "rw", "noexec", "nosuid", "nodev", "sync", "async", "dirsync", "atime", "noatime", "diratime", "nodiratime", "relatime", "norelatime",
                "strictatime", "defaults", "bind", "rbind", "mand", "nomand", "private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable",
                "runbindable", "tmpcopyup":
                // What makes no sense for a tmpfs says nothing, as in Docker.
                if !["bind", "rbind", "mand", "nomand"].contains(option) { options.append(option) }
            default:
                let known = ["size=", "mode=", "uid=", "gid=", "nr_inodes=", "nr_blocks=", "mpol=", "huge="]
                guard known.contains(where: { option.hasPrefix($0) }) else { throw Fault(.invalid, "invalid tmpfs option [\"\(option)\"]") }
                options.append(option)
            }
        }
        return options
    }
}

extension ContainerMount {
    init(kind: Kind, destination: String, readOnly: Bool = false, options: [String] = [], anonymous: Bool = false) {
        self.init()
        self.kind = kind
        self.destination = destination
        self.readOnly = readOnly
        self.options = options
        self.anonymous = anonymous
    }

    /// What is particular to bind mounts.
    fileprivate mutating func bind(_ mount: Mount, _ invalid: (String) -> Fault) throws(Fault) {
        guard !mount.source.isEmpty else { throw invalid("field Source must not be empty") }
        propagation = mount.bindOptions?.propagation ?? ""
        guard propagation.isEmpty || Self.propagations.contains(propagation) else { throw invalid("invalid propagation mode: \(propagation)") }
        guard mount.source.hasPrefix("/") else { throw invalid("invalid mount path: '\(mount.source)' mount path must be absolute") }
        source = MountResolution.clean(mount.source)
        let exists: Bool
        do throws(SyscallError) { exists = try FileSystem.status(source) != nil } catch { throw invalid("bind source path: \(error)") }
        if !exists, mount.bindOptions?.createMountpoint != true { throw invalid("bind source path does not exist: \(mount.source)") }
        nonRecursive = mount.bindOptions?.nonRecursive ?? false
        if mount.bindOptions?.readOnlyNonRecursive == true {
            if mount.bindOptions?.readOnlyForceRecursive == true { throw invalid("mount options conflict: !ReadOnlyNonRecursive && ReadOnlyForceRecursive") }
            keepsWritableBelow = true
        }
    }

    /// What is particular to file systems in memory.
    fileprivate mutating func tmpfs(_ given: TmpfsOptions, _ invalid: (String) -> Fault) throws(Fault) {
        if given.sizeBytes < 0 { throw invalid("size of tmpfs must not be negative") }
        if given.sizeBytes > 0 { options.append("size=\(given.sizeBytes)") }
        if given.mode != 0 { options.append("mode=\(String(given.mode, radix: 8))") }
        for option in given.options ?? [] {
            guard (1...2).contains(option.count) else { throw invalid("invalid option array length") }
            guard ["exec", "noexec"].contains(option[0]) else { throw invalid("invalid option: \(option[0])") }
            if option[0] == "exec" { options.removeAll { $0 == "noexec" } }
        }
    }

    fileprivate static let propagations: Set<String> = ["private", "rprivate", "shared", "rshared", "slave", "rslave"]

    /// The third part of `-v`.
    mutating func apply(mode: String, of specification: String) throws(Fault) {
        self.mode = mode
        let invalid = Fault(.invalid, "invalid mode: \(mode)")
        var seen: Set<Int> = []
        if mode.isEmpty { return }
        for word in mode.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            // One of each at most.
            let group: Int
            switch word {
            case "ro", "rw": (group, readOnly) = (0, word == "ro")
            case _ where Self.propagations.contains(word): (group, propagation) = (1, word)
            case "nocopy": (group, noCopy) = (2, true)
            // Labels apply on hosts with SELinux only; the rest is Docker Desktop's.
            case "z", "Z": group = 3
            case "consistent", "cached", "delegated": group = 4
            default: throw invalid
            }
            guard seen.insert(group).inserted else { throw invalid }
        }
    }
}
