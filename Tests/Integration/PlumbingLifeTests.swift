import Linux
import NetworkPlumbing
import Testing
import Values

extension Integration {
    /// Networks that come and go beside others, on a host made of namespaces.
    @Suite struct PlumbingLifeTests {
        let lab: Lab

        init() throws { lab = try Lab() }

        @Test("the administrator's chain comes first and outlives networks") func admin() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            let box = try host.container("br-a", 2)
            let server = try Probe(at: 80, of: box)
            try box.publish(8080, to: 80)
            try box.publish(8081, to: 80)
            #expect(try lab.host.shell("nft add rule inet davit admin iifname eth0 meta l4proto tcp ct original proto-dst 8080 drop").code == 0)
            #expect(try server.isOutOfReach(from: lab.peer, at: Lab.hostAddress, 8080))
            #expect(try server.reached(from: lab.peer, at: Lab.hostAddress, 8081) == Lab.peerAddress)
            #expect(try server.reached(from: lab.host, at: "127.0.0.1", 8080) != nil)
            // As ufw and others do it: a table of one's own, earlier.
            _ = try lab.host.shell(
                "nft 'add table inet mine; add chain inet mine forward { type filter hook forward priority -10; }; add rule inet mine forward meta l4proto tcp ct original proto-dst 8081 drop'"
            )
            #expect(try server.isOutOfReach(from: lab.peer, at: Lab.hostAddress, 8081))
            try host.clear([box])
            #expect(try lab.host.shell("nft list chain inet davit admin").out.contains("8080"))
            #expect(try lab.host.shell("nft flush chain inet davit admin").code == 0)
            try host.clear()
            #expect(try lab.host.shell("nft list tables").out == "table inet mine\n")
        }

        @Test("rules of others that drop everything are told") func obstacles() throws {
            #expect(try lab.host.visit { try Firewall.obstacles() }.isEmpty)
            _ = try lab.host.shell("nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'")
            #expect(try lab.host.visit { try Firewall.obstacles() } == ["ip filter FORWARD"])
        }

        @Test("two roots on one host do not disturb each other") func twoRoots() throws {
            let one = PlumbedHost(lab.host), two = PlumbedHost(lab.host, table: "davit_two", subnets: 30)
            try one.network("br-one")
            try two.network("br-two")
            let first = try one.container("br-one", 2), second = try two.container("br-two", 2)
            let firstServer = try Probe(at: 80, of: first), secondServer = try Probe(at: 80, of: second)
            try first.publish(8080, to: 80)
            #expect(throws: PlumbingError.port(.tcp, .anyV4, 8080, .addressInUse, owner: nil)) { try second.publish(8080, to: 80) }
            try second.publish(8081, to: 80)
            #expect(try firstServer.reached(from: lab.peer, at: Lab.hostAddress, 8080) == Lab.peerAddress)
            #expect(try secondServer.reached(from: lab.peer, at: Lab.hostAddress, 8081) == Lab.peerAddress)
            #expect(try secondServer.reached(from: first, at: Lab.hostAddress, 8081) != nil)
            #expect(try secondServer.isOutOfReach(from: first, at: two.address("br-two", 2), 80))
            try one.clear([first])
            #expect(try secondServer.reached(from: lab.peer, at: Lab.hostAddress, 8081) == Lab.peerAddress)
            try two.clear([second])
            #expect(try lab.host.shell("nft list tables; ip -br link show type bridge").out.isEmpty)
        }

        @Test("a host that forwarded nothing goes on to forward nothing of others") func closed() throws {
            let other = try NetworkSpace()
            try NetworkSpace.connect(lab.host, ["198.51.100.1/24"], other, ["198.51.100.2/24"], interface: "eth1")
            try lab.peer.route(by: Lab.hostAddress)
            try other.route(by: "198.51.100.1", interface: "eth1")
            func forwarding() throws -> String { try lab.host.shell("cat /proc/sys/net/ipv4/ip_forward").line }
            let server = try Probe(at: 80, of: other)
            #expect(try forwarding() == "0" && server.isOutOfReach(from: lab.peer, at: "198.51.100.2", 80))
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            let box = try host.container("br-a", 2)
            #expect(try forwarding() == "1" && server.isOutOfReach(from: lab.peer, at: "198.51.100.2", 80))
            #expect(try server.reached(from: box, at: "198.51.100.2", 80) == "198.51.100.1")
            try host.clear([box])
            #expect(try forwarding() == "0")
            // Where it was on before, it is none of Davit's business.
            _ = try lab.host.shell("echo 1 > /proc/sys/net/ipv4/ip_forward")
            try host.network("br-b")
            #expect(try server.reached(from: lab.peer, at: "198.51.100.2", 80) == Lab.peerAddress)
            try host.clear()
            #expect(try forwarding() == "1")
        }

