package import JSON

/// One service of a project. The members come in the order in which docker compose hashes them.
package struct ComposeService: JSONRecord, Sendable, Hashable {
    package var profiles: [String] = []
    package var annotations: [String: String] = [:]
    package var attach: Bool?
    package var build: ComposeBuild?
    package var develop: ComposeDevelop?
    package var blkioConfig: ComposeBlockIO?
    package var capAdd: [String] = []
    package var capDrop: [String] = []
    package var cgroupParent: String = ""
    package var cgroup: String = ""
    package var cpuCount: Int = 0
    package var cpuPercent: Double = 0.0
    package var cpuPeriod: Int = 0
    package var cpuQuota: Int = 0
    package var cpuRtPeriod: Int = 0
    package var cpuRtRuntime: Int = 0
    package var cpus: Double = 0.0
    package var cpuset: String = ""
    package var cpuShares: Int = 0
    /// Nil takes the image's, an empty one none.
    package var command: [String]?
    package var configs: [ComposeFileReference] = []
    package var containerName: String = ""
    package var credentialSpec: [String: String] = [:]
    package var dependsOn: [String: ComposeDependency] = [:]
    package var deploy: ComposeDeploy?
    package var deviceCgroupRules: [String] = []
    package var devices: [ComposeDevice] = []
    package var dns: [String] = []
    package var dnsOpt: [String] = []
    package var dnsSearch: [String] = []
    package var domainname: String = ""
    /// Nil takes the image's, an empty one none.
    package var entrypoint: [String]?
    package var provider: ComposeProvider?
    /// Null takes nothing from anywhere.
    package var environment: [String: String?] = [:]
    package var envFile: [ComposeEnvironmentFile] = []
    package var expose: [String] = []
    package var externalLinks: [String] = []
    /// Each `name=address`.
    package var extraHosts: [String] = []
    package var groupAdd: [String] = []
    package var gpus: [ComposeDeviceRequest] = []
    package var hostname: String = ""
    package var healthcheck: ComposeHealthcheck?
    package var image: String = ""
    package var initProcess: Bool?
    package var ipc: String = ""
    package var isolation: String = ""
    package var labels: [String: String] = [:]
    package var labelFile: [String] = []
    package var links: [String] = []
    package var logging: ComposeLogging?
    /// Bytes in digits, as all sizes here.
    package var memLimit: String = ""
    package var memReservation: String = ""
    package var memswapLimit: String = ""
    package var memSwappiness: String = ""
    package var macAddress: String = ""
    package var models: [String: ComposeModelUse?] = [:]
    package var networkMode: String = ""
    package var networks: [String: ComposeAttachment?] = [:]
    package var oomKillDisable: Bool = false
    package var oomScoreAdj: Int = 0
    package var pid: String = ""
    package var pidsLimit: Int = 0
    package var platform: String = ""
    package var ports: [ComposePort] = []
    package var privileged: Bool = false
    package var pullPolicy: String = ""
    package var readOnly: Bool = false
    package var restart: String = ""
    package var runtime: String = ""
    package var scale: Int?
    package var secrets: [ComposeFileReference] = []
    package var securityOpt: [String] = []
    package var shmSize: String = ""
    package var stdinOpen: Bool = false
    /// Go's text, as all durations here.
    package var stopGracePeriod: String = ""
    package var stopSignal: String = ""
    package var storageOpt: [String: String] = [:]
    package var sysctls: [String: String] = [:]
    package var tmpfs: [String] = []
    package var tty: Bool = false
    package var ulimits: [String: ComposeUlimit] = [:]
    package var useApiSocket: Bool = false
    package var user: String = ""
    package var usernsMode: String = ""
    package var uts: String = ""
    package var volumes: [ComposeVolumeMount] = []
    package var volumesFrom: [String] = []
    package var workingDir: String = ""
    package var preStart: [ComposeHook] = []
    package var postStart: [ComposeHook] = []
    package var preStop: [ComposeHook] = []

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("profiles", &profiles, .unlessEmpty)
        try m("annotations", &annotations, .unlessEmpty)
        try m("attach", &attach, .unlessEmpty)
        try m("build", &build, .unlessEmpty)
        try m("develop", &develop, .unlessEmpty)
        try m("blkio_config", &blkioConfig, .unlessEmpty)
        try m("cap_add", &capAdd, .unlessEmpty)
        try m("cap_drop", &capDrop, .unlessEmpty)
        try m("cgroup_parent", &cgroupParent, .unlessEmpty)
        try m("cgroup", &cgroup, .unlessEmpty)
        try m("cpu_count", &cpuCount, .unlessEmpty)
        try m("cpu_percent", &cpuPercent, .unlessEmpty)
        try m("cpu_period", &cpuPeriod, .unlessEmpty)
        try m("cpu_quota", &cpuQuota, .unlessEmpty)
        try m("cpu_rt_period", &cpuRtPeriod, .unlessEmpty)
        try m("cpu_rt_runtime", &cpuRtRuntime, .unlessEmpty)
        try m("cpus", &cpus, .unlessEmpty)
        try m("cpuset", &cpuset, .unlessEmpty)
        try m("cpu_shares", &cpuShares, .unlessEmpty)
        try m("command", &command)
        try m("configs", &configs, .unlessEmpty)
        try m("container_name", &containerName, .unlessEmpty)
        try m("credential_spec", &credentialSpec, .unlessEmpty)
        try m("depends_on", &dependsOn, .unlessEmpty)
        try m("deploy", &deploy, .unlessEmpty)
        try m("device_cgroup_rules", &deviceCgroupRules, .unlessEmpty)
        try m("devices", &devices, .unlessEmpty)
        try m("dns", &dns, .unlessEmpty)
        try m("dns_opt", &dnsOpt, .unlessEmpty)
        try m("dns_search", &dnsSearch, .unlessEmpty)
        try m("domainname", &domainname, .unlessEmpty)
        try m("entrypoint", &entrypoint)
        try m("provider", &provider, .unlessEmpty)
        try m("environment", &environment, .unlessEmpty)
        try m("env_file", &envFile, .unlessEmpty)
        try m("expose", &expose, .unlessEmpty)
        try m("external_links", &externalLinks, .unlessEmpty)
        try m("extra_hosts", &extraHosts, .unlessEmpty)
        try m("group_add", &groupAdd, .unlessEmpty)
        try m("gpus", &gpus, .unlessEmpty)
        try m("hostname", &hostname, .unlessEmpty)
        try m("healthcheck", &healthcheck, .unlessEmpty)
        try m("image", &image, .unlessEmpty)
        try m("init", &initProcess, .unlessEmpty)
        try m("ipc", &ipc, .unlessEmpty)
        try m("isolation", &isolation, .unlessEmpty)
        try m("labels", &labels, .unlessEmpty)
        try m("label_file", &labelFile, .unlessEmpty)
        try m("links", &links, .unlessEmpty)
        try m("logging", &logging, .unlessEmpty)
        try m("mem_limit", &memLimit, .unlessEmpty)
        try m("mem_reservation", &memReservation, .unlessEmpty)
        try m("memswap_limit", &memswapLimit, .unlessEmpty)
        try m("mem_swappiness", &memSwappiness, .unlessEmpty)
        try m("mac_address", &macAddress, .unlessEmpty)
        try m("models", &models, .unlessEmpty)
        try m("network_mode", &networkMode, .unlessEmpty)
        try m("networks", &networks, .unlessEmpty)
        try m("oom_kill_disable", &oomKillDisable, .unlessEmpty)
        try m("oom_score_adj", &oomScoreAdj, .unlessEmpty)
        try m("pid", &pid, .unlessEmpty)
        try m("pids_limit", &pidsLimit, .unlessEmpty)
        try m("platform", &platform, .unlessEmpty)
        try m("ports", &ports, .unlessEmpty)
        try m("privileged", &privileged, .unlessEmpty)
        try m("pull_policy", &pullPolicy, .unlessEmpty)
        try m("read_only", &readOnly, .unlessEmpty)
        try m("restart", &restart, .unlessEmpty)
        try m("runtime", &runtime, .unlessEmpty)
        try m("scale", &scale, .unlessNil)
        try m("secrets", &secrets, .unlessEmpty)
        try m("security_opt", &securityOpt, .unlessEmpty)
        try m("shm_size", &shmSize, .unlessEmpty)
        try m("stdin_open", &stdinOpen, .unlessEmpty)
        try m("stop_grace_period", &stopGracePeriod, .unlessEmpty)
        try m("stop_signal", &stopSignal, .unlessEmpty)
        try m("storage_opt", &storageOpt, .unlessEmpty)
        try m("sysctls", &sysctls, .unlessEmpty)
        try m("tmpfs", &tmpfs, .unlessEmpty)
        try m("tty", &tty, .unlessEmpty)
        try m("ulimits", &ulimits, .unlessEmpty)
        try m("use_api_socket", &useApiSocket, .unlessEmpty)
        try m("user", &user, .unlessEmpty)
        try m("userns_mode", &usernsMode, .unlessEmpty)
        try m("uts", &uts, .unlessEmpty)
        try m("volumes", &volumes, .unlessEmpty)
        try m("volumes_from", &volumesFrom, .unlessEmpty)
        try m("working_dir", &workingDir, .unlessEmpty)
        try m("pre_start", &preStart, .unlessEmpty)
        try m("post_start", &postStart, .unlessEmpty)
        try m("pre_stop", &preStop, .unlessEmpty)
    }
}
