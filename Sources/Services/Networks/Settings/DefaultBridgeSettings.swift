internal import Diagnostics
package import JSON
internal import Values

/// What `daemon.json` and the daemon's flags say of the network `bridge`, by Docker's names; see dockerd(8).
package struct DefaultBridgeSettings: JSONRecord, Sendable, Hashable {
    /// `none` for no such network, or a bridge that the administrator has made.
    var bridge: String?
    /// The host's own address on it, with the length of the subnet.
    var address: IPPrefix?
    var addressV6: IPPrefix?
    /// Where containers get their addresses; the whole subnet where none is named.
    var range: IPPrefix?
    var rangeV6: IPPrefix?
    /// Where packets leave by, when that is not the host.
    var gateway: IPAddress?
    var gatewayV6: IPAddress?
    var allowsContainers: Bool?
    var hasIPv6: Bool?
    var masquerades: Bool?
    /// Bytes.
    var mtu: Int?
    /// Where ports are published that name no address.
    var hostBinding: IPAddress?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("bridge", &bridge, .unlessNil)
        try m("bip", &address, .unlessNil)
        try m("bip6", &addressV6, .unlessNil)
        try m("fixed-cidr", &range, .unlessNil)
        try m("fixed-cidr-v6", &rangeV6, .unlessNil)
        try m("default-gateway", &gateway, .unlessNil)
        try m("default-gateway-v6", &gatewayV6, .unlessNil)
        try m("icc", &allowsContainers, .unlessNil)
        try m("ipv6", &hasIPv6, .unlessNil)
        try m("ip-masq", &masquerades, .unlessNil)
        try m("mtu", &mtu, .unlessNil)
        try m("ip", &hostBinding, .unlessNil)
    }

    /// Throws, partly in Docker's words, for what cannot be.
    func check() throws(Fault) {
        if bridge?.isEmpty == false, address != nil { throw Fault(.invalid, "You specified -b & --bip, mutually exclusive options. Please specify only one") }
        if bridge?.isEmpty == false, addressV6 != nil { throw Fault(.invalid, "You specified -b & --bip6, mutually exclusive options. Please specify only one") }
        let addresses: [(String, IPAddress?, IPAddress.Family)] = [
            ("bip", address?.address, .v4), ("fixed-cidr", range?.address, .v4), ("default-gateway", gateway, .v4),
            ("bip6", addressV6?.address, .v6), ("fixed-cidr-v6", rangeV6?.address, .v6), ("default-gateway-v6", gatewayV6, .v6),
        ]
        for (name, address, family) in addresses {
            if let address, address.family != family { throw Fault(.invalid, "invalid \(name): \(address) is not an \(family == .v4 ? "IPv4" : "IPv6") address") }
        }
        if let rangeV6 { try AddressRules.checkBridge(rangeV6.network) }
    }

    /// No network `bridge` at all: containers that name no network have none.
    var isDisabled: Bool { bridge == "none" }
}
