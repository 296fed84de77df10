internal import Archive
internal import Diagnostics
internal import Dockerfile
internal import DockerAPI
internal import Images
internal import Linux
internal import OCI
internal import Values

/// What the `--mount`s of a `RUN` come to.
struct StepMounts: Sendable {
    /// Where a here-document lies that is run as a program.
    static let scriptPath = "/dev/pipes/EOF"

    let builder: Builder
    let workplace: Workplace
    let inputs: BuildInputs
    let mounts: [RunMount]
    /// Where each one's source is.
    let origins: [CopyStep.Origin]
    /// The text of such a program.
    let script: String?

    /// What decides on the step's outcome: what is bound, and for all others only that they are there.
    func contents() throws -> [String] {
        var result = script.map { ["script", $0] } ?? []
        for (mount, origin) in zip(mounts, origins) {
            result.append("\(mount.kind) \(mount.target) \(mount.id) \(mount.variable ?? "") \(mount.isReadOnly)")
            if mount.kind == .bind { result.append("\(try withSource(mount, origin) { try $0.digest(keepsOwner: true) })") }
        }
        return result
    }

    func prepare() throws -> [StepMount] {
        var result: [StepMount] = []
        if let script {
            let path = "\(try workplace.makeDirectory("script"))/script"
            try FileSystem.replace(path, with: Array(script.utf8), mode: 0o755)
            result.append(Self.bind(path, Self.scriptPath, isReadOnly: true))
        }
        for (index, mount) in mounts.enumerated() {
            switch mount.kind {
            case .bind: result.append(try bind(mount, origins[index]))
            case .cache: result.append(try cache(mount, origins[index]))
            case .tmpfs: result.append(StepMount(target: mount.target, memory: "exec" + (mount.size > 0 ? ",size=\(mount.size)" : "")))
            case .secret: if let secret = try secret(mount) { result.append(secret) }
            case .ssh: if let agent = try agent(mount, index) { result.append(agent) }
            }
        }
        return result
    }

    static func bind(_ source: String, _ target: String, isReadOnly: Bool) -> StepMount {
        var mount = Mount()
        (mount.type, mount.source, mount.target, mount.readOnly) = ("bind", source, target, isReadOnly)
        return StepMount(target: target, mount: mount)
    }

    /// Layers, to be read only.
    static func image(of layers: [ImageLayer], at target: String, subpath: String = "", in images: Images) throws -> StepMount {
        let document = ImageDocument(platform: .host, created: nil, diffIDs: layers.map(\.diffID))
        var options = ImageOptions(), mount = Mount()
        options.subpath = subpath
        (mount.type, mount.source, mount.target, mount.imageOptions) = ("image", try images.lend(document, layers: layers).id.description, target, options)
        return StepMount(target: target, mount: mount)
    }

    /// Calls `body` with what the mount's source is.
    private func withSource<Value>(_ mount: RunMount, _ origin: CopyStep.Origin, _ body: (SourceTree.Source) throws -> Value) throws -> Value {
        func source(_ tree: SourceTree) throws -> SourceTree.Source {
            guard let source = try tree.find(mount.source.isEmpty ? "." : mount.source, excluding: .none).first else {
                throw Fault(.invalid, "failed to compute cache key: failed to calculate checksum of ref \(workplace.name): \"/\(SourceTree.clean(mount.source))\": not found")
            }
            return source
        }
        switch origin {
        case .tree(let tree): return try body(source(tree))
        case .layers(let layers):
            let view = try workplace.makeDirectory("view")
            return try PrivateMounts.run {
                try builder.images.mountView(of: layers, on: view)
                return try body(source(SourceTree(root: OpenFile(try FileDescriptor.open(view, [.path, .directory])))))
            }
        }
    }

