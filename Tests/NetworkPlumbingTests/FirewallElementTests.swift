import Linux
import Netlink
import Testing
import Values

@testable import NetworkPlumbing

/// Networks and ports as the kernel keeps them in sets and maps.
@Suite struct FirewallElementTests {
    private func rule(_ host: String, _ container: String, _ transport: PortPlan.Transport = .tcp) throws -> PortRule {
        PortRule(
            transport: transport, hostAddress: try #require(IPAddress(host)), hostPort: 8080, containerAddress: try #require(IPAddress(container)),
            containerPort: 80, owner: "web")
    }

    @Test func aPortIsPaddedFieldByField() throws {
        let element = try rule("192.0.2.1", "172.17.0.2").element
        #expect(element.key == [192, 0, 2, 1, 6, 0, 0, 0, 0x1f, 0x90, 0, 0])
        #expect(element.data == [172, 17, 0, 2, 0, 80, 0, 0])
        #expect(element.comment == "web")
        #expect(try rule("0.0.0.0", "172.17.0.2", .udp).element.key == [17, 0, 0, 0, 0x1f, 0x90, 0, 0])
    }

    @Test(arguments: [("192.0.2.1", "172.17.0.2"), ("0.0.0.0", "172.17.0.2"), ("2001:db8::1", "fd00::2"), ("::", "fd00::2")])
    func portsAreReadAsTheyAreWritten(host: String, container: String) throws {
        for transport in [PortPlan.Transport.tcp, .udp, .sctp] {
            let rule = try rule(host, container, transport)
            #expect(PortRule(rule.element, of: rule.set) == rule)
            for other in Ruleset.Set.ofPorts where other != rule.set { #expect(PortRule(rule.element, of: other) == nil) }
        }
    }

    @Test(arguments: [("0.0.0.0", "172.17.0.2"), ("::", "fd00::2")])
    func aRoutedPortIsTheContainersOwn(host: String, container: String) throws {
        var rule = try rule(host, container, .udp)
        rule.hostPort = 0
        #expect(rule.element.key == rule.containerAddress.bytes + [17, 0, 0, 0, 0, 80, 0, 0] && rule.element.data == nil)
        #expect(PortRule(rule.element, of: rule.set) == rule)
        // The other two are alike.
        for other in Ruleset.Set.ofPorts where ![rule.set, Ruleset.Set.relayed].contains(other) { #expect(PortRule(rule.element, of: other) == nil) }
    }

    @Test(arguments: [("2001:db8::1", Ruleset.Set.relayed), ("::", Ruleset.Set.anyRelayed)])
    func aRelayedPortLeadsNowhereByRules(host: String, set: String) throws {
        let rule = try rule(host, "172.17.0.2", .udp), address = rule.hostAddress.isUnspecified ? [] : rule.hostAddress.bytes
        #expect(rule.set == set && rule.element.key == address + [17, 0, 0, 0, 0x1f, 0x90, 0, 0] && rule.element.data == nil)
        let known = try #require(PortRule(rule.element, of: rule.set))
        #expect(known.isRelayed && known.hostAddress == rule.hostAddress && known.hostPort == 8080 && known.owner == "web")
    }

    @Test func whatSomebodyElsePutThereIsNoPort() throws {
        let good = try rule("0.0.0.0", "172.17.0.2").element
        for length in 0..<good.key.count { #expect(PortRule(SetElement(key: Array(good.key.prefix(length)), data: good.data), of: Ruleset.Set.anyPorts4) == nil) }
        #expect(PortRule(SetElement(key: good.key, data: nil), of: Ruleset.Set.anyPorts4) == nil)
        #expect(PortRule(SetElement(key: good.key, data: [1]), of: Ruleset.Set.anyPorts4) == nil)
        // A protocol that ports cannot be published of.
        #expect(PortRule(SetElement(key: [1] + good.key.dropFirst(), data: good.data), of: Ruleset.Set.anyPorts4) == nil)
    }

    @Test func aNetworksElements() {
        var network = FirewallNetwork(bridge: "br-a", owner: "a")
        func sets() -> [String] { network.elements.map(\.set) }
        #expect(sets() == ["bridges", "within", "masquerade4", "masquerade6"])
        #expect(network.elements.first?.element == SetElement(key: Array("br-a".utf8) + Array(repeating: 0, count: 12), comment: "a"))
        #expect(network.elements.dropFirst().first?.element.key.count == 32)
        network.masquerades = [.v4]
        network.allowsContainers = false
        network.sources = [IPAddress(.v4, 0xc000_0201), IPAddress(.v6, 1)]
        #expect(sets() == ["bridges", "within", "isolated", "masquerade4", "source4"])
        network.isInternal = true
        network.open = [.v6]
        #expect(sets() == ["bridges", "within", "internal", "isolated"])
        network.isInternal = false
        #expect(network.elements.first { $0.set == "open" }?.element.key == Array("br-a".utf8) + Array(repeating: 0, count: 12) + [10, 0, 0, 0])
    }

    @Test func anOverlaysElements() throws {
        let local = IPAddress(.v4, 0xc000_0201), peer = IPAddress(.v4, 0xc000_0202)
        var network = FirewallNetwork(bridge: "br-a", owner: "a", masquerades: [], overlay: .init(identifier: 0x123456, local: local, peers: [local, peer]))
        func elements() -> [(set: String, element: SetElement)] { network.elements.filter { Ruleset.Set.ofOverlays.contains($0.set) } }
        #expect(elements().map(\.set) == ["tunnels", "hosts4"])
        #expect(elements().map(\.element.key) == [[0x12, 0xb5, 0, 0, 0x12, 0x34, 0x56, 0], [192, 0, 2, 2, 0x12, 0x34, 0x56, 0]])
        #expect(elements().allSatisfy { $0.element.comment == "br-a" })
        network.overlay?.peers = nil
        #expect(elements().map(\.set) == ["tunnels"])
    }

    @Test func theTextNamesItsTable() {
        let text = Ruleset.text(table: "davit_x")
        #expect(text.contains("table inet davit_x {"))
        for set in Ruleset.Set.ofNetworks + Ruleset.Set.ofPorts + Ruleset.Set.ofOverlays + [Ruleset.Set.closed] { #expect(text.contains(" \(set) { type")) }
    }

    @Test func errorsNameTheirObject() throws {
        #expect("\(PlumbingError.kernelLacks("ipvlan links"))" == "the kernel has no ipvlan links")
        #expect("\(PlumbingError.port(.tcp, .anyV6, 80, .addressInUse, owner: nil))" == "bind for [::]:80/tcp: address already in use")
        #expect("\(PlumbingError.port(.udp, .anyV4, 53, .addressInUse, owner: "0123"))" == "bind for 0.0.0.0:53/udp: published by 0123")
        #expect("\(PlumbingError.kernel("make veth x", SyscallError("rtnetlink", "make interface x", errno: .exists)))" == "make veth x: rtnetlink make interface x: file exists")
    }

    @Test(arguments: [("fe80::1", true), ("febf::1", true), ("fec0::1", false), ("fd00::1", false), ("169.254.0.1", false)]) func linkLocal(text: String, expected: Bool) {
        #expect(IPAddress(text)?.isLinkLocal == expected)
    }
}
