internal import Arguments

/// The flags that `run` and `create` share.
enum ContainerFlags {
    static func common() -> [Flag] { process() + isolation() + files() + network() + limits() + devices() + health() }

    private static func process() -> [Flag] {
        [
            .list("attach", short: "a", "Attach to STDIN, STDOUT or STDERR", problem: Problems.attach),
            .value("cidfile", "Write the container ID to this file"),
            .value("entrypoint", "Run this instead of the image's ENTRYPOINT; empty for none"),
            .list("env", short: "e", "Set environment variables", problem: Problems.env),
            .list("env-file", "Read environment variables from a file"),
            .bool("init", "Run an init inside the container that forwards signals and reaps processes"),
            .bool("interactive", short: "i", "Keep STDIN open even if not attached"),
            .list("label", short: "l", "Set metadata on the container", problem: Problems.label),
            .list("label-file", "Read labels from a file with one on each line"),
            .value("name", "Name of the container"),
            .value("platform", default: "", "Platform of the image (os/architecture)"),
            .value("pull", default: "missing", "When to pull the image: \"always\", \"missing\" or \"never\""),
            .bool("quiet", short: "q", "Do not show the progress of pulling"),
            .value("restart", default: "no", "Restart policy for when the container exits"),
            .bool("rm", "Remove the container and its anonymous volumes when it exits"),
            .value("runtime", "OCI runtime to use"),
            .value("stop-signal", "Signal that stops the container"),
            .int("stop-timeout", "Seconds to wait for it to stop before it is killed"),
            .bool("tty", short: "t", "Give the container a terminal"),
            .value("user", short: "u", "User name or UID (format: <name|uid>[:<group|gid>])"),
            .bool("use-api-socket", "Give the container the API socket and credentials").unsupported("credentials are not kept yet"),
            .value("workdir", short: "w", "Working directory inside the container"),
            .value("log-driver", "Logging driver for the container"),
            .list("log-opt", "Options of the logging driver"),
            .bool("disable-content-trust", default: true, "Skip image verification (deprecated)").hidden(),
        ]
    }

    private static func isolation() -> [Flag] {
        [
            .list("annotation", type: "map", "Add an annotation that is passed on to the OCI runtime"),
            .list("cap-add", "Add Linux capabilities"),
            .list("cap-drop", "Drop Linux capabilities"),
            .value("cgroup-parent", "Parent cgroup of the container's"),
            .value("cgroupns", "Cgroup namespace to use: 'host', 'private', or empty for the engine's default"),
            .value("domainname", "NIS domain name of the container"),
            .list("group-add", "Additional groups to join"),
            .value("hostname", short: "h", "Host name of the container"),
            .value("ipc", "IPC namespace to use"),
            .value("isolation", "Isolation technology"),
            .value("pid", "PID namespace to use"),
            .bool("privileged", "Give the container all capabilities and devices"),
            .list("security-opt", "Security options"),
            .list("sysctl", type: "map", "Kernel parameters of the container's namespaces", problem: Problems.sysctl),
            .value("userns", "User namespace to use"),
            .value("uts", "UTS namespace to use"),
        ]
    }

    private static func files() -> [Flag] {
        [
            .list("mount", type: "mount", "Attach a filesystem to the container", problem: Problems.text { try MountFlag.parse($0) }),
            .bool("read-only", "Mount the container's root filesystem read-only"),
            .bytes("shm-size", "Size of /dev/shm"),
            .list("storage-opt", "Options of the storage driver"),
            .list("tmpfs", "Mount a tmpfs directory"),
            .list("volume", short: "v", "Bind mount a directory or volume"),
            .value("volume-driver", "Volume driver for the container"),
            .list("volumes-from", "Mount the volumes of other containers"),
        ]
    }

