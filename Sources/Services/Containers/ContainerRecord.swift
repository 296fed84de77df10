import Database
import Diagnostics
import DockerAPI
import JSON
import Supervisor
import Synchronization
import Values

/// What a container was created with, read from its row's JSON: reading costs more than all else of looking a container up,
/// and one command looks several times.
struct Definition: Sendable {
    /// Most that are kept.
    static let limit = 256

    /// What they were read from, to tell when the row has changed.
    let texts: [String]
    let config: ContainerConfig
    let hostConfig: HostConfig
    let mounts: [ContainerMount]
    let layers: [String]
}

extension Definition {
    static func remember(_ definition: Definition, of id: Identifier, in known: borrowing Mutex<[Identifier: Definition]>) {
        known.withLock { known in
            if known.count >= limit { known.removeAll() }
            known[id] = definition
        }
    }

    init(_ texts: [String]) throws {
        self.texts = texts
        config = try JSONValue(parsing: texts[0]).decode(ContainerConfig.self)
        hostConfig = try JSONValue(parsing: texts[1]).decode(HostConfig.self)
        mounts = try JSONValue(parsing: texts[2]).decode([ContainerMount].self)
        layers = try JSONValue(parsing: texts[3]).decode([String].self)
    }
}

/// A container's row: everything durable about it.
struct ContainerRecord: Sendable {
    var id: Identifier
    var name: String
    var created: Timestamp
    var imageID: String
    /// As the user named it.
    var imageName: String
    var config: ContainerConfig
    /// Without the port bindings, which have rows of their own: see `Containers.portBindings`.
    var hostConfig: HostConfig
    /// Whether any port is to be published.
    var publishes: Bool
    var mounts: [ContainerMount]
    /// Layer directories below the data root, top first.
    var layers: [String]
    var autoRemove: Bool
    /// It runs, or did when it was last heard of: the supervisor's lock tells.
    var running: Bool
    var paused: Bool
    /// Someone asked for its last end.
    var stopped: Bool
    var exitCode: Int
    var oomKilled: Bool
    var error: String
    var startedAt: Timestamp?
    var finishedAt: Timestamp?
    var restartCount: Int
    /// What its checks said at its last end.
    var health: Health?

    init(
        id: Identifier, name: String, created: Timestamp, imageID: String, imageName: String, config: ContainerConfig, hostConfig: HostConfig,
        mounts: [ContainerMount], layers: [String]
    ) {
        self.id = id
        self.name = name
        self.created = created
        self.imageID = imageID
        self.imageName = imageName
        self.config = config
        self.hostConfig = hostConfig
        self.hostConfig.portBindings = nil
        publishes = hostConfig.publishAllPorts || hostConfig.portBindings?.isEmpty == false
        self.mounts = mounts
        self.layers = layers
        autoRemove = hostConfig.autoRemove
        running = false
        paused = false
        stopped = false
        exitCode = 0
        oomKilled = false
        error = ""
        restartCount = 0
    }

    /// Where whole records are read from.
    static let tables = "containers JOIN container_definitions USING (id)"

    /// `known` keeps what it has read of a container's unchanging parts.
    init(_ row: Row, known: borrowing Mutex<[Identifier: Definition]>) throws {
        guard let id = Identifier(try row.text("id")) else { throw Fault(.internal, "the database holds a container without a proper id") }
        self.id = id
        name = try row.text("name")
        created = Timestamp(nanoseconds: try row.int("created"))
        imageID = try row.text("image_id")
        imageName = try row.text("image_name")
        let texts = [try row.text("config"), try row.text("host_config"), try row.text("mounts"), try row.text("layers")]
        let definition: Definition
        if let found = known.withLock({ $0[id] }), found.texts == texts {
            definition = found
        } else {
            definition = try Definition(texts)
            Definition.remember(definition, of: id, in: known)
        }
        config = definition.config
        hostConfig = definition.hostConfig
        mounts = definition.mounts
        layers = definition.layers
        publishes = try row.bool("publishes")
        autoRemove = try row.bool("auto_remove")
        running = try row.bool("running")
        paused = try row.bool("paused")
        stopped = try row.bool("stopped")
        exitCode = Int(try row.int("exit_code"))
        oomKilled = try row.bool("oom_killed")
        error = try row.text("error")
        startedAt = try row.optionalInt("started_at").map { Timestamp(nanoseconds: $0) }
        finishedAt = try row.optionalInt("finished_at").map { Timestamp(nanoseconds: $0) }
        restartCount = Int(try row.int("restart_count"))
        health = try row.optionalText("health").map { try JSONValue(parsing: $0).decode(Health.self) }
    }

    /// What of it never changes, as the row holds it.
    func definition() throws -> Definition {
        Definition(
            texts: [try Self.text(config), try Self.text(hostConfig), try Self.text(mounts), try Self.text(layers)], config: config, hostConfig: hostConfig,
            mounts: mounts, layers: layers)
    }

    private static func text(_ value: some Encodable) throws -> String { String(decoding: try JSONValue(encoding: value).compact, as: UTF8.self) }

