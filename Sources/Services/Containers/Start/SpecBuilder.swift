import Diagnostics
import DockerAPI
import Linux
import OCI
import Supervisor
import Values
import Volumes

/// Turns a container's record into what the runtime is told. Looks things up on the host; changes nothing.
struct SpecBuilder {
    let record: ContainerRecord
    let paths: StatePaths
    let place: ContainerPaths
    /// How each volume is mounted, by name.
    let volumes: [String: VolumeMountPlan]
    let network: NetworkSetup
    /// The first process of a container one of whose namespaces is to be shared, by that container's reference and the namespace's name.
    let processOf: (_ reference: String, _ namespace: String) throws -> Int32

    private var host: HostConfig { record.hostConfig }
    private var config: ContainerConfig { record.config }

    func build() throws -> RuntimeSpec {
        let grants = try DeviceGrants(host)
        let security = try SecurityOptions(host.securityOpt ?? [], .read())
        var process = RuntimeProcess(
            terminal: config.tty, args: record.arguments, env: environment, cwd: config.workingDir.isEmpty ? "/" : config.workingDir,
            capabilities: try capabilities(), rlimits: try Self.limits(host), noNewPrivileges: security.noNewPrivileges,
            oomScoreAdj: host.oomScoreAdj)
        process.consoleSize = ConsoleSize(host.consoleSize)
        var linux = LinuxSpec(
            namespaces: try namespaces(), devices: grants.nodes, cgroupsPath: nil,
            resources: try host.resources.linuxResources(devices: grants.rules), sysctl: sysctls)
        if !host.privileged, !security.unconfinedPaths {
            linux.maskedPaths = host.maskedPaths ?? DefaultSpec.maskedPaths
            linux.readonlyPaths = host.readonlyPaths ?? DefaultSpec.readonlyPaths
        }
        return RuntimeSpec(
            process: process, root: RuntimeRoot(path: place.rootfs, readonly: host.readonlyRootfs),
            hostname: sharesHostName ? nil : named.hostname, domainname: sharesHostName || named.domainname.isEmpty ? nil : named.domainname,
            mounts: try mounts(writableCgroups: security.writableCgroups ?? host.privileged), linux: linux)
    }

    /// What is asked for comes before what goes without saying.
    private var sysctls: [String: String] {
        let own = host.networkMode == "host" || host.networkMode.hasPrefix("container:") ? [:] : DefaultSpec.networkSysctls
        return own.merging(host.sysctls ?? [:]) { $1 }
    }

    /// The overlay that is the container's root.
    var rootMount: RuntimeMount {
        let lower = (paths.layerDirectories(record.layers) + [paths.skeleton]).joined(separator: ":")
        // Layers are made and read by name alone, so what would make them depend on each other's inodes stays off.
        var options = ["lowerdir=\(lower)", "upperdir=\(place.upper)", "workdir=\(place.work)", "redirect_dir=off", "metacopy=off", "index=off"]
        // What is thrown away at the end need not reach the disk.
        if record.autoRemove { options.append("volatile") }
        return RuntimeMount(destination: "/", type: "overlay", source: "overlay", options: options)
    }

    private var sharesHostName: Bool { host.utsMode == "host" }

    /// Whoever shares another's network goes by its name.
    private var named: ContainerConfig { network.shared?.config ?? config }

    private var environment: [String] {
        let own = [DefaultSpec.path, "HOSTNAME=\(named.hostname)"] + (config.tty ? ["TERM=xterm"] : [])
        return Variables.overriding(own + network.environment, with: config.env ?? [])
    }

    private func capabilities() throws -> RuntimeCapabilities {
        let names = try CapabilityNames.resolve(add: host.capAdd ?? [], drop: host.capDrop ?? [], privileged: host.privileged)
        // Another user than root has them within reach only: in the bounding set.
        let isRoot = ["", "0", "root"].contains(config.user.prefix { $0 != ":" })
        return RuntimeCapabilities(
            bounding: names, effective: isRoot ? names : [], inheritable: [], permitted: isRoot ? names : [], ambient: [])
    }

    /// `--ulimit` and the defaults, for exec sessions too.
    static func limits(_ host: HostConfig) throws(Fault) -> [ResourceLimit] {
        func value(_ number: Int) -> UInt64 { number < 0 ? .max : UInt64(number) }
        return try (ContainerDefaults.read().completing(host.resources.ulimits) ?? []).map { ulimit throws(Fault) in
            guard let type = UlimitName.resource(ulimit.name) else { throw Fault(.invalid, "invalid ulimit type: \(ulimit.name)") }
            return ResourceLimit(type: type, hard: value(ulimit.hard), soft: value(ulimit.soft))
        }
    }

