package import Diagnostics
package import JSON
internal import Settings
package import Values

/// What `daemon.json` and the daemon's flags say of networks, by Docker's names; see dockerd(8). The file is read anew each time, by every process;
/// what the flags say, a daemon writes into the database as it starts.
package struct NetworkDefaults: JSONRecord, Sendable, Hashable {
    /// `{"base": "10.10.0.0/16", "size": 24}`: where subnets come from that nobody chose.
    package struct AddressPool: Codable, Sendable, Hashable {
        package var base: IPPrefix
        /// The length of the subnets' prefixes.
        package var size: Int
    }

    var defaultBridge = DefaultBridgeSettings()
    package var addressPools: [AddressPool]?
    /// Options of new networks that do not have them, by driver.
    var networkOptions: [String: [String: String]]?
    /// Published ports are reached at containers' own addresses, too, by who has a route.
    var allowsDirectRouting: Bool?
    /// False leaves it to the administrator to have the host forward.
    var forwards: Bool?
    /// A host that forwards because Davit needs it forwards for everybody.
    var forwardsOthers: Bool?
    package var servers: [IPAddress]?
    package var search: [String]?
    package var options: [String]?
    /// What `host-gateway` means.
    package var hostGateways: [IPAddress]?
    /// Three that can have one value only.
    private var iptables: Bool?
    private var ip6tables: Bool?
    private var firewallBackend: String?
    private var acceptMark: String?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try defaultBridge.members(&m)
        try m("default-address-pools", &addressPools, .unlessNil)
        try m("default-network-opts", &networkOptions, .unlessNil)
        try m("allow-direct-routing", &allowsDirectRouting, .unlessNil)
        try m("ip-forward", &forwards, .unlessNil)
        try m("ip-forward-no-drop", &forwardsOthers, .unlessNil)
        try m("dns", &servers, .unlessNil)
        try m("dns-search", &search, .unlessNil)
        try m("dns-opts", &options, .unlessNil)
        // Its name until there could be several.
        var old: IPAddress?
        try m("host-gateway-ip", &old, .unlessNil)
        try m("host-gateway-ips", &hostGateways, .unlessNil)
        if let old, hostGateways == nil { hostGateways = [old] }
        try m("iptables", &iptables, .unlessNil)
        try m("ip6tables", &ip6tables, .unlessNil)
        try m("firewall-backend", &firewallBackend, .unlessNil)
        try m("bridge-accept-fwmark", &acceptMark, .unlessNil)
    }

    /// Those of `daemon.json`. Throws for what is wrong with the file.
    static func read() throws(Fault) -> NetworkDefaults {
        let file = try DaemonFile.file()
        do {
            let settings = try NetworkDefaults(json: .object(file.settings))
            try settings.check()
            return settings
        } catch { throw Fault(.invalid, "cannot read \(file.path): \(error)", cause: error) }
    }

    /// Throws for what is wrong with the file or this process's flags.
    package static func check() throws(Fault) { _ = try read().overridden(by: .flags()) }

    /// Those of the process's flags.
    package static func flags() throws(Fault) -> NetworkDefaults {
        do { return try NetworkDefaults(json: .object(DaemonFile.flags)) } catch { throw Fault(.invalid, "\(error)", cause: error) }
    }

    /// With what `flags` say instead.
    func overridden(by flags: NetworkDefaults) throws(Fault) -> NetworkDefaults {
        if flags == NetworkDefaults() { return self }
        do {
            var object = json.object ?? JSONObject()
            for member in flags.json.object?.members ?? [] { object[member.name] = member.value }
            let all = try NetworkDefaults(json: .object(object))
            try all.check()
            return all
        } catch { throw Fault(.invalid, "\(error)", cause: error) }
    }

    /// Throws for what cannot be, and for what Davit does not do.
    private func check() throws(Fault) {
        try defaultBridge.check()
        for pool in addressPools ?? [] {
            let base = pool.base
            guard base == base.network else { throw Fault(.invalid, "invalid default address pool \(base): it should be \(base.network)") }
            guard (base.length...base.address.family.bits - 1).contains(pool.size) else {
                throw Fault(.invalid, "invalid default address pool \(base): subnets of /\(pool.size) cannot be cut from it")
            }
        }
        if iptables == false || ip6tables == false {
            throw Fault(.invalid, "iptables and ip6tables cannot be false: networks are nothing but rules, in a table of their own (nft list table inet davit)")
        }
        if let firewallBackend, !["", "nftables"].contains(firewallBackend) {
            throw Fault(.invalid, "invalid firewall-backend: \(firewallBackend): rules are nftables' own, there is no other backend")
        }
        if acceptMark?.isEmpty == false {
            throw Fault(.invalid, "bridge-accept-fwmark is not there: put a rule for marked packets into the table's chain `admin` instead")
        }
    }
}
