internal import Arguments
internal import DockerAPI
internal import JSON
internal import Linux
internal import Values

/// What the flags of `run` and `create` ask the engine for.
enum ContainerRequest {
    static func make(_ flags: FlagValues, image: String, command: [String]) throws -> ContainerCreateRequest {
        var request = ContainerCreateRequest()
        request.config = try config(flags, image: image, command: command)
        var host = try hostConfig(flags)
        var anonymous: [String] = []
        var binds: [String] = []
        for volume in flags.list("volume") {
            switch try VolumeFlag.parse(volume) {
            case .anonymous(let path): anonymous.append(path)
            case .bind(let bind): if !binds.contains(bind) { binds.append(bind) }
            }
        }
        host.binds = binds.isEmpty ? nil : binds
        request.config.volumes = NameSet(anonymous)

        let bindings = try PortFlag.bindings(flags.list("publish"))
        host.portBindings = bindings
        request.config.exposedPorts = NameSet(Array(bindings.keys) + (try PortFlag.exposed(flags.list("expose"))))

        if let address = flags.optional("mac-address"), !Problems.isHardwareAddress(address.trimmed) { throw Invalid("\(address) is not a valid mac address") }
        let (mode, endpoints) = try NetworkFlag.endpoints(flags)
        host.networkMode = mode
        if flags.bool("rm"), !["", "no"].contains(host.restartPolicy.name) {
            throw Invalid("conflicting options: cannot specify both --restart and --rm")
        }
        request.hostConfig = host
        request.networkingConfig = NetworkingConfig(endpointsConfig: endpoints)
        return request
    }

    private static func config(_ flags: FlagValues, image: String, command: [String]) throws -> ContainerConfig {
        var config = ContainerConfig()
        let attached = Set(flags.list("attach").map { $0.lowercased() })
        config.attachStdin = attached.contains("stdin") || flags.bool("interactive")
        config.attachStdout = attached.isEmpty || attached.contains("stdout")
        config.attachStderr = attached.isEmpty || attached.contains("stderr")
        config.tty = flags.bool("tty")
        config.openStdin = flags.bool("interactive")
        config.stdinOnce = config.openStdin && config.attachStdin
        config.hostname = flags.string("hostname")
        config.domainname = flags.string("domainname")
        config.user = flags.string("user")
        config.env = try environment(flags)
        config.cmd = command.isEmpty ? nil : command
        config.image = image
        if let entrypoint = flags.optional("entrypoint") { config.entrypoint = [entrypoint] }
        config.workingDir = flags.string("workdir")
        config.labels = try labels(flags)
        config.stopSignal = flags.string("stop-signal")
        if flags.isSet("stop-timeout") { config.stopTimeout = flags.int("stop-timeout") }
        config.healthcheck = try health(flags)
        return config
    }

    /// `--env-file`, then `--env`; names without values are looked up here, and are sent as they are when not set.
    static func environment(_ flags: FlagValues) throws -> [String]? {
        var entries: [String] = []
        for file in flags.list("env-file") { entries += try KeyValueFile.read(file) { Environment.value($0) } }
        entries += flags.list("env").map { entry in
            entry.contains("=") ? entry : Environment.value(entry).map { "\(entry)=\($0)" } ?? entry
        }
        return entries.isEmpty ? nil : entries
    }

    static func labels(_ flags: FlagValues) throws -> [String: String] {
        var entries: [String] = []
        for file in flags.list("label-file") { entries += try KeyValueFile.read(file) { _ in "" } }
        return map(entries + flags.list("label"))
    }

    /// `["a=b"]` as a map; a name alone has an empty value.
    static func map(_ entries: [String]) -> [String: String] {
        var map: [String: String] = [:]
        for entry in entries {
            let (name, value) = entry.cut("=") ?? (entry, "")
            map[name] = value
        }
        return map
    }

