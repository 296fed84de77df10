internal import Diagnostics
internal import DockerAPI
internal import NetworkPlumbing
internal import Values

/// What may be asked of a network for one container, with Docker's errors.
enum EndpointRules {
    static let sysctlOption = "com.docker.network.endpoint.sysctls"
    static let interfaceOption = "com.docker.network.endpoint.ifname"
    /// Most aliases of a container on one network: each is a file that others look into.
    private static let aliasLimit = 1024

    /// Throws unless an endpoint can be like that; `record` is nil while its network is not known.
    static func check(_ settings: EndpointSettings, on name: String, _ record: NetworkRecord? = nil) throws(Fault) {
        var problems: [String] = []
        let ipam = settings.ipamConfig ?? EndpointIPAMConfig()
        if Networks.reserved.contains(name) {
            if !ipam.ipv4Address.isEmpty || !ipam.ipv6Address.isEmpty { problems.append("user specified IP address is supported on user defined networks only") }
            if settings.aliases?.isEmpty == false { problems.append("network-scoped alias is supported only for containers in user defined networks") }
        }
        if let count = settings.aliases?.count, count > aliasLimit { problems.append("too many aliases: \(count), the most are \(aliasLimit)") }
        problems += self.problems(ipam)
        if let record {
            if let problem = outside(ipam.ipv4Address, record, .v4) { problems.append(problem) }
            if let problem = outside(ipam.ipv6Address, record, .v6) { problems.append(problem) }
        }
        if !settings.macAddress.isEmpty, MACAddress(settings.macAddress) == nil { throw Fault(.invalid, "invalid MAC address \(settings.macAddress)") }
        for sysctl in (settings.driverOpts?[sysctlOption] ?? "").split(separator: ",") where Self.sysctl(sysctl) == nil {
            problems.append(
                "unrecognised network interface sysctl '\(sysctl)'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'")
        }
        if let interface = settings.driverOpts?[interfaceOption], !DriverOptions.isInterfaceName(interface) || interface == "lo" {
            problems.append("invalid interface name '\(interface)'")
        }
        if !problems.isEmpty { throw Fault(.invalid, "invalid endpoint settings:\n\(AddressRules.join(problems))") }
    }

    private static func problems(_ ipam: EndpointIPAMConfig) -> [String] {
        func isUsable(_ text: String, _ family: IPAddress.Family) -> Bool { IPAddress(text).map { !$0.isUnspecified && $0.family == family } ?? false }
        var problems: [String] = []
        if !ipam.ipv4Address.isEmpty, !isUsable(ipam.ipv4Address, .v4) { problems.append("invalid IPv4 address: \(ipam.ipv4Address)") }
        if !ipam.ipv6Address.isEmpty, !isUsable(ipam.ipv6Address, .v6) { problems.append("invalid IPv6 address: \(ipam.ipv6Address)") }
        for address in ipam.linkLocalIPs ?? [] where linkLocal(address) == nil { problems.append("invalid link-local IP address: \(address)") }
        return problems
    }

    /// An address that only the link knows, with the length of their prefix: 169.254.0.0/16 (RFC 3927) or fe80::/64.
    static func linkLocal(_ text: String) -> IPPrefix? {
        guard let address = IPAddress(text) else { return nil }
        if address.family == .v6 { return address.isLinkLocal ? IPPrefix(address, length: 64) : nil }
        return address.value >> 16 == 0xa9fe ? IPPrefix(address, length: 16) : nil
    }

    private static func outside(_ text: String, _ record: NetworkRecord, _ family: IPAddress.Family) -> String? {
        guard !text.isEmpty, let address = IPAddress(text) else { return nil }
        let chosen = record.pools.filter { $0.isChosen && $0.subnet.first.family == family }
        if chosen.isEmpty { return "user specified IP address is supported only when connecting to networks with user configured subnets" }
        return chosen.contains { $0.contains(address) } ? nil : "no configured subnet or ip-range contain the IP address \(text)"
    }

    /// `net.ipv4.conf.IFNAME.rp_filter=1`: the key as `Attachment.sysctls` has it, and the value.
    static func sysctl(_ text: Substring) -> (key: String, value: String)? {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        var parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        // Names become a path: nothing in them may lead elsewhere.
        guard parts.count == 5, parts.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: "/")) && !$0.utf8.contains(0) }), parts[0] == "net",
            ["ipv4", "ipv6", "mpls"].contains(parts[1]), parts[3] == "IFNAME" || parts[3] == "ifname"
        else { return nil }
        parts[3] = "IFNAME"
        return (parts.dropFirst().joined(separator: "."), String(halves[1]))
    }

    /// Whether a container may be on both networks. Throws Docker's errors.
    static func check(_ new: NetworkRecord, beside others: [NetworkRecord], isHostMode: Bool) throws(Fault) {
        if new.driver == .host, !isHostMode {
            throw Fault(.invalid, "cannot connect container to host network - container must be created in host network mode")
        }
        for other in others where other.id != new.id {
            if other.driver == .host || new.driver == .host {
                throw Fault(.invalid, "container sharing network namespace with another container or host cannot be connected to any other network")
            }
            if other.network.name == "none" || new.network.name == "none" {
                throw Fault(.invalid, "container cannot be connected to multiple networks with one of the networks in private (none) mode")
            }
        }
    }
}
