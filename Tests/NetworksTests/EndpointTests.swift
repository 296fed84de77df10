import Database
import Diagnostics
import DockerAPI
import Linux
import NetworkPlumbing
import Synchronization
import Testing
import Values

@testable import Networks

@Suite struct EndpointTests {
    @Test func interfacesAndDefaultRoutesFollowDockersOrder() throws {
        let root = try NetworkRoot()
        try root.create("z", subnet: "10.1.0.0/24")
        try root.create("a", subnet: "10.2.0.0/24")
        try root.create("inside", subnet: "10.3.0.0/24", isInternal: true)
        let (_, leases) = try root.start("c", on: ["z": EndpointSettings(), "a": EndpointSettings(), "inside": EndpointSettings()], first: "z")
        #expect(leases.map(\.network) == ["z", "a", "inside"])
        #expect(leases.map { $0.attachment?.interface } == ["eth0", "eth1", "eth2"])
        #expect(leases.map(\.isGateway) == [false, true, false])
        #expect(leases.map(\.publishesPorts) == [true, true, false])
        #expect(leases[2].settings.gateway == "")
        let (_, more) = try root.start("d", on: ["z": EndpointSettings(gwPriority: 1), "a": EndpointSettings()], first: "a")
        #expect(more.filter(\.isGateway).map(\.network) == ["z"])
    }

