import Arguments
import Cgroups
import JSON
import Linux
import OCI

extension RuntimeCommand {
    static var spec: RuntimeCommand {
        RuntimeCommand(
            "spec", "Write a config.json to begin with", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .value("bundle", short: "b", "Directory to write it to"),
                    .bool("rootless", "For who is not root"),
                ]
            }
        ) { call in
            var path = call.flags.string("bundle")
            path = path.isEmpty ? "config.json" : "\(path)/config.json"
            var spec = RuntimeSpec.example
            if call.flags.bool("rootless") { spec.makeRootless() }
            let file = try unless(.exists) { () throws(SyscallError) in try FileDescriptor.open(path, [.writeOnly, .create, .exclusive], mode: 0o666) }
            guard let file else { throw RuntimeFault("File config.json exists. Remove it first") }
            try file.writeAll(spec.json.indented(by: "\t"))
            return 0
        }
    }
}

extension RuntimeSpec {
    /// A container with a shell on a terminal, of the root directory `rootfs`.
    static var example: RuntimeSpec {
        let capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
        let process = RuntimeProcess(
            terminal: true, args: ["sh"], env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            capabilities: RuntimeCapabilities(bounding: capabilities, effective: capabilities, permitted: capabilities),
            rlimits: [ResourceLimit(type: "RLIMIT_NOFILE", hard: 1024, soft: 1024)], noNewPrivileges: true)
        func mount(_ destination: String, _ type: String, _ source: String, _ options: [String]? = nil) -> RuntimeMount {
            RuntimeMount(destination: destination, type: type, source: source, options: options)
        }
        let safe = ["nosuid", "noexec", "nodev"]
        let mounts = [
            mount("/proc", "proc", "proc"),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            mount("/dev/shm", "tmpfs", "shm", safe + ["mode=1777", "size=65536k"]),
            mount("/dev/mqueue", "mqueue", "mqueue", safe),
            mount("/sys", "sysfs", "sysfs", safe + ["ro"]),
            mount("/sys/fs/cgroup", "cgroup", "cgroup", safe + ["relatime", "ro"]),
        ]
        let linux = LinuxSpec(
            namespaces: ([.pid, .network, .ipc, .uts, .mount] + (Cgroup.isPureVersion2 ? [.cgroup] : [])).map { LinuxNamespace($0) },
            resources: LinuxResources(devices: [LinuxDeviceCgroup(allow: false, access: "rwm")]),
            maskedPaths: [
                "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
                "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
            ],
            readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"])
        return RuntimeSpec(
            ociVersion: RuntimeProgram.specification, process: process, root: RuntimeRoot(path: "rootfs", readonly: true), hostname: "davit",
            mounts: mounts, linux: linux)
    }

    /// Leaves out what takes privileges, and makes who calls this root of a user namespace.
    mutating func makeRootless() {
        linux?.namespaces?.removeAll { $0.type == .network }
        linux?.namespaces?.append(LinuxNamespace(.user))
        linux?.uidMappings = [LinuxIDMapping(containerID: 0, hostID: Credentials.effectiveUser, size: 1)]
        linux?.gidMappings = [LinuxIDMapping(containerID: 0, hostID: Credentials.effectiveGroup, size: 1)]
        linux?.resources = nil
        mounts = mounts?.map { mount in
            // The kernel gives no sysfs of a network that is the host's.
            if mount.destination == "/sys" {
                return RuntimeMount(destination: "/sys", type: "none", source: "/sys", options: ["rbind", "nosuid", "noexec", "nodev", "ro"])
            }
            var mount = mount
            mount.options?.removeAll { $0.hasPrefix("gid=") || $0.hasPrefix("uid=") }
            return mount
        }
    }
}
