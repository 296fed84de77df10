internal import Arguments

extension Root {
    /// Flags of the daemon about networks, by Docker's names and in its words; `daemon.json` has them too.
    static var daemonNetworkFlags: [Flag] {
        [
            .bool("allow-direct-routing", "Allow remote access to published ports on container IP addresses"),
            .value("bip", "IPv4 address for the default bridge"), .value("bip6", "IPv6 address for the default bridge"),
            .value("bridge", short: "b", "Attach containers to a network bridge (\"none\": to no network)"),
            .value("bridge-accept-fwmark", "In bridge networks, accept packets with this firewall mark/mask")
                .unsupported("put a rule for marked packets into the chain `admin` of the table `inet davit` instead"),
            .list("default-address-pool", type: "pool-options", "Default address pools for node specific local networks (base=CIDR,size=LENGTH)"),
            .value("default-gateway", type: "ip", "Default gateway IPv4 address for the default bridge network"),
            .value("default-gateway-v6", type: "ip", "Default gateway IPv6 address for the default bridge network"),
            .list("default-network-opt", type: "mapmap", "Default network options (DRIVER=OPTION=VALUE)"), .list("dns", "DNS server to use"),
            .list("dns-opt", "DNS options to use"), .list("dns-search", "DNS search domains to use"),
            .value("firewall-backend", "Firewall backend to use: nftables, there is no other"),
            .value("fixed-cidr", "IPv4 subnet for the default bridge network"), .value("fixed-cidr-v6", "IPv6 subnet for the default bridge network"),
            .list("host-gateway-ip", "IP addresses that the special 'host-gateway' string in --add-host resolves to"),
            .bool("icc", default: true, "Enable inter-container communication for the default bridge network"),
            .value("ip", type: "ip", "Host IP for port publishing from the default bridge network"),
            .bool("ip-forward", default: true, "Enable IP forwarding in system configuration"),
            .bool("ip-forward-no-drop", "When enabling IP forwarding, forward others' packets, too"),
            .bool("ip-masq", default: true, "Enable IP masquerading for the default bridge network"),
            .bool("iptables", default: true, "Rules are nftables' own; they cannot be switched off"),
            .bool("ip6tables", default: true, "The same for IPv6"), .bool("ipv6", "Enable IPv6 networking for the default bridge network"),
            .int("mtu", "Set the MTU for the default \"bridge\" network"),
            .bool("userland-proxy", "Taken for dockerd's sake: there is none, see docs/networking.md"),
            .value("userland-proxy-path", "Taken for dockerd's sake: there is none"),
        ]
    }

    /// Those that were given and mean something, with their values.
    static func daemonNetworkValues(_ flags: FlagValues) -> [String: [String]] {
        let given = daemonNetworkFlags.filter { flags.isSet($0.name) && !$0.name.hasPrefix("userland-proxy") }
        return Dictionary(
            given.map { flag in
                switch flag.kind {
                case .bool: (flag.name, [flags.bool(flag.name) ? "true" : "false"])
                case .single: (flag.name, [flags.string(flag.name)])
                case .list: (flag.name, flags.list(flag.name))
                }
            }
        ) { $1 }
    }
}