    @Test func whatInspectShows() throws {
        let root = try NetworkRoot()
        let network = try root.create("n", subnet: "10.1.0.0/24")
        let wish = EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: "10.1.0.9"), aliases: ["DB"], macAddress: "02:00:00:00:00:07")
        let (id, leases) = try root.start("web", on: ["n": wish])
        let settings = try #require(root.networks.endpoints(of: id)["n"])
        #expect(settings == leases[0].settings)
        #expect(settings.networkID == network)
        #expect(settings.endpointID.utf8.count == 64)
        #expect(settings.ipAddress == "10.1.0.9")
        #expect(settings.macAddress == "02:00:00:00:00:07")
        #expect(settings.dnsNames == ["web", "db", id.short, "host-of-web"])
        let shown = try root.networks.inspect("n").containers
        #expect(shown[id.description]?.name == "web")
        #expect(shown[id.description]?.ipv4Address == "10.1.0.9/24")
        try root.stop(id)
        #expect(try root.networks.inspect("n").containers == [:])
        let stopped = try #require(root.networks.endpoints()[id]?["n"])
        #expect(stopped.ipAddress == "")
        #expect(stopped.networkID == network)
        #expect(stopped.aliases == ["DB"])
        try root.database.transaction { t in try Networks.forget(id, in: t) }
        #expect(try root.networks.endpoints().isEmpty)
    }

    @Test func theDefaultBridgeHasNoNames() throws {
        let root = try NetworkRoot()
        let (_, leases) = try root.start("c", on: ["default": EndpointSettings()])
        #expect(leases[0].network == "bridge")
        #expect(!leases[0].resolvesNames)
        #expect(leases[0].attachment?.names == [])
        #expect(leases[0].settings.ipAddress == "172.17.0.2")
        #expect(leases[0].hostBinding == nil)
        let aliased = EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: "172.17.0.9"), aliases: ["x"])
        #expect(
            fault { _ = try root.start("d", on: ["bridge": aliased]) }
                == "invalid: invalid endpoint settings:\n* user specified IP address is supported on user defined networks only\n"
                + "* network-scoped alias is supported only for containers in user defined networks")
    }

    @Test("D94: where ports are published that do not say") func publishDefault() throws {
        let root = try NetworkRoot()
        try root.create("own", options: [BridgeOptions.bindingOption: "192.0.2.7"])
        try root.create("plain")
        func bindings() throws -> [String] {
            try ["bridge", "own", "plain"].map { try root.start("c-\($0)", on: [$0: EndpointSettings()]).1[0].hostBinding?.description ?? "all" }
        }
        #expect(try bindings() == ["all", "192.0.2.7", "all"])
        for (setting, expected) in [("loopback", "127.0.0.1"), ("198.51.100.1", "198.51.100.1"), ("all", "all")] {
            try FileSystem.replace(root.paths.configuration, with: Array("{\"publish-default\": \"\(setting)\"}".utf8))
            #expect(try bindings() == [expected, "192.0.2.7", expected])
        }
        for wrong in ["{\"publish-default\": \"somewhere\"}", "{\"publish-default\": 1}", "[", "[]"] {
            try FileSystem.replace(root.paths.configuration, with: Array(wrong.utf8))
            #expect(fault { _ = try bindings() }?.hasPrefix("internal: read \(root.paths.configuration): ") == true)
        }
    }

    @Test func hostAndNoneHaveNoInterface() throws {
        let root = try NetworkRoot()
        for name in ["host", "none"] {
            let (id, leases) = try root.start("c-\(name)", on: [name: EndpointSettings()])
            #expect(leases.map(\.network) == [name])
            #expect(leases[0].attachment == nil)
            #expect(try root.networks.inspect(name).containers[id.description]?.ipv4Address == "")
            #expect(fault { _ = try root.networks.connect(NetworkMember(id: id, name: "c", hostname: ""), to: "bridge", EndpointSettings(), isRunning: true) } != nil)
        }
    }

    @Test func badWishesAreRefusedAtOnce() throws {
        let root = try NetworkRoot()
        try root.create("auto")
        func words(_ settings: EndpointSettings, on network: String = "later") -> String? {
            fault { _ = try root.start("c", on: [network: settings]) }
        }
        #expect(words(EndpointSettings()) == "notFound: network later not found")
        let addresses = EndpointIPAMConfig(ipv4Address: "::1", ipv6Address: "10.0.0.1", linkLocalIPs: ["x", "169.253.5.5", "2001:db8::89", "169.254.5.5", "fe80::89"])
        #expect(
            words(EndpointSettings(ipamConfig: addresses))
                == "invalid: invalid endpoint settings:\n* invalid IPv4 address: ::1\n* invalid IPv6 address: 10.0.0.1\n* invalid link-local IP address: x\n"
                + "* invalid link-local IP address: 169.253.5.5\n* invalid link-local IP address: 2001:db8::89")
        #expect(words(EndpointSettings(macAddress: "02:00")) == "invalid: invalid MAC address 02:00")
        #expect(words(EndpointSettings(driverOpts: [EndpointRules.sysctlOption: "net.ipv4.conf.../../x=1"]))?.contains("unrecognised network interface sysctl") == true)
        #expect(words(EndpointSettings(aliases: Array(repeating: "a", count: 1025)))?.contains("too many aliases: 1025, the most are 1024") == true)
        #expect(words(EndpointSettings(driverOpts: [EndpointRules.interfaceOption: "a/b"]))?.contains("invalid interface name 'a/b'") == true)
        #expect(
            words(EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: "172.18.0.9")), on: "auto")
                == "invalid: invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets")
        // Nothing of all that holds an address.
        #expect(root.address(try root.start("d", on: ["auto": EndpointSettings()]).1) == "172.18.0.2")
    }

    @Test func connectedAndDisconnectedWhileItRuns() throws {
        let root = try NetworkRoot()
        try root.create("a", subnet: "10.1.0.0/24")
        try root.create("b", subnet: "10.2.0.0/24")
        let (id, _) = try root.start("c", on: ["b": EndpointSettings()], first: "b")
        let member = NetworkMember(id: id, name: "c", hostname: "h")
        let joined = try #require(try root.networks.connect(member, to: "a", EndpointSettings(aliases: ["x"]), isRunning: true))
        #expect(joined.attachment?.interface == "eth1")
        #expect(joined.isGateway)
        #expect(try root.networks.leases(of: id).map(\.isGateway) == [false, true])
        #expect(try root.networks.connect(member, to: "a", EndpointSettings(), isRunning: true) == joined)
        #expect(fault { _ = try root.networks.connect(member, to: "nope", EndpointSettings(), isRunning: true) } == "notFound: network nope not found")
        try root.networks.disconnect(id, from: "a")
        #expect(try root.networks.leases(of: id).map(\.isGateway) == [true])
        #expect(fault { try root.networks.disconnect(id, from: "a") } == "internal: container \(id) is not connected to network a")
        #expect(fault { try root.networks.disconnect(id, from: "nope") } == "notFound: network nope not found")
        // The address is free again.
        #expect(root.address(try root.start("d", on: ["a": EndpointSettings()]).1) == "10.1.0.2")
    }

    @Test func whatFailsOnTheHostIsNotConnected() throws {
        let root = try NetworkRoot()
        try root.create("a", subnet: "10.1.0.0/24")
        let (id, _) = try root.start("c", on: [:])
        root.notes.failure.withLock { $0 = Fault(.internal, "no bridge today") }
        let member = NetworkMember(id: id, name: "c", hostname: "h")
        #expect(fault { _ = try root.networks.connect(member, to: "a", EndpointSettings(), isRunning: true) } == "internal: no bridge today")
        #expect(try root.networks.endpoints(of: id).isEmpty)
        root.notes.failure.withLock { $0 = nil }
        #expect(try root.networks.connect(member, to: "a", EndpointSettings(), isRunning: true)?.settings.ipAddress == "10.1.0.2")
    }

    @Test func renamedContainersAnswerToTheNewName() throws {
        let root = try NetworkRoot()
        try root.create("a")
        let (id, _) = try root.start("old", on: ["a": EndpointSettings(aliases: ["also"])])
        try root.database.transaction { t in try Networks.rename(id, to: "New", in: t) }
        #expect(try root.networks.leases(of: id)[0].attachment?.names == ["new", "also", id.short, "host-of-old"])
        #expect(try root.networks.inspect("a").containers[id.description]?.name == "New")
    }

    @Test func aNetworkMadeAgainIsFoundByItsName() throws {
        let root = try NetworkRoot()
        try root.create("a", subnet: "10.1.0.0/24")
        let (id, _) = try root.start("c", on: ["a": EndpointSettings()])
        try root.stop(id)
        try root.networks.remove("a")
        let member = NetworkMember(id: id, name: "c", hostname: "h")
        #expect(fault { _ = try root.database.transaction { t in try root.networks.lease(member, in: t) } } == "notFound: network a not found")
        try root.create("a", subnet: "10.9.0.0/24")
        let leases = try root.database.transaction { t in try root.networks.lease(member, in: t) }
        #expect(root.address(leases) == "10.9.0.2")
    }

    @Test func aSecondLifeDoesNotLeakTheFirst() throws {
        let root = try NetworkRoot()
        try root.create("a", subnet: "10.1.0.0/30")
        let (id, _) = try root.start("c", on: ["a": EndpointSettings()])
        let leases = try root.database.transaction { t in try root.networks.lease(NetworkMember(id: id, name: "c", hostname: "h"), in: t) }
        #expect(root.address(leases) == "10.1.0.2")
    }

    @Test func interfaceNamesAndSysctls() throws {
        let root = try NetworkRoot()
        try root.create("a", options: [BridgeOptions.prefixOption: "net", "com.docker.network.advertise_addr_nmsgs": "0"])
        try root.create("b")
        let wish = EndpointSettings(driverOpts: [EndpointRules.interfaceOption: "wan", EndpointRules.sysctlOption: "net.ipv4.conf.IFNAME.rp_filter=2"])
        let (_, leases) = try root.start("c", on: ["a": EndpointSettings(), "b": wish])
        #expect(leases.map { $0.attachment?.interface } == ["net0", "wan"])
        #expect(leases[0].attachment?.sysctls == ["ipv4.conf.IFNAME.arp_notify": "0"])
        #expect(leases[1].attachment?.sysctls == ["ipv4.conf.IFNAME.rp_filter": "2"])
    }

    @Test func routersOfTheLANAreOnlyThoseThatSomebodyNamed() throws {
        let root = try NetworkRoot()
        try root.create("m", driver: "macvlan", subnet: "10.1.0.0/24", options: ["parent": "eth0"])
        try root.create("i", driver: "ipvlan", subnet: "10.2.0.0/24", gateway: "10.2.0.254", options: ["parent": "eth0"])
        try root.create("l3", driver: "ipvlan", subnet: "10.3.0.0/24", gateway: "10.3.0.254", options: ["parent": "eth1", "ipvlan_mode": "l3s"])
        for (name, address, gateways, shown) in [
            ("m", "10.1.0.1", [], ""), ("i", "10.2.0.1", ["10.2.0.254"], "10.2.0.254"), ("l3", "10.3.0.1", ["0.0.0.0"], ""),
        ] {
            let (_, leases) = try root.start("on-\(name)", on: [name: EndpointSettings()])
            #expect(root.address(leases) == address)
            #expect(leases[0].attachment?.gateways.map(\.description) == gateways && leases[0].settings.gateway == shown)
        }
    }

    @Test func macvlanStandsOnItsParent() throws {
        let root = try NetworkRoot()
        try root.create("m", driver: "macvlan", subnet: "10.1.0.0/24", gateway: "10.1.0.254", options: ["parent": "eth0.10", "macvlan_mode": "private"])
        let id = try root.create("own", driver: "macvlan", subnet: "10.2.0.0/24")
        let (_, leases) = try root.start("c", on: ["m": EndpointSettings(), "own": EndpointSettings()])
        #expect(leases[0].attachment?.link == .macvlan(parent: "eth0.10", mode: "private"))
        #expect(leases[0].attachment?.gateways.map(\.description) == ["10.1.0.254"])
        #expect(leases[0].host == .parent(name: "eth0.10", kind: "macvlan", network: try root.networks.resolve("m").id))
        #expect(leases[1].attachment?.link == .macvlan(parent: "dm-\(id.prefix(12))", mode: "bridge"))
        #expect(leases[1].settings.ipAddress == "10.2.0.1")
        #expect(leases.map(\.publishesPorts) == [false, false])
    }
}