        @Test("what a killed supervisor left is taken over, and given back") func killed() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            var dead: PlumbedHost.Box? = try host.container("br-a", 2)
            try dead?.publish(8080, to: 80)
            try dead?.publish(8081, to: 81)
            dead = nil
            #expect(try lab.host.visit { try host.firewall.published() }.map(\.owner) == ["box-br-a-2", "box-br-a-2"])
            // The same address, another hardware address: neighbours are told.
            let box = try host.container("br-a", 2)
            try box.publish(8080, to: 90)
            let server = try Probe(at: 90, of: box)
            #expect(try server.reached(from: lab.peer, at: Lab.hostAddress, 8080) == Lab.peerAddress)
            _ = dead
            try lab.host.visit { try host.firewall.withdraw(owner: "box-br-a-2") }
            try lab.host.visit { try host.firewall.withdraw(owner: "box-br-a-2") }
            #expect(try lab.host.visit { try host.firewall.published() }.isEmpty)
            try host.clear([box])
        }

        @Test("everything can be done again, and repairs") func again() throws {
            let host = PlumbedHost(lab.host)
            let network = try host.network("br-a")
            let rules = try lab.host.shell("nft list ruleset; ip -o address show br-a").out
            #expect(!rules.isEmpty)
            var plan = BridgePlan(name: "br-a", owner: "net-br-a", addresses: [IPPrefix("172.17.0.1/16")].compactMap { $0 })
            _ = try lab.host.visit {
                try Bridge.ensure(plan)
                try host.firewall.join(network)
            }
            #expect(try lab.host.shell("nft list ruleset; ip -o address show br-a").out == rules)
            _ = try lab.host.shell("nft flush ruleset; ip link delete br-a")
            _ = try lab.host.visit {
                try Bridge.ensure(plan)
                try host.firewall.join(network)
            }
            plan.addresses = [IPPrefix("172.18.0.1/16")].compactMap { $0 }
            plan.mtu = 1400
            try lab.host.visit { try Bridge.ensure(plan) }
            let link = try lab.host.visit { try HostNetwork.link("br-a") }
            #expect(link?.mtu == 1400 && link?.isUp == true && link?.alias == "net-br-a" && link?.isOurs == true)
            #expect(try lab.host.visit { try HostNetwork.addresses(of: "br-a").filter { $0.address.family == .v4 } } == plan.addresses)
            #expect(try lab.host.visit { try HostNetwork.networks().map(\.description) }.contains("172.18.0.0/16"))
            #expect(try !lab.host.visit { try HostNetwork.networks(except: "br-a").map(\.description) }.contains("172.18.0.0/16"))
            try host.clear()
            try host.clear()
        }

        @Test("what cannot be is refused, and leaves nothing half made") func refused() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            let before = try lab.host.contents()
            #expect(throws: PlumbingError.invalid("interface eth0 exists and is no bridge")) {
                try lab.host.visit { try Bridge.ensure(BridgePlan(name: "eth0", owner: "x", addresses: [])) }
            }
            #expect(throws: PlumbingError.invalid("invalid interface name: a/b")) {
                try lab.host.visit { try Bridge.ensure(BridgePlan(name: "a/b", owner: "x", addresses: [])) }
            }
            #expect(throws: PlumbingError.noSuchLink("missing")) { try lab.host.visit { try ParentLink.ensure("missing", kind: "macvlan", network: "n").name } }
            #expect(throws: PlumbingError.self) { try lab.host.visit { try ParentLink.ensure("eth0.5000", kind: "macvlan", network: "n").name } }
            let box = try host.container("br-a", 2)
            var attachment = host.attachment("br-gone", 3, interface: "eth1")
            #expect(throws: PlumbingError.noSuchLink("br-gone")) { try lab.host.visit { try box.sandbox.add(attachment) } }
            attachment = host.attachment("br-a", 3, gateway: false, interface: "eth1")
            attachment.network = "other"
            attachment.sysctls = ["net.ipv4.conf.IFNAME.no_such_setting": "1"]
            #expect(throws: PlumbingError.self) { try lab.host.visit { try box.sandbox.add(attachment) } }
            attachment.sysctls = ["net.ipv4.conf.IFNAME.log_martians": "1"]
            try lab.host.visit { try box.sandbox.add(attachment) }
            #expect(try box.within { try FileSystem.read("/proc/sys/net/ipv4/conf/eth1/log_martians") } == Array("1\n".utf8))
            try lab.host.visit { try box.sandbox.remove(network: "other") }
            #expect(try lab.host.contents().subtracting(before).count == 1)
            try host.clear([box])
        }

        @Test("interfaces come and go while a container runs; its ports follow") func live() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            try host.network("br-b")
            let box = try host.container("br-a", 2)
            let server = try Probe(at: 80, of: box)
            try box.publish(8080, to: 80)
            try lab.host.visit { try box.sandbox.add(host.attachment("br-b", 2, gateway: false, interface: "eth1")) }
            #expect(try server.reached(from: lab.host, at: host.address("br-b", 2), 80) == host.address("br-b", 1))
            try lab.host.visit {
                try box.sandbox.remove(network: "id-of-br-a")
                try box.sandbox.setGateways([IPAddress(host.address("br-b", 1))].compactMap { $0 }, network: "id-of-br-b")
            }
            #expect(try lab.host.visit { try host.firewall.published() }.map(\.containerAddress.description) == [host.address("br-b", 2)])
            #expect(try server.reached(from: lab.peer, at: Lab.hostAddress, 8080) == Lab.peerAddress)
            try host.clear([box])
        }

        @Test("any free port, the same for both families; a range; SCTP") func choices() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            let a = try host.container("br-a", 2), b = try host.container("br-a", 3)
            func plans(_ ports: ClosedRange<UInt16>, _ transport: PortPlan.Transport = .tcp) -> [PortPlan] {
                [.anyV4, .anyV6].map { PortPlan(transport: transport, hostAddress: $0, hostPorts: ports, containerPort: 80) }
            }
            let drawn = try lab.host.visit { try a.sandbox.publish(plans(0...0)) }
            #expect(drawn.count == 2 && drawn[0].port.hostPort == drawn[1].port.hostPort && drawn[0].port.hostPort >= 1024)
            // Without an IPv6 address of its own the container is reached by a relay over the socket.
            #expect(drawn[0].target != nil && drawn[1].target == nil && drawn[1].socket != nil)
            #expect(try lab.host.visit { try a.sandbox.publish(plans(7000...7001)) }.map(\.port.hostPort) == [7000, 7000])
            #expect(try lab.host.visit { try b.sandbox.publish(plans(7000...7001)) }.map(\.port.hostPort) == [7001, 7001])
            #expect(throws: PlumbingError.port(.tcp, .anyV4, 7000, .addressInUse, owner: "box-br-a-2")) { try lab.host.visit { try b.sandbox.publish(plans(7000...7001)) } }
            let before = try lab.host.visit { try host.firewall.published() }
            // The second cannot be had, so the first is not kept.
            #expect(throws: PlumbingError.self) { try lab.host.visit { try b.sandbox.publish(plans(6000...6000) + plans(7000...7000)) } }
            #expect(try lab.host.visit { try host.firewall.published() } == before)
            #expect(try lab.host.visit { try b.sandbox.publish(plans(6000...6000)) }.count == 2)
            #expect(try lab.host.visit { try a.sandbox.publish(plans(9000...9000, .sctp)) }.count == 2)
            #expect(throws: PlumbingError.self) { try lab.host.visit { try b.sandbox.publish(plans(9000...9000, .sctp)) } }
            try host.clear([a, b])
        }

        @Test("thousands of ports in one transaction, replaced and taken away") func many() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            func rules(_ container: String) -> [PortRule] {
                (1...2000).map {
                    PortRule(
                        transport: .tcp, hostAddress: $0 % 2 == 0 ? .anyV4 : IPAddress(Lab.hostAddress) ?? .anyV4, hostPort: $0,
                        containerAddress: IPAddress(container) ?? .anyV4, containerPort: 80, owner: container)
                }
            }
            try lab.host.visit {
                for container in ["172.17.0.2", "172.17.0.3"] {
                    try host.firewall.publish(rules(container))
                    #expect(try Set(host.firewall.published()) == Set(rules(container)))
                }
                // Some are gone already, as when another was quicker.
                try host.firewall.withdraw(Array(rules("172.17.0.3").prefix(10)))
                try host.firewall.withdraw(rules("172.17.0.3"))
                #expect(try host.firewall.published().isEmpty)
            }
            try host.clear()
        }

        @Test("a sender of UDP that goes on finds the container that has the port now") func flows() throws {
            let host = PlumbedHost(lab.host)
            try host.network("br-a")
            let boxes = [try host.container("br-a", 2), try host.container("br-a", 3)]
            let servers = try boxes.map { try Probe(.udp, at: 53, of: $0) }
            let client = try lab.peer.visit { OpenFile(try InternetSocket.datagrams(peer: Probe.endpoint(Lab.hostAddress, 5300))) }
            #expect(try !servers[0].hears(client, patience: Probe.impatience))
            for _ in 0..<2 {
                for (box, server) in zip(boxes, servers) {
                    let publications = try box.publish(5300, to: 53, .udp)
                    #expect(try server.hears(client))
                    try lab.host.visit { try box.sandbox.withdraw(Set(publications.map(\.port))) }
                }
            }
            try host.clear(boxes)
        }

        @Test("E118: a macvlan container is on the LAN itself") func macvlan() throws {
            let host = PlumbedHost(lab.host)
            let parent = try lab.host.visit { try ParentLink.ensure("eth0", kind: "macvlan", network: "n") }
            #expect(parent.name == "eth0" && !parent.created)
            let box = try lab.host.visit {
                let sandbox = try Sandbox(owner: "mac", table: "davit")
                try sandbox.add(
                    NetworkPlumbing.Attachment(
                        network: "lan", link: .macvlan(parent: "eth0", mode: "bridge"), interface: "eth0", mac: .random(),
                        addresses: [IPPrefix("192.0.2.50/24")].compactMap { $0 }, gateways: [], directory: "/nonexistent"))
                return PlumbedHost.Box(sandbox, lab.host)
            }
            let server = try Probe(at: 80, of: box)
            #expect(try server.reached(from: lab.peer, at: "192.0.2.50", 80) == Lab.peerAddress)
            #expect(try lab.host.visit { try box.sandbox.publish([PortPlan(transport: .tcp, hostAddress: .anyV4, hostPorts: 1...1, containerPort: 1)]) }.isEmpty)
            _ = host
        }

        @Test("E117: an overlay joins containers of two hosts") func overlay() throws {
            func side(_ space: NetworkSpace, _ local: String, _ peer: String) throws -> PlumbedHost {
                let host = PlumbedHost(space)
                try host.network("br-over", overlay: BridgePlan.Overlay(identifier: 4096, local: IPAddress(local), peers: [IPAddress(peer)].compactMap { $0 })) {
                    $0.isInternal = true
                }
                return host
            }
            let one = try side(lab.host, Lab.hostAddress, Lab.peerAddress), two = try side(lab.peer, Lab.peerAddress, Lab.hostAddress)
            let a = try one.container("br-over", 2, gateway: false), b = try two.container("br-over", 3, gateway: false)
            let server = try Probe(at: 80, of: a)
            #expect(try server.reached(from: b, at: one.address("br-over", 2), 80) == one.address("br-over", 3))
            // Peers may leave.
            try lab.peer.visit {
                try Bridge.ensure(BridgePlan(name: "br-over", owner: "net-br-over", addresses: [], overlay: .init(identifier: 4096, local: nil, peers: [])))
            }
            #expect(try !lab.peer.shell("bridge fdb show dev vx-4096").out.contains("dst \(Lab.hostAddress) self permanent"))
            try one.clear([a])
            try two.clear([b])
            #expect(try lab.host.shell("ip -br link show type vxlan; ip -br link show type bridge").out.isEmpty)
        }
    }
}
