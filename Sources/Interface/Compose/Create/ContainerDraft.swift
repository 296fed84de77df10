internal import Arguments
internal import ComposeFile
internal import DockerAPI
internal import Values

/// What the engine is asked for to make a container of a service.
struct ContainerDraft {
    let project: ComposeProject
    let name: String
    let service: ComposeService
    /// The container's own name, which is an alias on its networks.
    let containerName: String
    /// From 1; nil for the container of a `run`.
    let number: Int?
    var labels: [String: String]
    /// The container that this one replaces: its anonymous volumes are taken over.
    var predecessor: ContainerSummary?
    /// Volumes that the image declares.
    var imageVolumes: Set<String> = []
    var image: String
    var links: [String] = []
    var autoRemove = false
    var attachesInput = false
    var usesAliases = true

    func request() throws -> ContainerCreateRequest {
        var request = ContainerCreateRequest()
        request.config = try config()
        request.hostConfig = try hostConfig()
        let (mode, endpoints) = try network()
        request.hostConfig?.networkMode = mode
        if !endpoints.isEmpty { request.networkingConfig = NetworkingConfig(endpointsConfig: endpoints) }
        return request
    }

    private func config() throws -> ContainerConfig {
        var config = ContainerConfig()
        config.hostname = service.hostname
        config.domainname = service.domainname
        config.user = service.user
        config.exposedPorts = NameSet(try exposed())
        config.tty = service.tty
        config.openStdin = service.stdinOpen
        config.stdinOnce = attachesInput && service.stdinOpen
        config.attachStdin = attachesInput
        config.attachStdout = true
        config.attachStderr = true
        config.cmd = service.command
        config.entrypoint = service.entrypoint
        config.image = image
        config.workingDir = service.workingDir
        config.labels = labels
        config.stopSignal = service.stopSignal
        config.env = service.environment.sorted { $0.key < $1.key }.map { name, value in value.map { "\(name)=\($0)" } ?? name }
        config.healthcheck = try service.healthcheck.map(Self.health)
        if !service.stopGracePeriod.isEmpty { config.stopTimeout = (nanoseconds(service.stopGracePeriod) + 999_999_999) / 1_000_000_000 }
        return config
    }

    private static func health(_ check: ComposeHealthcheck) throws(ComposeFileError) -> HealthConfig {
        if check.disable { return HealthConfig(test: ["NONE"]) }
        if !check.startInterval.isEmpty, check.startPeriod.isEmpty {
            throw ComposeFileError("healthcheck.start_interval requires healthcheck.start_period to be set")
        }
        return HealthConfig(
            test: check.test.isEmpty ? nil : check.test, interval: nanoseconds(check.interval), timeout: nanoseconds(check.timeout),
            startPeriod: nanoseconds(check.startPeriod), startInterval: nanoseconds(check.startInterval), retries: check.retries ?? 0)
    }

    private func hostConfig() throws -> HostConfig {
        var host = HostConfig()
        host.resources = resources()
        host.autoRemove = autoRemove
        host.annotations = service.annotations.isEmpty ? nil : service.annotations
        (host.binds, host.mounts) = try mounts()
        host.capAdd = service.capAdd
        host.capDrop = service.capDrop
        host.initProcess = service.initProcess
        host.ipcMode = service.ipc
        host.cgroupnsMode = service.cgroup
        host.readonlyRootfs = service.readOnly
        host.restartPolicy = restartPolicy()
        host.shmSize = bytes(service.shmSize)
        host.sysctls = service.sysctls
        host.portBindings = portBindings()
        host.volumesFrom = service.volumesFrom
        host.dns = service.dns
        host.dnsSearch = service.dnsSearch
        host.dnsOptions = service.dnsOpt
        host.extraHosts = service.extraHosts.map { line in line.cut("=").map { "\($0):\($1)" } ?? line }
        (host.securityOpt, host.maskedPaths, host.readonlyPaths) = try securityOptions()
        host.storageOpt = service.storageOpt
        host.usernsMode = service.usernsMode
        host.utsMode = service.uts
        host.privileged = service.privileged
        host.pidMode = service.pid
        host.isolation = service.isolation
        host.runtime = service.runtime
        if let logging = service.logging { host.logConfig = LogConfig(type: logging.driver, config: logging.options) }
        host.groupAdd = service.groupAdd
        host.links = links
        host.oomScoreAdj = service.oomScoreAdj
        var memory: [String: String] = [:]
        for entry in service.tmpfs {
            let path = entry.prefix { $0 != ":" }
            memory[String(path)] = String(entry.dropFirst(path.count + 1))
        }
        host.tmpfs = memory.isEmpty ? nil : memory
        return host
    }

    private func securityOptions() throws -> ([String], masked: [String]?, readonly: [String]?) {
        var options: [String] = []
        var isUnconfined = false
        for option in service.securityOpt {
            if option == "systempaths=unconfined" {
                isUnconfined = true
                continue
            }
            let mark = option.firstIndex(of: "=") ?? option.firstIndex(of: ":")
            guard let mark else {
                guard option == "no-new-privileges" else { throw ComposeFileError("invalid security-opt: \(Syntax.quoted(option))") }
                options.append(option)
                continue
            }
            let value = String(option[option.index(after: mark)...])
            guard option[..<mark] == "seccomp", value != "unconfined", value != "builtin" else {
                options.append(option)
                continue
            }
            options.append("seccomp=\(try Profile.compact(FilePath.absolute(value, in: project.directory, home: nil), named: value))")
        }
        return (options, isUnconfined ? [] : nil, isUnconfined ? [] : nil)
    }

    private func restartPolicy() -> RestartPolicy {
        func named(_ condition: Substring) -> String {
            switch condition {
            case "none", "no": "no"
            case "any", "always": "always"
            default: String(condition)
            }
        }
        if let policy = service.deploy?.restartPolicy {
            return RestartPolicy(name: named(policy.condition[...]), maximumRetryCount: policy.maxAttempts ?? 0)
        }
        let parts = service.restart.split(separator: ":", maxSplits: 1)
        guard let name = parts.first else { return RestartPolicy() }
        return RestartPolicy(name: named(name), maximumRetryCount: parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    }
}

/// Nanoseconds of a duration of a Compose file, whose text was checked; 0 for none.
func nanoseconds(_ text: String) -> Int { Syntax.durationNanoseconds(text) ?? 0 }

/// Bytes of a size of a Compose file; 0 for none.
func bytes(_ text: String) -> Int { Int(text) ?? 0 }
