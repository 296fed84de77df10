import Diagnostics
import DockerAPI
import NetworkPlumbing
import Synchronization
import Testing
import Values

@testable import Networks

/// What cannot be made, in Docker's words.
@Suite struct CreateTests {
    private static func ipam(_ subnet: String, range: String = "", gateway: String = "", auxiliary: [String: String]? = nil) -> IPAM {
        IPAM(config: [IPAMConfig(subnet: subnet, ipRange: range, gateway: gateway, auxiliaryAddresses: auxiliary)])
    }

    private static func options(_ name: String, _ value: String) -> NetworkCreateRequest {
        NetworkCreateRequest(name: "n", options: ["com.docker.network.\(name)": value])
    }

    static let refused: [(NetworkCreateRequest, String)] = [
        (NetworkCreateRequest(name: ""), "invalid: invalid name: name is empty"),
        (NetworkCreateRequest(name: " "), "invalid: invalid name: name is empty"),
        (NetworkCreateRequest(name: "bridge"), "forbidden: operation is not permitted on predefined bridge network "),
        (NetworkCreateRequest(name: "host"), "forbidden: operation is not permitted on predefined host network "),
        (NetworkCreateRequest(name: "taken"), "conflict: network with name taken already exists"),
        (NetworkCreateRequest(name: "n", driver: "weave"), "notFound: plugin \"weave\" not found"),
        (NetworkCreateRequest(name: "n", driver: "host"), "forbidden: only one instance of \"host\" network is allowed"),
        (NetworkCreateRequest(name: "n", driver: "null"), "forbidden: only one instance of \"null\" network is allowed"),
        (NetworkCreateRequest(name: "n", ipam: IPAM(driver: "dhcp")), "notFound: plugin \"dhcp\" not found"),
        (NetworkCreateRequest(name: "n", scope: "swarm"), "forbidden: cannot create a swarm scoped network when swarm is not active"),
        (NetworkCreateRequest(name: "n", ingress: true), "forbidden: Ingress network can only be global scope network"),
        (NetworkCreateRequest(name: "n", enableIPv4: false), "invalid: IPv4 or IPv6 must be enabled"),
        (NetworkCreateRequest(name: "n", ipam: IPAM(driver: "null")), "invalid: ipv4 pool is empty"),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.1")),
            "invalid: invalid network config:\ninvalid subnet 10.1.0.1: invalid CIDR block notation"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.1/24")),
            "invalid: invalid network config:\ninvalid subnet 10.1.0.1/24: it should be 10.1.0.0/24"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.0/24", range: "10.1.0.0/16", gateway: "10.2.0.1")),
            "invalid: invalid network config:\n* invalid ip-range 10.1.0.0/16: CIDR block is bigger than its parent subnet 10.1.0.0/24\n"
                + "* invalid gateway 10.2.0.1: parent subnet 10.1.0.0/24 doesn't contain this address"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.0/24", range: "2001:db8::/80")),
            "invalid: invalid network config:\ninvalid ip-range 2001:db8::/80: parent subnet is an IPv4 block"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.0/24", range: "10.3.0.0/28")),
            "invalid: invalid network config:\ninvalid ip-range 10.3.0.0/28: parent subnet 10.1.0.0/24 doesn't contain ip-range"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.0/24", auxiliary: ["a": "x", "b": "10.9.0.1"])),
            "invalid: invalid network config:\n* invalid auxiliary address a: invalid address\n"
                + "* invalid auxiliary address b: parent subnet 10.1.0.0/24 doesn't contain this address"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.5.0.0/24")),
            "forbidden: invalid pool request: Pool overlaps with other one on this address space"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.0.0.0/8")),
            "forbidden: invalid pool request: Pool overlaps with other one on this address space"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: ipam("10.1.0.0/24", gateway: "10.1.0.5", auxiliary: ["x": "10.1.0.5"])),
            "internal: failed to allocate secondary ip address (x:10.1.0.5): Address already in use"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: IPAM(config: [IPAMConfig(subnet: "10.1.0.0/24"), IPAMConfig(subnet: "10.2.0.0/24")])),
            "forbidden: bridge driver doesn't support multiple subnets"
        ),
        (
            NetworkCreateRequest(name: "n", ipam: IPAM(config: Array(repeating: IPAMConfig(subnet: "10.1.0.0/24"), count: 257))),
            "invalid: too many subnets: 257, the most are 256"
        ),
        (
            NetworkCreateRequest(
                name: "n", ipam: ipam("10.1.0.0/16", auxiliary: Dictionary((1...4097).map { ("a\($0)", "10.1.\($0 / 256).\($0 % 256)") }) { $1 })),
            "invalid: too many auxiliary addresses: 4097, the most are 4096; see --ip-range"
        ),
        (NetworkCreateRequest(name: "n", ipam: ipam("127.8.0.0/16")), "invalid: loopback subnet '127.8.0.0/16' is not allowed"),
        (NetworkCreateRequest(name: "n", ipam: ipam("239.0.0.0/16")), "invalid: multicast subnet '239.0.0.0/16' is not allowed"),
        (NetworkCreateRequest(name: "n", enableIPv6: true, ipam: ipam("ff02::/64")), "invalid: multicast subnet 'ff02::/64' is not allowed"),
        (
            NetworkCreateRequest(name: "n", enableIPv6: true, ipam: ipam("fe80::/60")),
            "invalid: 'fe80::/60' clashes with the Link-Local prefix 'fe80::/64'"
        ),
        (
            options("bridge.enable_icc", "maybe"),
            "invalid: failed to parse com.docker.network.bridge.enable_icc value: true (strconv.ParseBool: parsing \"maybe\": invalid syntax)"
        ),
        (options("driver.mtu", "big"), "invalid: failed to parse com.docker.network.driver.mtu value: 0 (strconv.Atoi: parsing \"big\": invalid syntax)"),
        (options("driver.mtu", "-1"), "invalid: invalid MTU number: -1"),
        (options("advertise_addr_nmsgs", "4"), "invalid: com.docker.network.advertise_addr_nmsgs must be in the range 0 to 3"),
        (options("advertise_addr_ms", "x"), "invalid: value for option com.docker.network.advertise_addr_ms \"x\" must be integer milliseconds"),
        (options("bridge.host_binding_ipv4", "here"), "invalid: failed to parse com.docker.network.bridge.host_binding_ipv4 value: <nil> (nil ip)"),
        (
            options("bridge.gateway_mode_ipv4", "magic"),
            "invalid: failed to parse com.docker.network.bridge.gateway_mode_ipv4 value: magic (unknown gateway mode magic)"
        ),
        (options("bridge.gateway_mode_ipv4", "isolated"), "invalid: gateway mode 'isolated' can only be used for an internal network"),
        (options("bridge.name", "a/b"), "invalid: invalid bridge name: a/b"),
        (options("enable_ipv6", "perhaps"), "invalid: driver-opt \"com.docker.network.enable_ipv6\" is not a valid bool"),
        (
            NetworkCreateRequest(name: "n", internal: true, configOnly: true),
            "forbidden: configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported."
        ),
        (
            NetworkCreateRequest(name: "n", configFrom: ConfigReference(network: "c")),
            "notFound: configuration network \"c\" does not exist"
        ),
        (
            NetworkCreateRequest(name: "n", configFrom: ConfigReference(network: "c"), labels: ["a": "b"]),
            "forbidden: user specified configurations are not supported if the network depends on a configuration network"
        ),
        (
            NetworkCreateRequest(name: "n", driver: "macvlan", options: ["macvlan_mode": "odd"]),
            "internal: requested macvlan mode 'odd' is not valid, 'bridge' mode is the macvlan driver default"
        ),
        (NetworkCreateRequest(name: "n", driver: "macvlan", options: ["parent": "lo"]), "internal: loopback interface is not a valid macvlan parent link"),
        (
            NetworkCreateRequest(name: "n", driver: "ipvlan", options: ["ipvlan_mode": "l4"]),
            "internal: requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default"
        ),
        (
            NetworkCreateRequest(name: "n", driver: "overlay"),
            "invalid: an overlay network needs the addresses of the other hosts, as there is no swarm to tell them: --opt peers=ADDRESS[,ADDRESS...] or, where an etcd knows them, --opt etcd=URL[,URL...]"
        ),
        (NetworkCreateRequest(name: "n", driver: "overlay", options: ["etcd": "10.0.0.9:2379"]), "invalid: invalid etcd 10.0.0.9:2379: not an http or https URL"),
        (
            NetworkCreateRequest(name: "n", driver: "overlay", options: ["etcd": "https://10.0.0.9:2379", "etcd-cert": "/c.pem"]),
            "invalid: etcd-cert and etcd-key go together"
        ),
        (
            NetworkCreateRequest(name: "n", driver: "overlay", options: ["etcd": "https://10.0.0.9:2379", "etcd-ca": "ca.pem"]),
            "invalid: invalid file ca.pem: not an absolute path"
        ),
        (NetworkCreateRequest(name: "n", driver: "overlay", options: ["peers": "10.0.0.2,x"]), "invalid: invalid peer x: not an IP address"),
        (
            NetworkCreateRequest(name: "n", driver: "overlay", options: ["peers": "10.0.0.2", "vni": "16777216"]),
            "invalid: invalid vxlan id 16777216: it must be between 1 and 16777215"
        ),
        (
            NetworkCreateRequest(name: "n", driver: "overlay", options: ["peers": "10.0.0.2", "encrypted": ""]),
            "invalid: an encrypted overlay network needs a key that all of its hosts know: --opt key-file=PATH"
        ),
        (
            NetworkCreateRequest(name: "n", driver: "overlay", options: ["peers": "10.0.0.2", "encrypted": "", "key-file": "key"]),
            "invalid: invalid file key: not an absolute path"
        ),
    ]

    @Test(arguments: Self.refused.indices) func isRefused(_ index: Int) throws {
        let (request, words) = Self.refused[index]
        let root = try NetworkRoot()
        try root.create("taken", subnet: "10.5.0.0/16")
        #expect(fault { _ = try root.networks.create(request) } == words)
        #expect(try root.networks.list().map(\.name) == ["bridge", "host", "none", "taken"])
        // Nothing of it stays reserved.
        try root.create("after", subnet: "10.1.0.0/24")
    }

    @Test func bridgesThatCannotStandBesideEachOther() throws {
        let root = try NetworkRoot()
        let first = try root.create("a", options: ["com.docker.network.bridge.name": "mine"])
        let words = try #require(fault { try root.create("b", options: ["com.docker.network.bridge.name": "mine"]) })
        #expect(words.hasPrefix("forbidden: cannot create network "))
        #expect(words.hasSuffix(" (mine): conflicts with network \(first) (mine): networks have same bridge name"))
        try root.create("m", driver: "macvlan", options: ["parent": "eth7", "macvlan_mode": "passthru"])
        #expect(fault { try root.create("n", driver: "macvlan", options: ["parent": "eth7"]) }?.hasSuffix("in mode passthru") == true)
    }

    @Test func whatFailsOnTheHostLeavesNothing() throws {
        let root = try NetworkRoot()
        root.notes.failure.withLock { $0 = Fault(.internal, "no bridge today") }
        #expect(fault { try root.create("n", subnet: "10.1.0.0/24") } == "internal: no bridge today")
        #expect(root.notes.removed.withLock { $0.count } == 1)
        root.notes.failure.withLock { $0 = nil }
        try root.create("n", subnet: "10.1.0.0/24")
    }

    @Test func theHostsSideFollowsFromTheOptions() throws {
        let root = try NetworkRoot()
        let id = try root.create(
            "n", subnet: "10.1.0.0/24",
            options: [
                "com.docker.network.bridge.enable_icc": "false", "com.docker.network.bridge.enable_ip_masquerade": "0",
                "com.docker.network.driver.mtu": "1400", "com.docker.network.bridge.gateway_mode_ipv6": "nat-unprotected",
            ], isInternal: true)
        guard case .bridge(let plan, let firewall, let table) = try #require(root.notes.ensured.withLock { $0.first }) else { return #expect(Bool(false)) }
        #expect(plan == BridgePlan(name: "br-\(id.prefix(12))", owner: "\(table):\(id)", addresses: [try #require(IPPrefix("10.1.0.1/24"))], mtu: 1400))
        #expect(table == root.networks.firewallTable)
        #expect(table.hasPrefix("davit-"))
        #expect(table.utf8.count == 14)
        #expect(
            firewall
                == FirewallNetwork(bridge: plan.name, owner: "n", families: [], isInternal: true, allowsContainers: false, masquerades: [], sources: [], open: [.v6]))
    }

    @Test func aFirewallInTheWayIsToldOf() throws {
        let root = try NetworkRoot()
        root.notes.obstacles.withLock { $0 = ["ip filter FORWARD"] }
        let warning = try root.networks.create(NetworkCreateRequest(name: "a")).warning
        #expect(warning.hasPrefix("the firewall of this host drops forwarded packets (ip filter FORWARD): "))
        #expect(try root.networks.create(NetworkCreateRequest(name: "b", internal: true)).warning == "")
    }

    @Test func overlaysOfAnEtcd() throws {
        let root = try NetworkRoot()
        let id = try #require(
            Identifier(root.create("o", driver: "overlay", subnet: "10.1.0.0/24", options: ["etcd": "http://10.0.0.8:2379,http://10.0.0.9:2379", "vni": "7"])))
        guard case .bridge(let plan, _, _) = try #require(root.notes.ensured.withLock { $0.first }) else { return #expect(Bool(false)) }
        // Whoever asks the etcd keeps them.
        #expect(plan.overlay?.peers == nil)
        let membership = try #require(try root.networks.membership(of: id))
        #expect(membership.etcd == ["http://10.0.0.8:2379", "http://10.0.0.9:2379"] && membership.prefix == "/davit/overlay/7/")
        #expect(membership.directory.hasSuffix("/networks/\(id)"))
        let other = try #require(Identifier(root.create("p", driver: "overlay", options: ["peers": "192.0.2.2", "vni": "8"])))
        #expect(try root.networks.membership(of: other) == nil)
    }

    @Test func overlays() throws {
        let root = try NetworkRoot()
        try root.create("o", driver: "overlay", subnet: "10.1.0.0/24", range: "10.1.0.64/26", options: ["peers": "192.0.2.2,192.0.2.3", "vni": "7"])
        guard case .bridge(let plan, _, _) = try #require(root.notes.ensured.withLock { $0.first }) else { return #expect(Bool(false)) }
        #expect(plan.overlay?.identifier == 7)
        #expect(plan.overlay?.peers?.map(\.description) == ["192.0.2.2", "192.0.2.3"])
        #expect(plan.mtu == 1450)
        #expect(plan.addresses.isEmpty)
        let (_, leases) = try root.start("a", on: ["o": EndpointSettings()])
        #expect(root.address(leases) == "10.1.0.64")
        #expect(leases[0].attachment?.mtu == 1450)
        #expect(leases[0].isGateway == false)
    }

    @Test func encryptedOverlays() throws {
        let root = try NetworkRoot()
        func create(_ name: String, _ options: [String: String]) throws {
            try root.create(name, driver: "overlay", options: options.merging(["etcd": "http://10.0.0.9:2379"]) { $1 })
        }
        try create("o", ["encrypted": "", "vni": "7"])
        guard case .bridge(let plan, _, _) = try #require(root.notes.ensured.withLock { $0.first }) else { return #expect(Bool(false)) }
        #expect(plan.overlay?.isEncrypted == true && plan.overlay?.port == 61007 && plan.mtu == 1416)
        // The same number, and so the same port.
        #expect(fault { try create("p", ["vni": "4507", "encrypted": "true"]) }?.hasSuffix(": an encrypted network has a port of its own, and networks have the same") == true)
        #expect(fault { try create("p", ["vni": "8", "port": "61007"]) }?.hasSuffix(": an encrypted network has a port of its own, and networks have the same") == true)
        try create("p", ["vni": "4507", "encrypted": "true", "port": "4790"])
        try create("q", ["vni": "8"])
        try create("r", ["vni": "9"])
    }

    @Test func configurationNetworks() throws {
        let root = try NetworkRoot()
        _ = try root.networks.create(
            NetworkCreateRequest(name: "c", ipam: Self.ipam("10.1.0.0/24"), configOnly: true, options: ["com.docker.network.driver.mtu": "1300"], labels: ["a": "b"]))
        _ = try root.networks.create(NetworkCreateRequest(name: "n", driver: "bridge", configFrom: ConfigReference(network: "c")))
        let network = try root.networks.resolve("n")
        #expect(network.options == ["com.docker.network.driver.mtu": "1300"])
        #expect(network.labels == ["a": "b"])
        #expect(network.ipam.config?.first?.subnet == "10.1.0.0/24")
        #expect(fault { try root.networks.remove("c") } == "forbidden: error while removing network: configuration network \"c\" is in use")
        #expect(fault { _ = try root.start("x", on: ["c": EndpointSettings()]) } == "forbidden: cannot create endpoint on configuration-only network")
        try root.networks.remove("n")
        try root.networks.remove("c")
    }
}