    /// As much of a container as ending and removing it takes, which does without reading what it was created with.
    init(ending row: Row) throws {
        guard let id = Identifier(try row.text("id")) else { throw Fault(.internal, "the database holds a container without a proper id") }
        self.init(
            id: id, name: "", created: Timestamp(nanoseconds: try row.int("created")), imageID: "", imageName: "", config: ContainerConfig(),
            hostConfig: HostConfig(), mounts: try JSONValue(parsing: try row.text("mounts")).decode([ContainerMount].self), layers: [])
        autoRemove = try row.bool("auto_remove")
        running = try row.bool("running")
        hostConfig.resources.cgroupParent = try row.text("cgroup_parent")
    }

    /// The container's place in every cgroup tree: below `davit`, or below what the user asked for.
    var cgroupPath: String {
        let parent = MountResolution.clean(hostConfig.resources.cgroupParent).dropFirst()
        return parent.isEmpty ? "davit/docker-\(id)" : "\(parent)/\(id)"
    }

    /// Adds the row. A name that is taken throws `conflict`.
    func insert(_ definition: Definition, _ t: borrowing Transaction) throws {
        try t.run(
            """
            INSERT INTO containers (id, name, created, image_id, image_name, mounts, layers, command, labels,
                network_mode, restart_policy, exposed, publishes, auto_remove, checks_health, cgroup_parent, annotations)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(id.description), .text(name), .int(created.nanoseconds), .text(imageID), .text(imageName), .text(definition.texts[2]),
            .text(definition.texts[3]), .text(command), .text(try Self.text(config.labels ?? [:])),
            .text(hostConfig.networkMode), .text(hostConfig.restartPolicy.name), .text(exposedPorts.joined(separator: ",")), .bool(publishes),
            .bool(autoRemove), .bool(config.healthcheck?.command(shell: config.shell) != nil), .text(hostConfig.resources.cgroupParent),
            .optional(try hostConfig.annotations.map { try Self.text($0) }))
        try t.run(
            "INSERT INTO container_definitions (id, config, host_config) VALUES (?, ?, ?)", .text(id.description), .text(definition.texts[0]),
            .text(definition.texts[1]))
    }

    /// Those of the image, and those that are published, among them.
    var exposedPorts: [String] { config.exposedPorts?.sorted ?? [] }

    /// The program and its arguments.
    var arguments: [String] { (config.entrypoint ?? []) + (config.cmd ?? []) }

    /// As `ps` shows it: words with spaces in quotes.
    var command: String {
        arguments.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    }

    var restart: RestartPlan { Containers.restartPlan(hostConfig.restartPolicy) }

    /// Whether it is started when the machine, or a daemon, starts.
    var startsAtBoot: Bool {
        restart.policy == .always || restart.restarts(after: exitCode, count: restartCount, stopRequested: stopped)
    }

    var stopSignal: String { config.stopSignal.isEmpty ? "SIGTERM" : config.stopSignal }
}

/// One mount of a container, resolved when it was created: nothing of it depends on the client or the image any more.
struct ContainerMount: JSONRecord, Sendable, Hashable {
    enum Kind: String, JSONCodable, Sendable { case bind, volume, tmpfs, image }

    var kind = Kind.bind
    /// volume: its name. image: as the user named it.
    var name: String = ""
    /// bind: the path on the host. image: its id. Empty otherwise: a volume's is asked for when it is used.
    var source: String = ""
    var destination: String = ""
    /// As the user gave it, for `inspect`.
    var mode: String = ""
    var readOnly = false
    var propagation: String = ""
    /// What the kernel gets beside what follows from the rest.
    var options: [String] = []
    /// volume: an empty one is not filled from the image.
    var noCopy = false
    /// volume, image: what of it is mounted.
    var subpath: String = ""
    /// image: its layers, as those of the container.
    var layers: [String] = []
    /// bind: only the mount itself, not those below.
    var nonRecursive = false
    /// bind: read-only itself, but not what is mounted below.
    var keepsWritableBelow = false
    /// volume: made for this container alone, and removed with it.
    var anonymous = false
    /// Which of the request's `Mounts` asked for it.
    var request: Int?

    mutating func members(_ m: inout JSONMembers) throws {
        try m("kind", &kind, .required)
        try m("name", &name, .unlessEmpty)
        try m("source", &source, .unlessEmpty)
        try m("destination", &destination, .required)
        try m("mode", &mode, .unlessEmpty)
        try m("readOnly", &readOnly, .unlessEmpty)
        try m("propagation", &propagation, .unlessEmpty)
        try m("options", &options, .unlessEmpty)
        try m("noCopy", &noCopy, .unlessEmpty)
        try m("subpath", &subpath, .unlessEmpty)
        try m("layers", &layers, .unlessEmpty)
        try m("nonRecursive", &nonRecursive, .unlessEmpty)
        try m("keepsWritableBelow", &keepsWritableBelow, .unlessEmpty)
        try m("anonymous", &anonymous, .unlessEmpty)
        try m("request", &request, .unlessNil)
    }
}

extension StatePaths {
    /// Layers as rows hold them, below the data root where it is theirs, as absolute paths.
    func layerDirectories(_ layers: [String]) -> [String] { layers.map { $0.hasPrefix("/") ? $0 : "\(dataRoot)/\($0)" } }
}
