import Diagnostics
import DockerAPI
import Linux
import NetworkPlumbing
import Networks
import Supervisor
import Values

/// The network part of a start: what the supervisor makes, and the files that go with it.
struct NetworkSetup {
    /// nil where there is nothing to make: the namespace is the host's, another container's, or has the loopback alone.
    var plan: SandboxPlan?
    /// The container whose names and files this one shares.
    var shared: ContainerRecord?
    var hosts = ""
    var resolvConf = ""
    /// Of links.
    var environment: [String] = []
}

extension Containers {
    /// Works out a start's network from the leases. Looks things up; changes nothing.
    func networkSetup(_ record: ContainerRecord, _ leases: [EndpointLease]) throws -> NetworkSetup {
        let host = record.hostConfig
        var setup = NetworkSetup()
        var hosts = HostsFile()
        hosts.hasIPv6 = !record.member.disablesIPv6
        let standard = try networks.settings()
        switch NetworkMode(host.networkMode) {
        case .container(let reference):
            var other = try sharedContainer(reference, namespace: "network", by: record)
            // It may itself share another's, whose files these are. Not without end, whatever happened to names since.
            for _ in 0..<8 {
                guard case .container(let next) = NetworkMode(other.hostConfig.networkMode) else { break }
                other = try sharedContainer(next, namespace: "network", by: record)
            }
            setup.shared = other
            return setup
        case .host:
            let gateways = hostAddresses([], standard)
            hosts.add(extra: host.extraHosts ?? [], host: gateways.isEmpty ? [IPAddress(.v4, 0x7f00_0001)] : gateways)
            // Whoever gives names of his own wants them to count, whatever the host's file has.
            let own = hosts.lines.isEmpty ? try FileSystem.readIfPresent("/etc/hosts", limit: 1 << 20) : nil
            setup.hosts = own.map { String(decoding: $0, as: UTF8.self) } ?? hosts.text
            setup.resolvConf = try resolverFile(host, standard).text
        case .none:
            if host.extraHosts?.contains(where: { $0.hasSuffix(":host-gateway") }) == true { throw Self.noGateway }
            hosts.add(extra: host.extraHosts ?? [], host: [])
            setup.hosts = hosts.text
            setup.resolvConf = try resolverFile(host, standard).text
        case .named:
            let links = try liveLinks(of: record)
            let gateways = hostAddresses(leases, standard)
            if gateways.isEmpty, host.extraHosts?.contains(where: { $0.hasSuffix(":host-gateway") }) == true { throw Self.noGateway }
            hosts.add(extra: host.extraHosts ?? [], host: gateways)
            let resolver = try resolverPlan(record, leases, standard)
            let hasHost = host.extraHosts?.contains { $0.hasPrefix("\(Self.hostNames[0]):") } ?? false
            if resolver == nil, !hasHost { hosts.lines += gateways.prefix(1).map { HostsFile.Line(address: $0, names: Self.hostNames) } }
            hosts.lines += links.map(\.line)
            let addresses = leases.flatMap { $0.attachment?.addresses ?? [] }.map(\.address)
            hosts.add(own: addresses, hostname: record.config.hostname, domainname: record.config.domainname)
            setup.hosts = hosts.text
            setup.resolvConf = try resolvConf(record, leases, standard)
            setup.environment = links.flatMap(\.variables)
            setup.plan = SandboxPlan(
                table: networks.firewallTable, attachments: leases.compactMap(\.attachment), ports: try portPlans(record, leases), resolver: resolver)
        }
        return setup
    }

    /// Docker Desktop's names for the host, now and once; here they are known on every network.
    static let hostNames = ["host.docker.internal", "docker.mac.for.local"]

    private static let noGateway = Fault(.internal, "unable to derive the IP value for host-gateway")

    /// The host as the container reaches it: the address that the host has on the network with the default route.
    /// Or what the administrator says.
    func hostAddresses(_ leases: [EndpointLease], _ standard: NetworkDefaults) -> [IPAddress] {
        if let own = standard.hostGateways, !own.isEmpty { return own }
        let ordered = leases.filter(\.isGateway) + leases.filter { !$0.isGateway }
        for lease in ordered {
            if case .bridge(let plan, _, _) = lease.host, !plan.addresses.isEmpty { return plan.addresses.map(\.address) }
        }
        return []
    }