    private static func health(_ flags: FlagValues) throws -> HealthConfig? {
        let names = ["health-interval", "health-timeout", "health-start-period", "health-start-interval", "health-retries"]
        let values = names.map { $0 == "health-retries" ? flags.int($0) : flags.nanoseconds($0) }
        let isGiven = !flags.string("health-cmd").isEmpty || values.contains { $0 != 0 }
        if flags.bool("no-healthcheck") {
            if isGiven { throw Invalid("--no-healthcheck conflicts with --health-* options") }
            return HealthConfig(test: ["NONE"])
        }
        guard isGiven else { return nil }
        for (name, value) in zip(names, values) where value < 0 { throw Invalid("--\(name) cannot be negative") }
        let command = flags.string("health-cmd")
        return HealthConfig(
            test: command.isEmpty ? nil : ["CMD-SHELL", command], interval: values[0], timeout: values[1], startPeriod: values[2],
            startInterval: values[3], retries: values[4])
    }

    private static func hostConfig(_ flags: FlagValues) throws -> HostConfig {
        var host = HostConfig()
        host.resources = try resources(flags)
        host.containerIDFile = flags.string("cidfile")
        host.oomScoreAdj = flags.int("oom-score-adj")
        host.autoRemove = flags.bool("rm")
        host.privileged = flags.bool("privileged")
        host.links = given(flags, "link")
        host.publishAllPorts = flags.bool("publish-all")
        // Never null: engines tell these from "use the host's".
        host.dns = flags.list("dns")
        host.dnsSearch = flags.list("dns-search")
        host.dnsOptions = flags.list("dns-option") + flags.list("dns-opt")
        host.extraHosts = try given(flags, "add-host")?.map(HostFlag.parse)
        host.volumesFrom = given(flags, "volumes-from")
        host.ipcMode = flags.string("ipc")
        host.pidMode = try mode(flags, "pid", ["", "host"], "PID")
        host.utsMode = try mode(flags, "uts", ["", "host"], "UTS")
        host.usernsMode = try mode(flags, "userns", ["", "host"], "USER")
        host.cgroupnsMode = try mode(flags, "cgroupns", ["", "host", "private"], "CGROUP")
        host.capAdd = given(flags, "cap-add")
        host.capDrop = given(flags, "cap-drop")
        host.groupAdd = given(flags, "group-add")
        host.restartPolicy = try restartPolicy(flags.string("restart"))
        try security(flags, &host)
        host.storageOpt = try flags.list("storage-opt").isEmpty ? nil : storage(flags.list("storage-opt"))
        host.readonlyRootfs = flags.bool("read-only")
        host.logConfig = LogConfig(type: flags.string("log-driver"), config: map(flags.list("log-opt")))
        if host.logConfig.type == "none", host.logConfig.config?.isEmpty == false { throw Invalid("invalid logging opts for driver none") }
        host.volumeDriver = flags.string("volume-driver")
        host.isolation = flags.string("isolation")
        host.shmSize = flags.bytes("shm-size")
        if !flags.list("tmpfs").isEmpty {
            host.tmpfs = Dictionary(flags.list("tmpfs").map { $0.cut(":") ?? ($0, "") }) { $1 }
        }
        if !flags.list("sysctl").isEmpty { host.sysctls = map(flags.list("sysctl")) }
        if !flags.list("annotation").isEmpty { host.annotations = map(flags.list("annotation")) }
        host.runtime = flags.string("runtime")
        let mounts = try flags.list("mount").map(MountFlag.parse)
        host.mounts = mounts.isEmpty ? nil : mounts
        if flags.isSet("init") { host.initProcess = flags.bool("init") }
        return host
    }

    private static func given(_ flags: FlagValues, _ name: String) -> [String]? {
        let values = flags.list(name)
        return values.isEmpty ? nil : values
    }

    private static func mode(_ flags: FlagValues, _ name: String, _ known: Set<String>, _ kind: String) throws -> String {
        let value = flags.string(name)
        let isContainer = name == "pid" && value.hasPrefix("container:") && value.count > 10
        guard known.contains(value) || isContainer else { throw Invalid("--\(name): invalid \(kind) mode") }
        return value
    }

    static func restartPolicy(_ text: String) throws -> RestartPolicy {
        if text.isEmpty { return RestartPolicy() }
        let (name, count) = text.cut(":") ?? (text, "")
        if name.isEmpty { throw Invalid("invalid restart policy format: no policy provided before colon") }
        guard let number = count.isEmpty ? 0 : Int(count) else {
            throw Invalid("invalid restart policy format: maximum retry count must be an integer")
        }
        return RestartPolicy(name: name, maximumRetryCount: number)
    }

