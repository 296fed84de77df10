internal import Diagnostics
internal import Values

/// What `--opt com.docker.network.…` says of a bridge.
struct BridgeOptions: Sendable, Hashable {
    enum GatewayMode: String { case nat, natUnprotected = "nat-unprotected", routed, isolated }

    static let nameOption = "com.docker.network.bridge.name"
    static let bindingOption = "com.docker.network.bridge.host_binding_ipv4"
    static let prefixOption = "com.docker.network.container_iface_prefix"

    var name: String
    var mtu: Int
    var masquerades: Bool
    var modeV4: GatewayMode
    var modeV6: GatewayMode
    var allowsContainers: Bool
    /// The bridge gets no IPv4 address.
    var inhibitsIPv4: Bool
    /// Where ports are published that name no address.
    var hostBinding: IPAddress?
    /// Addresses that containers' packets leave the host with.
    var sources: [IPAddress]
    /// Interfaces of the host by which published ports are reached at the containers' own addresses.
    var trustedInterfaces: [String]

    /// Throws Docker's errors for values that are none.
    init(_ values: [String: String], id: Identifier, isInternal: Bool) throws(Fault) {
        let options = DriverOptions(values: values)
        func option(_ name: String) -> String { "com.docker.network.bridge.\(name)" }
        name = values[Self.nameOption].flatMap { $0.isEmpty ? nil : $0 } ?? "br-\(id.short)"
        guard DriverOptions.isInterfaceName(name) else { throw Fault(.invalid, "invalid bridge name: \(name)") }
        mtu = try options.mtu()
        masquerades = try options.bool(option("enable_ip_masquerade"), default: true)
        modeV4 = try Self.mode(option("gateway_mode_ipv4"), values)
        modeV6 = try Self.mode(option("gateway_mode_ipv6"), values)
        allowsContainers = try options.bool(option("enable_icc"), default: true)
        inhibitsIPv4 = try options.bool(option("inhibit_ipv4"), default: false)
        hostBinding = try options.address(Self.bindingOption)
        sources = [try options.address("com.docker.network.host_ipv4"), try options.address("com.docker.network.host_ipv6")].compactMap { $0 }
        trustedInterfaces = (values[option("trusted_host_interfaces")] ?? "").split(separator: ":").map(String.init)
        for name in trustedInterfaces where !DriverOptions.isInterfaceName(name) { throw Fault(.invalid, "invalid trusted interface name: \(name)") }
        if modeV4 == .isolated || modeV6 == .isolated, !isInternal {
            throw Fault(.invalid, "gateway mode 'isolated' can only be used for an internal network")
        }
        let prefix = values[Self.prefixOption] ?? ""
        // An interface's number must fit behind it.
        guard prefix.isEmpty || DriverOptions.isInterfaceName(prefix + "000") else { throw Fault(.invalid, "invalid container interface prefix: \(prefix)") }
    }

    private static func mode(_ name: String, _ values: [String: String]) throws(Fault) -> GatewayMode {
        guard let text = values[name] else { return .nat }
        guard let mode = GatewayMode(rawValue: text) else {
            throw Fault(.invalid, "failed to parse \(name) value: \(text) (unknown gateway mode \(text))")
        }
        return mode
    }

    /// Whether the network keeps an address for the host.
    func needsGateway(_ family: IPAddress.Family, isInternal: Bool) -> Bool {
        family == .v4 ? modeV4 != .isolated && !(inhibitsIPv4 && isInternal) : modeV6 != .isolated
    }

    /// Whether the bridge itself has the gateway's address.
    func hasAddress(_ family: IPAddress.Family) -> Bool { family == .v4 ? modeV4 != .isolated && !inhibitsIPv4 : modeV6 != .isolated }

    /// Families whose packets leave with the host's address.
    var masqueradedFamilies: Set<IPAddress.Family> {
        func translates(_ mode: GatewayMode) -> Bool { mode == .nat || mode == .natUnprotected }
        var families: Set<IPAddress.Family> = []
        if masquerades, translates(modeV4) { families.insert(.v4) }
        if masquerades, translates(modeV6) { families.insert(.v6) }
        return families
    }

    /// Families that are not translated; their published ports are opened at the containers' own addresses.
    var routedFamilies: [IPAddress.Family] { families(.routed) }

    /// Families of which every port is reached from outside, published or not.
    var openFamilies: [IPAddress.Family] { families(.natUnprotected) }

    private func families(_ mode: GatewayMode) -> [IPAddress.Family] { (modeV4 == mode ? [.v4] : []) + (modeV6 == mode ? [.v6] : []) }
}
