internal import ComposeFile
internal import DockerAPI

extension ContainerDraft {
    /// The first network, and how each is joined.
    func network() throws -> (mode: String, [String: EndpointSettings]) {
        if !service.networkMode.isEmpty { return (service.networkMode, [:]) }
        let keys = Self.networksByPriority(service)
        guard let main = keys.first, let mode = project.networks[main]?.name else { return ("none", [:]) }
        let mainAddress = service.networks[main].flatMap { $0 }?.macAddress ?? ""
        if !service.macAddress.isEmpty, !mainAddress.isEmpty, mainAddress != service.macAddress {
            throw ComposeFileError("the service-level mac_address should have the same value as network \(main)")
        }
        var endpoints: [String: EndpointSettings] = [:]
        for key in keys {
            guard let network = project.networks[key] else { continue }
            var endpoint = endpoint(service.networks[key].flatMap { $0 })
            if key == main, endpoint.macAddress.isEmpty { endpoint.macAddress = service.macAddress }
            endpoints[network.name] = endpoint
        }
        return (mode, endpoints)
    }

    /// By `priority`, the highest first, then by name.
    static func networksByPriority(_ service: ComposeService) -> [String] {
        service.networks.keys.sorted { a, b in
            let first = service.networks[a].flatMap { $0 }?.priority ?? 0, second = service.networks[b].flatMap { $0 }?.priority ?? 0
            return (second, a) < (first, b)
        }
    }

    private func endpoint(_ place: ComposeAttachment?) -> EndpointSettings {
        var endpoint = EndpointSettings()
        endpoint.aliases = [containerName] + (usesAliases ? [name] + (place?.aliases ?? []) : [])
        endpoint.links = links.isEmpty ? nil : links
        guard let place else { return endpoint }
        endpoint.ipamConfig = EndpointIPAMConfig(
            ipv4Address: place.ipv4Address, ipv6Address: place.ipv6Address, linkLocalIPs: place.linkLocalIps.isEmpty ? nil : place.linkLocalIps)
        endpoint.macAddress = place.macAddress
        endpoint.gwPriority = place.gwPriority
        var options = place.driverOpts
        if !place.interfaceName.isEmpty { options["com.docker.network.endpoint.ifname"] = place.interfaceName }
        endpoint.driverOpts = options.isEmpty ? nil : options
        return endpoint
    }

    func exposed() throws -> [String] {
        var ports = service.ports.map { "\($0.target)/\($0.transport)" }
        for entry in service.expose {
            let parts = entry.split(separator: "/", maxSplits: 1), ends = parts.first?.split(separator: "-", maxSplits: 1) ?? []
            guard let first = ends.first.flatMap({ UInt16($0) }), let last = ends.last.flatMap({ UInt16($0) }), first <= last else {
                throw ComposeFileError("invalid range format for --expose: \(entry)")
            }
            for port in first...last { ports.append("\(port)/\(parts.count > 1 ? parts[1] : "tcp")") }
        }
        return ports
    }

    func portBindings() -> PortMap? {
        var map: [String: [PortBinding]?] = [:]
        for port in service.ports {
            let key = "\(port.target)/\(port.transport)"
            map[key] = .some((map[key].flatMap { $0 } ?? []) + [PortBinding(hostIp: port.hostIp, hostPort: port.published)])
        }
        return map
    }
}
