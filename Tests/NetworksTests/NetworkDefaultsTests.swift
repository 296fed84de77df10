import Diagnostics
import DockerAPI
import JSON
import NetworkPlumbing
import Synchronization
import Testing
import Values

@testable import Networks

/// What the administrator says of networks, as far as nothing need be made.
@Suite struct NetworkDefaultsTests {
    private func settings(_ text: String) throws -> NetworkDefaults { try JSON.decode(NetworkDefaults.self, from: text) }

    @Test("what a daemon was told by flags counts for every process, until a daemon starts without them") func scope() throws {
        let root = try NetworkRoot(flags: settings(#"{"bip": "10.5.0.1/24", "dns": ["192.0.2.1"]}"#))
        try root.networks.recover()
        func subnet(_ networks: Networks) throws -> String? { try networks.resolve("bridge").ipam.config?.first?.subnet }
        #expect(try subnet(root.networks) == "10.5.0.0/24")
        let other = try NetworkRoot(root: root.paths.dataRoot)
        #expect(try subnet(other.networks) == "10.5.0.0/24")
        #expect(try other.networks.settings().servers == [IPAddress("192.0.2.1")].compactMap(\.self))
        try NetworkRoot(root: root.paths.dataRoot, flags: NetworkDefaults()).networks.recover()
        #expect(try subnet(other.networks) == "172.17.0.0/16")
        #expect(try other.networks.settings() == NetworkDefaults())
    }

    @Test("an option that all have is not shown where a request says otherwise") func override() throws {
        let root = try NetworkRoot(flags: settings(#"{"default-network-opts": {"bridge": {"com.docker.network.enable_ipv6": "true", "a": "b"}}}"#))
        try root.create("with", options: ["a": "c"])
        try root.create("without", ipv6: false)
        let networks = try ["with", "without"].map { try root.networks.resolve($0) }
        #expect(networks.map(\.enableIPv6) == [true, false])
        #expect(networks.map(\.options) == [["com.docker.network.enable_ipv6": "true", "a": "c"], ["a": "b"]])
    }

    @Test("the network bridge is made anew when nobody is on it") func change() throws {
        let root = try NetworkRoot(flags: settings(#"{"bip": "10.5.0.1/24", "default-gateway": "10.5.0.9"}"#))
        let (container, leases) = try root.start("one", on: ["bridge": EndpointSettings()])
        #expect(leases[0].settings.ipAddress == "10.5.0.2" && leases[0].settings.gateway == "10.5.0.9" && leases[0].attachment?.gateways.first == IPAddress("10.5.0.9"))
        let next = try NetworkRoot(root: root.paths.dataRoot, flags: settings(#"{"bip": "10.6.0.1/24"}"#))
        #expect(try next.networks.resolve("bridge").ipam.config?.first?.gateway == "10.5.0.1")
        try root.stop(container)
        #expect(try next.networks.resolve("bridge").ipam.config?.first?.gateway == "10.6.0.1")
        // In the way of another network: nothing is changed.
        try next.create("n", subnet: "10.7.0.0/16")
        let third = try NetworkRoot(root: root.paths.dataRoot, flags: settings(#"{"bip": "10.7.0.1/24"}"#))
        #expect(fault { _ = try third.networks.list() } == "forbidden: invalid pool request: Pool overlaps with other one on this address space")
        #expect(try next.networks.list().count == 4)
    }

    @Test("a bridge that is the administrator's gives its addresses") func given() throws {
        let root = try NetworkRoot(flags: settings(#"{"bridge": "br7", "fixed-cidr": "10.8.4.0/24"}"#))
        #expect(fault { _ = try root.networks.list() } == "forbidden: bridge device with non default name br7 must be created manually")
        root.notes.addresses.withLock { $0["br7"] = ["10.7.0.3/24", "10.8.0.3/16"].compactMap { IPPrefix($0) } }
        let config = try root.networks.resolve("bridge").ipam.config
        #expect(config == [IPAMConfig(subnet: "10.8.0.0/16", ipRange: "10.8.4.0/24", gateway: "10.8.0.3")])
        let (_, leases) = try root.start("one", on: ["bridge": EndpointSettings()])
        guard case .bridge(let plan, _, _) = leases[0].host else { throw Fault(.internal, "no bridge") }
        #expect(plan.isGiven && plan.name == "br7")
    }
}