    private func namespaces() throws -> [LinuxNamespace] {
        var result = [LinuxNamespace(.mount)]
        func share(_ mode: String, _ kind: LinuxNamespace.Kind, _ file: String) throws {
            if mode == "host" { return }
            guard mode.hasPrefix("container:") else { return result.append(LinuxNamespace(kind)) }
            let name = kind == .pid || kind == .ipc ? file.uppercased() : kind == .network ? "network" : file
            let pid = try processOf(String(mode.dropFirst("container:".count)), name)
            result.append(LinuxNamespace(kind, path: "/proc/\(pid)/ns/\(file)"))
        }
        try share(host.networkMode, .network, "net")
        try share(host.pidMode, .pid, "pid")
        try share(host.ipcMode, .ipc, "ipc")
        try share(host.utsMode, .uts, "uts")
        if host.cgroupnsMode == "private" {
            result.append(LinuxNamespace(.cgroup))
        }
        return result
    }

    private func mounts(writableCgroups: Bool) throws -> [RuntimeMount] {
        var system = DefaultSpec.mounts(shmSize: host.shmSize, ipc: host.ipcMode, privileged: host.privileged, writableCgroups: writableCgroups)
        if host.ipcMode.hasPrefix("container:"), let shared = system.firstIndex(where: { $0.destination == "/dev/shm" }) {
            let pid = try processOf(String(host.ipcMode.dropFirst("container:".count)), "IPC")
            system[shared].options?.append("x-share=\(pid):/dev/shm")
        }
        let access = host.readonlyRootfs ? "ro" : "rw"
        let files = network.shared.map { paths.container($0.id) } ?? place
        for (destination, source) in [("/etc/resolv.conf", files.resolvConf), ("/etc/hostname", files.hostname), ("/etc/hosts", files.hosts)] {
            system.append(RuntimeMount(destination: destination, type: "bind", source: source, options: ["rbind", "rprivate", access]))
        }
        let taken = Set(record.mounts.map(\.destination))
        system.removeAll { taken.contains($0.destination) || taken.contains("/dev") && $0.destination.hasPrefix("/dev/") }
        return ordered(system + record.mounts.map(runtimeMount))
    }

    /// Binds, volumes and images; not what is in memory for this container alone.
    var volumeMounts: [RuntimeMount] { ordered(record.mounts.filter { $0.kind != .tmpfs }.map(runtimeMount)) }

    /// A mount under another's place must come after it; those of the engine come first where it is all the same.
    private func ordered(_ mounts: [RuntimeMount]) -> [RuntimeMount] {
        mounts.enumerated().sorted { (depth($0.element.destination), $0.offset) < (depth($1.element.destination), $1.offset) }.map(\.element)
    }

    private func depth(_ path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    private func runtimeMount(_ mount: ContainerMount) -> RuntimeMount {
        switch mount.kind {
        case .tmpfs:
            // Without a size a tmpfs may take half of the memory; that is Docker's default too.
            let hasMode = mount.options.contains { $0.hasPrefix("mode=") }
            return RuntimeMount(
                destination: mount.destination, type: "tmpfs", source: "tmpfs",
                options: mount.options + (mount.readOnly ? ["ro"] : []) + (hasMode ? [] : ["mode=1777"]))
        case .image:
            let lower = paths.layerDirectories(mount.layers), options = ["ro"] + (mount.subpath.isEmpty ? [] : ["x-part=\(mount.subpath)"])
            // overlayfs takes two directories at least, or one to be written to.
            if lower.count == 1 { return RuntimeMount(destination: mount.destination, type: "bind", source: lower[0], options: ["bind"] + options) }
            return RuntimeMount(
                destination: mount.destination, type: "overlay", source: "overlay", options: ["lowerdir=\(lower.joined(separator: ":"))"] + options)
        case .bind, .volume:
            let propagation = mount.propagation.isEmpty ? "rprivate" : mount.propagation
            let plan = mount.kind == .volume ? volumes[mount.name] : nil
            if let plan, plan.type != "bind" {
                // Read-only here is not read-only for everyone: the file system is mounted as the volume's options say.
                return RuntimeMount(
                    destination: mount.destination, type: plan.type, source: plan.source,
                    options: plan.options + [propagation] + (mount.readOnly ? ["x-read-only"] : []) + (mount.noCopy ? [] : ["x-fill"]))
            }
            let readOnly = mount.keepsWritableBelow ? "ro" : "rro"
            var options = [mount.nonRecursive ? "bind" : "rbind", propagation, mount.readOnly ? readOnly : "rw"] + mount.options
            if !mount.subpath.isEmpty {
                options.append("x-part=\(mount.subpath)")
                // A volume's own directory was filled before.
                if record.finishedAt == nil, !mount.noCopy { options.append("x-fill") }
            }
            if let plan, !plan.isDirectory {
                options = plan.options + options.filter { !mount.readOnly || $0 != "rw" } + (mount.noCopy ? [] : ["x-fill"])
            }
            return RuntimeMount(destination: mount.destination, type: "bind", source: plan?.source ?? mount.source, options: options)
        }
    }
}