    private static func network() -> [Flag] {
        [
            .list("add-host", "Add a line to the container's hosts file (host:ip)", problem: Problems.extraHost),
            .list("dns", "DNS servers", problem: Problems.address),
            .list("dns-option", "DNS options"),
            .list("dns-opt", "DNS options").hidden(),
            .list("dns-search", "DNS search domains", problem: Problems.searchDomain),
            .list("expose", "Expose a port or a range of ports"),
            .value("ip", type: "ip", "IPv4 address (e.g., 172.30.100.104)"),
            .value("ip6", type: "ip", "IPv6 address (e.g., 2001:db8::33)"),
            .list("link", "Link to another container", problem: Problems.link),
            .list("link-local-ip", "Link-local addresses of the container"),
            .value("mac-address", "MAC address of the container (e.g., 92:d0:c6:0a:29:33)"),
            .list("network", type: "network", "Connect the container to a network", problem: Problems.text { try NetworkFlag.parse($0) }),
            .list("net", type: "network", "Connect the container to a network", problem: Problems.text { try NetworkFlag.parse($0) }).hidden(),
            .list("network-alias", "Alias of the container on its network"),
            .list("net-alias", "Alias of the container on its network").hidden(),
            .list("publish", short: "p", "Publish a port of the container on the host, on every address of it unless one is named"),
            .bool("publish-all", short: "P", "Publish all exposed ports on random ports"),
        ]
    }

    /// Limits, which `update` has too.
    static func limits() -> [Flag] {
        [
            .unsigned("blkio-weight", bits: 16, "Block I/O weight, between 10 and 1000, or 0 to leave it alone"),
            .int("cpu-count", "CPU count (Windows only)").hidden(),
            .int("cpu-percent", "CPU percent (Windows only)").hidden(),
            .int("cpu-period", "Period of the CPU limit in microseconds"),
            .int("cpu-quota", "CPU time in each period in microseconds"),
            .int("cpu-rt-period", "Period of the real-time limit in microseconds"),
            .int("cpu-rt-runtime", "Real-time CPU time in each period in microseconds"),
            .int("cpu-shares", short: "c", "Relative weight of CPU time"),
            .value("cpus", type: "decimal", "Number of CPUs", problem: Problems.cpus),
            .value("cpuset-cpus", "CPUs to run on (0-3, 0,1)"),
            .value("cpuset-mems", "Memory nodes to use (0-3, 0,1)"),
            .bytes("memory", short: "m", "Memory limit"),
            .bytes("memory-reservation", "Memory that the container should keep under pressure"),
            .bytes("memory-swap", allowsUnlimited: true, "Limit of memory and swap together; '-1' for unlimited swap"),
            .int("pids-limit", "Number of processes; -1 for unlimited"),
        ]
    }

    private static func devices() -> [Flag] {
        [
            .list("blkio-weight-device", "Block I/O weight of one device", problem: Problems.text { try DeviceFlags.weight($0) }),
            .list("device", "Add a host device to the container"),
            .list("device-cgroup-rule", "Add a rule to the devices that may be used", problem: Problems.deviceRule),
            .list("device-read-bps", "Limit reading from a device in bytes per second", problem: Problems.text { try DeviceFlags.rate($0, inBytes: true) }),
            .list("device-read-iops", "Limit reading from a device in operations per second", problem: Problems.text { try DeviceFlags.rate($0, inBytes: false) }),
            .list("device-write-bps", "Limit writing to a device in bytes per second", problem: Problems.text { try DeviceFlags.rate($0, inBytes: true) }),
            .list("device-write-iops", "Limit writing to a device in operations per second", problem: Problems.text { try DeviceFlags.rate($0, inBytes: false) }),
            .value("gpus", type: "gpu-request", "GPUs to add to the container").unsupported("no GPU driver is known to this engine"),
            .bytes("io-maxbandwidth", "Bandwidth of the system drive (Windows only)").hidden(),
            .unsigned("io-maxiops", "Operations of the system drive (Windows only)").hidden(),
            .bytes("kernel-memory", "Kernel memory limit (deprecated)").hidden(),
            .int("memory-swappiness", default: -1, "How readily memory is swapped out (0 to 100)"),
            .bool("oom-kill-disable", "Do not kill the container when it runs out of memory"),
            .int("oom-score-adj", "How likely the container is killed when the host runs out of memory (-1000 to 1000)"),
            .list("ulimit", type: "ulimit", "Resource limits", problem: Problems.text { try DeviceFlags.ulimit($0) }),
        ]
    }

    private static func health() -> [Flag] {
        [
            .value("health-cmd", "Command that checks health"),
            .duration("health-interval", "Time between checks (ms|s|m|h)"),
            .int("health-retries", "Failures in a row after which the container is unhealthy"),
            .duration("health-start-interval", "Time between checks during the start period (ms|s|m|h)"),
            .duration("health-start-period", "Time to start up before failures count (ms|s|m|h)"),
            .duration("health-timeout", "Longest time that a check may take (ms|s|m|h)"),
            .bool("no-healthcheck", "Disable the image's HEALTHCHECK"),
        ]
    }
}
