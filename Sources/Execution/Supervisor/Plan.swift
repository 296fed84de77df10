package import JSON
package import NetworkPlumbing
package import OCI

/// What a supervisor is told to run: `plan.json` in the container's run directory, written by the engine while one comes to life.
package struct SupervisorPlan: JSONRecord, Sendable {
    package var id: String = ""
    package var spec: RuntimeSpec = RuntimeSpec()
    package var rootMount: RuntimeMount?
    package var mountPoint: String = ""
    package var user: String?
    package var additionalGroups: [String] = []
    /// A file of instructions for seccomp(2).
    package var seccompFilter: String?
    package var usesInit: Bool = false
    package var log: LogPlan?
    /// Standard input stays open for clients to attach to.
    package var openStdin: Bool = false
    /// The first client to leave takes standard input with it.
    package var stdinOnce: Bool = false
    package var restart: RestartPlan = RestartPlan()
    /// nil where the network namespace is another's, or holds nothing but the loopback: the runtime specification says which.
    package var network: SandboxPlan?
    /// The end of the life before, whose supervisor was killed: the container is started again after the usual delay.
    package var resumes: ContainerExit?
    /// Nil without health checks.
    package var health: HealthPlan?
    /// Where the supervisor tells of events, and what each of them carries.
    package var events: EventPlan?
    /// Who makes the container instead of Davit itself.
    package var runtime: RuntimePlan?

    package init(
        id: String, spec: RuntimeSpec, rootMount: RuntimeMount?, mountPoint: String, user: String?, additionalGroups: [String],
        seccompFilter: String?, usesInit: Bool, log: LogPlan?, openStdin: Bool, stdinOnce: Bool, restart: RestartPlan,
        network: SandboxPlan? = nil, resumes: ContainerExit? = nil, health: HealthPlan? = nil
    ) {
        self.id = id
        self.spec = spec
        self.rootMount = rootMount
        self.mountPoint = mountPoint
        self.user = user
        self.additionalGroups = additionalGroups
        self.seccompFilter = seccompFilter
        self.usesInit = usesInit
        self.log = log
        self.openStdin = openStdin
        self.stdinOnce = stdinOnce
        self.restart = restart
        self.network = network
        self.resumes = resumes
        self.health = health
    }

    var terminal: Bool { spec.process?.terminal ?? false }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("id", &id, .required)
        try m("spec", &spec, .required)
        try m("rootMount", &rootMount, .unlessNil)
        try m("mountPoint", &mountPoint, .required)
        try m("user", &user, .unlessNil)
        try m("additionalGroups", &additionalGroups, .required)
        try m("seccompFilter", &seccompFilter, .unlessNil)
        try m("usesInit", &usesInit, .required)
        try m("log", &log, .unlessNil)
        try m("openStdin", &openStdin, .required)
        try m("stdinOnce", &stdinOnce, .required)
        try m("restart", &restart, .required)
        try m("network", &network, .unlessNil)
        try m("resumes", &resumes, .unlessNil)
        try m("health", &health, .unlessNil)
        try m("events", &events, .unlessNil)
        try m("runtime", &runtime, .unlessNil)
    }
}

/// A program that is an OCI runtime, and its first arguments.
package struct RuntimePlan: JSONRecord, Sendable {
    package var path: String = ""
    package var arguments: [String] = []

    package init(path: String, arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path)
        try m("arguments", &arguments)
    }
}

/// Where output is kept; the limits are those of the `json-file` driver.
package struct LogPlan: JSONRecord, Sendable {
    package var path: String = ""
    /// Bytes in a file before the next begins.
    package var maxSize: Int64 = 0
    /// Files kept, the one being written among them.
    package var maxFiles: Int = 0
    /// What each record says of the container.
    package var attributes: [String: String] = [:]

    package init(path: String, maxSize: Int64, maxFiles: Int, attributes: [String: String] = [:]) {
        self.path = path
        self.maxSize = maxSize
        self.maxFiles = maxFiles
        self.attributes = attributes
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path, .required)
        try m("maxSize", &maxSize, .required)
        try m("maxFiles", &maxFiles, .required)
        try m("attributes", &attributes, .unlessEmpty)
    }
}

/// What happens when the process has ended, in Docker's terms.
package struct RestartPlan: JSONRecord, Sendable, Hashable {
    package enum Policy: String, JSONCodable, Sendable {
        case no
        case always
        case onFailure = "on-failure"
        case unlessStopped = "unless-stopped"
    }

    package var policy: Policy = .no
    /// For `onFailure`; 0 is without end.
    package var maximumRetries: Int = 0

    package init(_ policy: Policy, maximumRetries: Int = 0) {
        self.policy = policy
        self.maximumRetries = maximumRetries
    }

    /// Whether to start again after `count` restarts. A container that was asked to stop stays stopped.
    package func restarts(after code: Int, count: Int, stopRequested: Bool) -> Bool {
        if stopRequested { return false }
        switch policy {
        case .no: return false
        case .always, .unlessStopped: return true
        case .onFailure: return code != 0 && (maximumRetries == 0 || count < maximumRetries)
        }
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("policy", &policy, .required)
        try m("maximumRetries", &maximumRetries, .required)
    }
}

/// How long to wait before a container is started again: 100 ms, doubled each time up to a minute, and from the beginning after a run of
/// ten seconds. As Docker does.
struct RestartDelay {
    private var next = Duration.milliseconds(100)

    /// As it is after `count` restarts whose runs were short.
    init(afterRestarts count: Int = 0) {
        for _ in 0..<min(max(0, count), 10) { double() }
    }

    private mutating func double() { next = min(next * 2, .seconds(60)) }

    /// The delay after a run that lasted so long.
    mutating func after(run: Duration) -> Duration {
        if run >= .seconds(10) { next = .milliseconds(100) }
        defer { double() }
        return next
    }
}

/// The journal, and the container's name, image and labels as they were when it was started.
package struct EventPlan: JSONRecord, Sendable {
    package var directory: String = ""
    package var attributes: [String: String] = [:]

    package init(directory: String, attributes: [String: String]) {
        self.directory = directory
        self.attributes = attributes
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("directory", &directory)
        try m("attributes", &attributes)
    }
}
