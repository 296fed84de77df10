internal import Arguments
internal import JSON

extension DaemonFlag {
    /// Flags of dockerd(8) in its words, where they have an effect; `daemon.json` has them too.
    static var all: [DaemonFlag] { own + containers + networks + registries + others }

    private static var own: [DaemonFlag] {
        [
            .list("host", short: "H", as: "hosts", "Address to listen on (unix://path, tcp://address:port, fd:// for the sockets of systemd)"),
            .text("group", short: "G", default: "docker", "Group that may use unix sockets made here"),
            .text("pidfile", short: "p", "File to write the daemon's process id to"), .bool("debug", short: "D", "Enable debug mode"),
            .text("data-root", "Directory of durable state, as --root"), .text("exec-root", "Directory of state until the next boot, as --run-root"),
            .list("label", as: "labels", "Set key=value labels to the daemon"), .bool("experimental", "Enable experimental features"),
        ]
    }

    private static var containers: [DaemonFlag] {
        [
            .map("add-runtime", as: "runtimes", type: "runtime", "Register an additional OCI compatible runtime (NAME=PATH)") { .object(["path": .string($0)]) },
            .text("default-runtime", "Default OCI runtime for containers"), .text("cgroup-parent", "Set parent cgroup for all containers"),
            .text("default-cgroupns-mode", "Default mode for containers cgroup namespace (\"host\" | \"private\")"),
            .text("default-ipc-mode", "Default mode for containers ipc (\"shareable\" | \"private\")"),
            .bytes("default-shm-size", "Default shm size for containers"), .ulimits("default-ulimit", as: "default-ulimits", "Default ulimits for containers"),
            .bool("init", "Run an init in the container to forward signals and reap processes"),
            .text("log-driver", default: "json-file", "Default driver for container logs"), .map("log-opt", as: "log-opts", "Default log driver options for containers"),
            .bool("no-new-privileges", "Set no-new-privileges by default for new containers"),
            .text("seccomp-profile", "Path to seccomp profile. Set to \"unconfined\" to disable the default seccomp profile"),
        ]
    }

    private static var networks: [DaemonFlag] {
        [
            .bool("allow-direct-routing", "Allow remote access to published ports on container IP addresses"),
            .text("bip", "IPv4 address for the default bridge"), .text("bip6", "IPv6 address for the default bridge"),
            .text("bridge", short: "b", "Attach containers to a network bridge (\"none\": to no network)"),
            .text("bridge-accept-fwmark", "Refused: put a rule for marked packets into the chain `admin` of the table `inet davit`"),
            .pools("default-address-pool", as: "default-address-pools", "Default address pools for node specific local networks (base=CIDR,size=LENGTH)"),
            .text("default-gateway", type: "ip", "Default gateway IPv4 address for the default bridge network"),
            .text("default-gateway-v6", type: "ip", "Default gateway IPv6 address for the default bridge network"),
            .options("default-network-opt", as: "default-network-opts", "Default network options (DRIVER=OPTION=VALUE)"), .list("dns", "DNS server to use"),
            .list("dns-opt", as: "dns-opts", "DNS options to use"), .list("dns-search", "DNS search domains to use"),
            .text("firewall-backend", "Firewall backend to use: nftables, there is no other"),
            .text("fixed-cidr", "IPv4 subnet for the default bridge network"), .text("fixed-cidr-v6", "IPv6 subnet for the default bridge network"),
            .list("host-gateway-ip", as: "host-gateway-ips", "IP addresses that the special 'host-gateway' string in --add-host resolves to"),
            .bool("icc", default: true, "Enable inter-container communication for the default bridge network"),
            .text("ip", type: "ip", "Host IP for port publishing from the default bridge network"),
            .bool("ip-forward", default: true, "Enable IP forwarding in system configuration"),
            .bool("ip-forward-no-drop", "When enabling IP forwarding, forward others' packets, too"),
            .bool("ip-masq", default: true, "Enable IP masquerading for the default bridge network"),
            .bool("iptables", default: true, "Rules are nftables' own; they cannot be switched off"),
            .bool("ip6tables", default: true, "The same for IPv6"), .bool("ipv6", "Enable IPv6 networking for the default bridge network"),
            .int("mtu", "Set the MTU for the default \"bridge\" network"),
        ]
    }

    private static var registries: [DaemonFlag] {
        [
            .list("allow-nondistributable-artifacts", "Allow push of nondistributable artifacts to registry"),
            .text("http-proxy", "HTTP proxy URL to use for outgoing traffic"), .text("https-proxy", "HTTPS proxy URL to use for outgoing traffic"),
            .text("no-proxy", "Comma-separated list of hosts or IP addresses for which the proxy is skipped"),
            .list("insecure-registry", as: "insecure-registries", "Enable insecure registry communication"),
            .list("registry-mirror", as: "registry-mirrors", "Preferred Docker registry mirror"),
            .int("max-concurrent-downloads", default: 3, "Set the max concurrent downloads"), .int("max-concurrent-uploads", default: 5, "Set the max concurrent uploads"),
            .int("max-download-attempts", default: 5, "Set the max download attempts for each pull"),
        ]
    }

    /// What is taken for dockerd's sake, or refused because it is not there: `DaemonFile.check` knows which.
    private static var others: [DaemonFlag] {
        let nothing = "Taken for dockerd's sake, without effect", refused = "Refused, unless it says what is so anyway"
        return ["cdi-spec-dir": "cdi-spec-dirs", "node-generic-resource": "node-generic-resources"].sorted { $0.key < $1.key }.map { .list($0.key, as: $0.value, nothing) }
            + ["containerd", "containerd-namespace", "containerd-plugins-namespace", "init-path", "swarm-default-advertise-addr", "userland-proxy-path"].map { .text($0, nothing) }
            + ["cri-containerd", "raw-logs", "restart"].map { .bool($0, nothing) }
            + ["live-restore", "userland-proxy"].map { .bool($0, default: true, nothing) }
            + [
                .map("feature", as: "features", bare: "true", nothing) { .bool(Syntax.bool($0) ?? false) }, .int("network-control-plane-mtu", default: 1500, nothing),
                .int("shutdown-timeout", default: 15, nothing), .text("log-level", short: "l", default: "info", nothing), .text("log-format", default: "text", nothing),
            ]
            + ["api-cors-header", "metrics-addr", "userns-remap"].map { .text($0, refused) } + [.text("storage-driver", short: "s", refused)]
            + ["rootless", "selinux-enabled"].map { .bool($0, refused) }
            + ["cpu-rt-period", "cpu-rt-runtime", "network-diagnostic-port"].map { .int($0, refused) }
            + ["authorization-plugin": "authorization-plugins", "exec-opt": "exec-opts", "storage-opt": "storage-opts"].sorted { $0.key < $1.key }
            .map { .list($0.key, as: $0.value, refused) }
    }
}