    private static func storage(_ options: [String]) throws -> [String: String] {
        var map: [String: String] = [:]
        for option in options {
            guard let (name, value) = option.cut("=") else { throw Invalid("invalid storage option") }
            map[name] = value
        }
        return map
    }

    /// `--security-opt`: a seccomp profile is read here and its text is sent; `systempaths=unconfined` becomes empty path lists.
    private static func security(_ flags: FlagValues, _ host: inout HostConfig) throws {
        var options: [String] = []
        for option in flags.list("security-opt") {
            let isBare = option == "no-new-privileges"
            let parts = option.cut("=") ?? (isBare ? nil : option.cut(":"))
            guard isBare || parts?.1.isEmpty == false || parts?.0 == "no-new-privileges" else {
                throw Invalid("invalid --security-opt: \(Syntax.quoted(option))")
            }
            if option == "systempaths=unconfined" {
                host.maskedPaths = []
                host.readonlyPaths = []
            } else if let (name, value) = parts, name == "seccomp", !["unconfined", "builtin"].contains(value) {
                options.append("seccomp=" + (try seccompProfile(value)))
            } else {
                options.append(option)
            }
        }
        host.securityOpt = options.isEmpty ? nil : options
    }

    private static func seccompProfile(_ path: String) throws -> String {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try FileSystem.read(path)
        } catch { throw Invalid("opening seccomp profile (\(path)) failed: open \(path): \(error.errno)") }
        do {
            return try JSONValue(parsing: bytes).compactText
        } catch { throw Invalid("compacting json for seccomp profile (\(path)) failed: \(error)") }
    }

    /// The limits, for `update` too.
    static func resources(_ flags: FlagValues) throws -> Resources {
        var resources = Resources()
        let swappiness = flags.isSet("memory-swappiness") ? flags.int("memory-swappiness") : -1
        guard (-1...100).contains(swappiness) else { throw Invalid("invalid value: \(swappiness). Valid memory swappiness range is 0-100") }
        resources.cgroupParent = flags.string("cgroup-parent")
        resources.memory = flags.bytes("memory")
        resources.memoryReservation = flags.bytes("memory-reservation")
        resources.memorySwap = flags.bytes("memory-swap")
        resources.memorySwappiness = swappiness
        resources.oomKillDisable = flags.bool("oom-kill-disable")
        resources.nanoCpus = Syntax.nanoCPUs(flags.string("cpus")) ?? 0
        resources.cpuCount = flags.int("cpu-count")
        resources.cpuPercent = flags.int("cpu-percent")
        resources.cpuShares = flags.int("cpu-shares")
        resources.cpuPeriod = flags.int("cpu-period")
        resources.cpuQuota = flags.int("cpu-quota")
        resources.cpuRealtimePeriod = flags.int("cpu-rt-period")
        resources.cpuRealtimeRuntime = flags.int("cpu-rt-runtime")
        resources.cpusetCpus = flags.string("cpuset-cpus")
        resources.cpusetMems = flags.string("cpuset-mems")
        resources.pidsLimit = flags.int("pids-limit")
        resources.blkioWeight = flags.int("blkio-weight")
        resources.blkioWeightDevice = try flags.list("blkio-weight-device").map(DeviceFlags.weight)
        resources.blkioDeviceReadBps = try flags.list("device-read-bps").map { try DeviceFlags.rate($0, inBytes: true) }
        resources.blkioDeviceWriteBps = try flags.list("device-write-bps").map { try DeviceFlags.rate($0, inBytes: true) }
        resources.blkioDeviceReadIOps = try flags.list("device-read-iops").map { try DeviceFlags.rate($0, inBytes: false) }
        resources.blkioDeviceWriteIOps = try flags.list("device-write-iops").map { try DeviceFlags.rate($0, inBytes: false) }
        // A later limit on the same resource replaces an earlier one.
        var limits: [String: Ulimit] = [:]
        for text in flags.list("ulimit") {
            let limit = try DeviceFlags.ulimit(text)
            limits[limit.name] = limit
        }
        resources.ulimits = limits.values.sorted { $0.name < $1.name }
        resources.devices = try flags.list("device").map(DeviceFlags.device)
        resources.deviceCgroupRules = given(flags, "device-cgroup-rule")
        return resources
    }
}
