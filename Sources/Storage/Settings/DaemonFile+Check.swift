package import Diagnostics
internal import JSON

extension DaemonFile {
    /// Throws, in Docker's words, for settings that nobody knows, that a flag says too, or that Davit does not carry out.
    package static func check() throws(Fault) {
        let (path, settings) = try file()
        func refuse(_ problem: String) throws(Fault) { throw Fault(.invalid, "unable to configure the Docker daemon with file \(path): \(problem)") }
        let unknown = settings.members.map(\.name).filter { !known.contains($0) && refusals[$0] == nil }
        if !unknown.isEmpty { try refuse("the following directives don't match any configuration option: \(unknown.sorted().joined(separator: ", "))") }
        let conflicts = flags.members.compactMap { flag in
            settings[flag.name].flatMap { flag.name == "runtimes" ? nil : "\(flag.name): (from flag: \(shown(flag.value)), from file: \(shown($0)))" }
        }
        if !conflicts.isEmpty {
            try refuse("the following directives are specified both as a flag and in the configuration file: \(conflicts.joined(separator: ", "))")
        }
        for member in settings.members { if let problem = problem(member) { try refuse(problem) } }
        for member in flags.members { if let problem = problem(member) { throw Fault(.invalid, problem) } }
    }

    /// Addresses of proxies may hold passwords.
    private static func shown(_ value: JSONValue) -> String {
        let text = value.string ?? value.compactText
        guard let at = text.lastIndex(of: "@"), let scheme = text.firstRange(of: "://"), scheme.upperBound < at else { return text }
        return "\(text[..<scheme.upperBound])xxxxx:xxxxx\(text[at...])"
    }

    private static func problem(_ member: JSONObject.Member) -> String? {
        guard let refusal = refusals[member.name], !member.value.isZero, member.value != .bool(false), member.value != .string(""), member.value.array?.isEmpty != true,
            member.value.int != 0, !(member.value.array ?? [member.value]).allSatisfy({ $0.string.map(refusal.except.contains) ?? false })
        else { return nil }
        return "\(member.name) is not there: \(refusal.reason)"
    }

    /// What cannot be ignored without harm: why it is not there, and values that say nothing else than what is.
    private static let refusals: [String: (reason: String, except: [String])] = [
        "api-cors-header": ("it was removed from Docker, too; put a proxy before the API", []),
        "authorization-plugins": ("plug-ins are not run, so nobody would be asked", []),
        "cpu-rt-period": ("give real-time limits to containers", []), "cpu-rt-runtime": ("give real-time limits to containers", []),
        "exec-opts": ("cgroups are made by Davit itself", ["native.cgroupdriver=cgroupfs"]),
        "metrics-addr": ("the API has no metrics; `stats` tells what containers use", []), "network-diagnostic-port": ("there is no such server", []),
        "rootless": ("the engine runs as root", []), "selinux-enabled": ("labels of SELinux are not set", []),
        "storage-driver": ("the kernel's overlayfs is what there is (overlay2)", ["overlay2", "overlayfs"]),
        "storage-opts": ("overlayfs has no options here", ["overlay2.override_kernel_check=true"]), "userns-remap": ("user namespaces are not made", []),
    ]

    /// All others that there are. Some have no effect, as what they are about is not there or always so.
    private static let known: Set<String> = [
        // Of containers.
        "cgroup-parent", "default-cgroupns-mode", "default-ipc-mode", "default-runtime", "default-shm-size", "default-ulimits", "init", "log-driver", "log-opts",
        "no-new-privileges", "runtimes", "seccomp-profile",
        // Of networks.
        "allow-direct-routing", "bip", "bip6", "bridge", "bridge-accept-fwmark", "default-address-pools", "default-gateway", "default-gateway-v6", "default-network-opts",
        "dns", "dns-opts", "dns-search", "firewall-backend", "fixed-cidr", "fixed-cidr-v6", "host-gateway-ip", "host-gateway-ips", "icc", "ip", "ip-forward",
        "ip-forward-no-drop", "ip-masq", "ip6tables", "iptables", "ipv6", "mtu",
        // Of registries.
        "allow-nondistributable-artifacts", "http-proxy", "https-proxy", "insecure-registries", "max-concurrent-downloads", "max-concurrent-uploads",
        "max-download-attempts", "no-proxy", "proxies", "registry-mirrors", "trusted-realms",
        // Of the daemon.
        "data-root", "debug", "exec-root", "experimental", "group", "hosts", "labels", "pidfile", "tls", "tlscacert", "tlscert", "tlskey", "tlsverify",
        // Without effect.
        "builder", "cdi-spec-dirs", "containerd", "containerd-namespace", "containerd-plugins-namespace", "cri-containerd", "features", "init-path", "live-restore",
        "log-format", "log-level", "network-control-plane-mtu", "node-generic-resources", "raw-logs", "restart", "shutdown-timeout", "swarm-default-advertise-addr",
        "userland-proxy", "userland-proxy-path",
    ]
}
