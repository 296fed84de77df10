internal import Diagnostics
internal import DockerAPI
internal import Linux
internal import NetworkPlumbing
internal import Values

extension Draft {
    /// The name of an auxiliary address, Docker's: containers' packets leave by it instead of by the host.
    static func gatewayName(_ family: IPAddress.Family) -> String { family == .v4 ? "DefaultGatewayIPv4" : "DefaultGatewayIPv6" }

    /// The network `bridge` as the settings want it. `ownName` is what its bridge is called that the administrator did not make; of one that he
    /// made, `addresses` are the host's on it, nil when it is not there. Throws Docker's errors.
    init(
        defaultBridge settings: DefaultBridgeSettings, id: Identifier, ownName: String, addresses: (String) throws -> [IPPrefix]?, free: (IPAddress.Family) throws -> IPPrefix
    ) throws {
        let name = settings.bridge.flatMap { $0.isEmpty ? nil : $0 }
        var present: [IPPrefix] = []
        if let name {
            guard let found = try addresses(name) else { throw Fault(.forbidden, "bridge device with non default name \(name) must be created manually") }
            present = found
        }
        var ranges: [IPAMConfig] = []
        func choose(_ family: IPAddress.Family, _ address: IPPrefix?, _ range: IPPrefix?, _ gateway: IPAddress?) throws {
            let own = present.filter { $0.address.family == family && ($0.address.isLinkLocal == (range?.address.isLinkLocal ?? false)) }
            let address = address ?? own.first { address in range.map { address.contains($0.first) } ?? true } ?? own.first
            if address == nil, range == nil, gateway == nil { return }
            let subnet = try address?.network ?? range?.network ?? free(family)
            ranges.append(
                IPAMConfig(
                    subnet: subnet.description, ipRange: range?.network.description ?? "", gateway: address?.address.description ?? "",
                    auxiliaryAddresses: gateway.map { [Self.gatewayName(family): $0.description] }))
        }
        try choose(.v4, settings.address, settings.range, settings.gateway)
        let hasIPv6 = settings.hasIPv6 ?? false
        if hasIPv6 { try choose(.v6, settings.addressV6, settings.rangeV6, settings.gatewayV6) }
        try AddressRules.check(ranges, enableIPv6: hasIPv6)
        self.init(
            id: id, .bridge,
            Network(
                name: "bridge", id: id.description, created: .now, scope: "local", driver: "bridge", enableIPv4: true, enableIPv6: hasIPv6,
                ipam: IPAM(driver: "default"),
                options: [
                    "com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.enable_icc": "\(settings.allowsContainers ?? true)",
                    "com.docker.network.bridge.enable_ip_masquerade": "\(settings.masquerades ?? true)",
                    BridgeOptions.bindingOption: settings.hostBinding?.description ?? "0.0.0.0", BridgeOptions.nameOption: name ?? ownName,
                    "com.docker.network.driver.mtu": "\(settings.mtu ?? 1500)",
                ]), ranges)
        try checkOptions()
    }
}