    /// A copy, that is, so that what is written to it is nobody's, and what is ignored is not there; layers that are only read as they are.
    private func bind(_ mount: RunMount, _ origin: CopyStep.Origin) throws -> StepMount {
        if mount.isReadOnly, case .layers(let layers) = origin, !layers.isEmpty {
            return try Self.image(of: layers, at: mount.target, subpath: SourceTree.clean(mount.source), in: builder.images)
        }
        let path = try workplace.makeDirectory("bind")
        let isDirectory = try withSource(mount, origin) { source in
            let root = try FileDescriptor.open(path, [.path, .directory])
            try Placement(in: root, at: source.isDirectory ? "/" : "/file", owner: nil, mode: nil, unpacks: false).put(source)
            return source.isDirectory
        }
        return Self.bind(isDirectory ? path : "\(path)/file", mount.target, isReadOnly: mount.isReadOnly)
    }

    /// The directory that builds share, or one apart while others are at it.
    private func cache(_ mount: RunMount, _ origin: CopyStep.Origin) throws -> StepMount {
        let name = ContentHasher.digest(Array("\(mount.id.isEmpty ? mount.target : mount.id)\0\(mount.from ?? "")".utf8)).hex
        var attempt = 0
        while true {
            let path = "\(builder.paths.buildMounts)/\(name)" + (attempt == 0 ? "" : "-\(attempt)")
            let isNew = !FileSystem.exists(path)
            try FileSystem.makeDirectories(path, mode: 0o755)
            let directory = OpenFile(try FileDescriptor.open(path, [.directory]))
            // Held as long as the step runs: `prune` takes only what nobody holds.
            guard try directory.descriptor.lock(exclusive: mount.sharing != .shared, wait: mount.sharing != .private) else {
                attempt += 1
                continue
            }
            // Pruned between making and locking.
            guard FileSystem.exists(path) else { continue }
            if isNew {
                if mount.from != nil || !mount.source.isEmpty {
                    try withSource(mount, origin) { try Placement(in: directory.descriptor, at: "/", owner: nil, mode: nil, unpacks: false).put($0) }
                }
                try directory.descriptor.changeOwner(user: mount.user ?? 0, group: mount.group ?? 0)
                try directory.descriptor.changeMode(to: mount.mode ?? 0o755)
            }
            var result = Self.bind(path, mount.target, isReadOnly: mount.isReadOnly)
            result.lock = directory
            return result
        }
    }

    /// Nil when it was not given and need not be.
    private func secret(_ mount: RunMount) throws -> StepMount? {
        let id = mount.secretID
        guard let bytes = inputs.secrets[id].flatMap({ Base64.decode($0) }) else {
            if mount.isRequired { throw Fault(.invalid, "secret \(id): not found") }
            return nil
        }
        var result = StepMount(target: mount.target)
        if let variable = mount.variable { result.variable = "\(variable)=\(String(decoding: bytes, as: UTF8.self))" }
        if mount.variable != nil, mount.target.isEmpty { return result }
        if result.target.isEmpty { result.target = "/run/secrets/\(id)" }
        let path = try workplace.writeSecret(bytes)
        let file = try FileDescriptor.open(path, [.readOnly])
        try file.changeOwner(user: mount.user ?? 0, group: mount.group ?? 0)
        try file.changeMode(to: mount.mode ?? 0o400)
        result.mount = Self.bind(path, result.target, isReadOnly: true).mount
        return result
    }

    /// Nil when it was not given and need not be.
    private func agent(_ mount: RunMount, _ index: Int) throws -> StepMount? {
        let id = mount.agentID
        guard let path = inputs.agents[id] else {
            if mount.isRequired { throw Fault(.invalid, "unset ssh forward key \(id)") }
            return nil
        }
        let target = mount.target.isEmpty ? "/run/buildkit/ssh_agent.\(index)" : mount.target
        var result = Self.bind(path, target, isReadOnly: false)
        result.variable = "SSH_AUTH_SOCK=\(target)"
        return result
    }
}

extension RunMount {
    /// Which secret is meant.
    var secretID: String { !id.isEmpty ? id : !source.isEmpty ? source : target.split(separator: "/").last.map(String.init) ?? "" }
    /// Which agent is meant.
    var agentID: String { id.isEmpty ? "default" : id }
}