    private func resolverFile(_ host: HostConfig, _ standard: NetworkDefaults) throws -> ResolverFile {
        var file = try ResolverFile.host()
        // What the container says goes before what all have.
        file.override(servers: (standard.servers ?? []).map(\.description), search: standard.search ?? [], options: standard.options ?? [])
        file.override(servers: host.dns ?? [], search: host.dnsSearch ?? [], options: host.dnsOptions ?? [])
        return file
    }

    /// /etc/resolv.conf for these networks.
    func resolvConf(_ record: ContainerRecord, _ leases: [EndpointLease], _ standard: NetworkDefaults) throws -> String {
        var file = try resolverFile(record.hostConfig, standard)
        if leases.contains(where: \.resolvesNames) { return file.textWithResolver }
        let addresses = leases.flatMap { $0.attachment?.addresses ?? [] }
        if record.hostConfig.dns?.isEmpty ?? true, standard.servers?.isEmpty ?? true { file.keepReachable(hasIPv6: addresses.contains { $0.address.family == .v6 }) }
        return file.text
    }

    /// What the container's resolver answers by itself, and whom it asks; nil when none of the networks has names.
    func resolverPlan(_ record: ContainerRecord, _ leases: [EndpointLease], _ standard: NetworkDefaults) throws -> ResolverPlan? {
        guard leases.contains(where: \.resolvesNames) else { return nil }
        var servers = try resolverFile(record.hostConfig, standard).servers
        // Who cannot reach the outside does not get to ask it either, only those on the container's own networks.
        if leases.allSatisfy(\.isInternal) { servers.removeAll { server in !leases.contains { $0.attachment?.addresses.contains { $0.contains(server) } == true } } }
        let gateways = hostAddresses(leases, standard)
        let extra = gateways.isEmpty ? [:] : Dictionary((Self.hostNames + ["gateway.docker.internal"]).map { ($0, gateways) }) { $1 }
        // Of links: whoever goes by the name when it is asked for.
        var aliases: [String: [String: String]] = [:]
        for lease in leases {
            for link in lease.settings.links ?? [] {
                let (name, alias) = try ContainerLink.parse(link)
                aliases[lease.attachment?.domain ?? "", default: [:]][alias.lowercased()] = name.lowercased()
            }
        }
        var plan = ResolverPlan(servers: servers, extra: extra, aliases: aliases)
        let options = record.hostConfig.dnsOptions ?? []
        plan.keepsSingleLabels = (options.isEmpty ? standard.options ?? [] : options).contains { $0.hasPrefix("ndots:") && $0 != "ndots:0" }
        return plan
    }

    /// Ports lead to the network with the default route; without one, or with one that publishes none, they are dropped, as in Docker.
    func portPlans(_ record: ContainerRecord, _ leases: [EndpointLease], _ bindings: PortMap? = nil) throws -> [PortPlan] {
        guard record.publishes || bindings != nil, let lease = leases.first(where: { $0.isGateway && $0.publishesPorts }) else { return [] }
        return try Publishing.plans(
            bindings: bindings ?? portBindings(of: record), exposed: record.exposedPorts,
            publishAll: bindings == nil && record.hostConfig.publishAllPorts, byDefault: lease.hostBinding ?? .anyV4,
            hasIPv6: FileSystem.exists("/proc/net/if_inet6"))
    }

    /// The container whose namespace another wants to share; it must run.
    func sharedContainer(_ reference: String, namespace: String, by record: ContainerRecord) throws -> ContainerRecord {
        let other: ContainerRecord
        do { other = try find(reference) } catch let fault as Fault where fault.kind == .notFound {
            // What there is not is not what the client asked for: "not found" would blame the container that starts.
            throw Fault(.internal, "joining \(namespace) namespace of container: \(fault.message)")
        }
        if other.id == record.id { throw Fault(.internal, "cannot join own \(namespace) namespace") }
        guard let living = try living(other) else {
            if namespace != "network" { throw Fault(.internal, "failed to join \(namespace) namespace: container \(other.id) is not running") }
            throw Fault(.conflict, "cannot join \(namespace) namespace of a non running container: container \(other.name) is \(try state(other).status)")
        }
        if living.pid <= 0 {
            throw Fault(
                .conflict, "cannot join \(namespace) namespace of container: Container \(reference) is restarting, wait until the container is running")
        }
        if namespace == "IPC", ["private", "none"].contains(other.hostConfig.ipcMode) {
            throw Fault(
                .invalid,
                "failed to join IPC namespace: container \(reference): non-shareable IPC (hint: use IpcMode:shareable for the donor container)")
        }
        return other
    }
}
