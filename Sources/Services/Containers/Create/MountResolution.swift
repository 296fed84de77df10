import Diagnostics
import DockerAPI
import Linux
import Values
import Volumes

/// Turns all that a request and an image say about mounts into a list of `ContainerMount`.
struct MountResolution {
    private(set) var mounts: [ContainerMount] = []
    private var given: Set<String> = []

    private static let propagations: Set<String> = ["private", "rprivate", "shared", "rshared", "slave", "rslave"]

    init(host: HostConfig, imageVolumes: [String], inherited: [ContainerMount]) throws(Fault) {
        // The last of these wins over an earlier one of another kind; two of the same kind are an error.
        for mount in inherited { replace(mount) }
        for bind in host.binds ?? [] { try add(Self.parse(bind: bind)) }
        for mount in host.mounts ?? [] { try add(Self.resolve(mount)) }
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
        if isPath { mount.source = clean(parts[0]) } else { mount.name = parts[0] }
        if parts.count == 3 { try mount.apply(mode: parts[2], of: bind) }
        return mount
    }

    private static func destination(_ path: String, of specification: String) throws(Fault) -> String {
        guard path.hasPrefix("/") else {
            throw Fault(.invalid, "invalid volume specification: '\(specification)': invalid mount config for type \"volume\": invalid mount path: '\(path)' mount path must be absolute")
        }
        let path = clean(path)
        guard path != "/" else { throw Fault(.invalid, "invalid volume specification: '\(specification)': invalid mount config for type \"volume\": invalid specification: destination can't be '/'") }
        return path
    }

    /// The path without empty parts, `.` and `..`.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    // MARK: - `--mount`

    private static func resolve(_ mount: Mount) throws(Fault) -> ContainerMount {
        func invalid(_ text: String) -> Fault { Fault(.invalid, "invalid mount config for type \"\(mount.type)\": \(text)") }
        guard !mount.target.isEmpty else { throw invalid("field Target must not be empty") }
        guard mount.target.hasPrefix("/") else { throw invalid("invalid mount path: '\(mount.target)' mount path must be absolute") }
        let target = clean(mount.target)
        guard target != "/" else { throw invalid("invalid specification: destination can't be '/'") }
        guard let kind = ContainerMount.Kind(rawValue: mount.type) else {
            throw Fault(.invalid, mount.type.isEmpty ? "mount type unknown: \"\"" : "mount type unknown: \"\(mount.type)\"")
        }
        var result = ContainerMount(kind: kind, destination: target, readOnly: mount.readOnly)
        switch kind {
        case .bind:
            guard mount.volumeOptions == nil, mount.tmpfsOptions == nil else { throw invalid("field VolumeOptions must not be specified") }
            guard !mount.source.isEmpty else { throw invalid("field Source must not be empty") }
            guard mount.source.hasPrefix("/") else { throw invalid("invalid mount path: '\(mount.source)' mount path must be absolute") }
            result.source = clean(mount.source)
            let exists: Bool
            do throws(SyscallError) { exists = try FileSystem.status(result.source) != nil } catch { throw invalid("bind source path: \(error)") }
            if !exists {
                guard mount.bindOptions?.createMountpoint == true else { throw invalid("bind source path does not exist: \(mount.source)") }
            }
            if let options = mount.bindOptions {
                guard options.propagation.isEmpty || propagations.contains(options.propagation) else {
                    throw invalid("invalid propagation mode: \(options.propagation)")
                }
                result.propagation = options.propagation
                result.nonRecursive = options.nonRecursive
                if mount.readOnly, options.readOnlyForceRecursive { result.options.append("rro") }
            }
        case .volume:
            guard mount.bindOptions == nil, mount.tmpfsOptions == nil else { throw invalid("field BindOptions must not be specified") }
            result.name = mount.source
            result.anonymous = mount.source.isEmpty
            result.noCopy = mount.volumeOptions?.noCopy ?? false
            result.subpath = mount.volumeOptions?.subpath ?? ""
        case .tmpfs:
            guard mount.source.isEmpty else { throw invalid("field Source must not be specified") }
            guard mount.bindOptions == nil, mount.volumeOptions == nil else { throw invalid("field BindOptions must not be specified") }
            result.options = ["noexec", "nosuid", "nodev"]
            if let options = mount.tmpfsOptions {
                if options.sizeBytes < 0 { throw invalid("size of tmpfs must not be negative") }
                if options.sizeBytes > 0 { result.options.append("size=\(options.sizeBytes)") }
                if options.mode != 0 { result.options.append("mode=\(String(options.mode, radix: 8))") }
                for option in options.options ?? [] {
                    guard let word = option.first else { continue }
                    if word == "exec" { result.options.removeAll { $0 == "noexec" } } else { result.options.append(option.joined(separator: "=")) }
                }
            }
        }
        return result
    }

    /// `--tmpfs /path:options`.
    private static func tmpfsOptions(_ text: String) throws(Fault) -> [String] {
        var options = ["noexec", "nosuid", "nodev"]
        for option in text.split(separator: ",").map(String.init) {
            switch option {
            case "exec": options.removeAll { $0 == "noexec" }
            case "suid": options.removeAll { $0 == "nosuid" }
            case "dev": options.removeAll { $0 == "nodev" }
            case "ro", "rw", "noexec", "nosuid", "nodev", "sync", "async", "noatime", "relatime", "strictatime", "nodiratime", "tmpcopyup": options.append(option)
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
        self.kind = kind
        self.destination = destination
        self.readOnly = readOnly
        self.options = options
        self.anonymous = anonymous
    }

    /// The third part of `-v`.
    mutating func apply(mode: String, of specification: String) throws(Fault) {
        self.mode = mode
        var accesses = 0
        for word in mode.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            switch word {
            case "ro", "rw":
                accesses += 1
                readOnly = word == "ro"
            case "private", "rprivate", "shared", "rshared", "slave", "rslave": propagation = word
            case "nocopy": noCopy = true
            // Labels apply on hosts with SELinux only; the rest is Docker Desktop's.
            case "z", "Z", "consistent", "cached", "delegated": break
            default: throw Fault(.invalid, "invalid volume specification: '\(specification)': invalid mode: \(mode)")
            }
        }
        if accesses > 1 { throw Fault(.invalid, "invalid volume specification: '\(specification)': invalid mode: \(mode)") }
    }
}
