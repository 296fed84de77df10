internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import JSON
internal import Terminal
internal import Values

extension Root {
    static func info() -> AnyCommand {
        AnyCommand(
            "info", synonyms: ["system info", "info"], "Display system-wide information", usage: "[OPTIONS]", arity: .none,
            flags: {
                [.value("format", short: "f", "Format output using a custom template:\n'json': JSON on one line\n'TEMPLATE': the given Go template")]
            },
            action: { session in
                let info = try await session.client().info()
                let format = session.flags.string("format")
                if format.isEmpty {
                    Console.output(text(info, context: try session.engine().context))
                    for warning in info.warnings ?? [] { session.warn(warning) }
                } else {
                    try Formatted.print(try JSONValue(encoding: info), format, type: "system.dockerInfo")
                }
                return 0
            })
    }

    private static func text(_ info: SystemInfo, context: String) -> String {
        var lines = [
            "Client:", " Version:    \(ClientVersion.number)", " Context:    \(context)", " Debug Mode: false", "", "Server:",
            " Containers: \(info.containers)", "  Running: \(info.containersRunning)", "  Paused: \(info.containersPaused)",
            "  Stopped: \(info.containersStopped)", " Images: \(info.images)", " Server Version: \(info.serverVersion)",
            " Storage Driver: \(info.driver)",
        ]
        for pair in info.driverStatus ?? [] where pair.count == 2 { lines.append("  \(pair[0]): \(pair[1])") }
        lines += [
            " Logging Driver: \(info.loggingDriver)", " Cgroup Driver: \(info.cgroupDriver)", " Cgroup Version: \(info.cgroupVersion)", " Plugins:",
            "  Volume: \(info.plugins.volume.joined(separator: " "))", "  Network: \(info.plugins.network.joined(separator: " "))",
            "  Log: \(info.plugins.log.joined(separator: " "))", " Swarm: \(info.swarm.localNodeState.isEmpty ? "inactive" : info.swarm.localNodeState)",
            " Runtimes: \(info.runtimes.keys.sorted().joined(separator: " "))", " Default Runtime: \(info.defaultRuntime)",
            " Init Binary: \(info.initBinary)", " Security Options:",
        ]
        for option in info.securityOptions {
            // `name=seccomp,profile=builtin` is a name and what belongs to it.
            let fields = option.split(separator: ",").map { $0.cut("=") ?? ("name", String($0)) }
            for (name, value) in fields { lines.append(name == "name" ? "  \(value)" : "   \(name.prefix(1).uppercased())\(name.dropFirst()): \(value)") }
        }
        lines += [
            " Kernel Version: \(info.kernelVersion)", " Operating System: \(info.operatingSystem)", " OSType: \(info.osType)",
            " Architecture: \(info.architecture)", " CPUs: \(info.nCPU)", " Total Memory: \(HumanText.binarySize(info.memTotal))", " Name: \(info.name)",
            " ID: \(info.id)", " Docker Root Dir: \(info.dockerRootDir)", " Debug Mode: \(info.debug)",
        ]
        if info.debug {
            lines += [
                "  File Descriptors: \(info.nFd)", "  Goroutines: \(info.nGoroutines)", "  System Time: \(info.systemTime)",
                "  EventsListeners: \(info.nEventsListener)",
            ]
        }
        for (name, value) in [("HTTP Proxy", info.httpProxy), ("HTTPS Proxy", info.httpsProxy), ("No Proxy", info.noProxy)] where !value.isEmpty {
            lines.append(" \(name): \(value)")
        }
        lines.append(" Registry: \(info.indexServerAddress)")
        if !info.labels.isEmpty { lines += [" Labels:"] + info.labels.map { "  \($0)" } }
        lines.append(" Experimental: \(info.experimentalBuild)")
        if let registries = info.registryConfig {
            let hosts = registries.indexConfigs.filter { !$0.value.secure }.keys.sorted()
            lines += [" Insecure Registries:"] + (hosts + registries.insecureRegistryCIDRs).map { "  \($0)" }
            if let mirrors = registries.mirrors { lines += [" Registry Mirrors:"] + mirrors.map { "  \($0)" } }
        }
        lines.append(" Live Restore Enabled: \(info.liveRestoreEnabled)")
        if let pools = info.defaultAddressPools, !pools.isEmpty {
            lines += [" Default Address Pools:"] + pools.map { "   Base: \($0.base), Size: \($0.size)" }
        }
        if let firewall = info.firewallBackend { lines.append(" Firewall Backend: \(firewall.driver)") }
        return lines.joined(separator: "\n") + "\n\n"
    }
}
