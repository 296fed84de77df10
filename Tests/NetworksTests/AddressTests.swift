import DockerAPI
import Linux
import NetworkPlumbing
import Testing
import Values

@testable import Networks

@Suite struct AddressTests {
    @Test func addressesAreGivenInOrderAndTheLowestAgain() throws {
        let root = try NetworkRoot()
        try root.create("n", subnet: "10.7.0.0/24")
        let (first, leases) = try root.start("a", on: ["n": EndpointSettings()])
        #expect(root.address(leases) == "10.7.0.2")
        #expect(leases[0].attachment?.mac.description == "02:42:0a:07:00:02")
        #expect(leases[0].attachment?.gateways.map(\.description) == ["10.7.0.1"])
        let (second, more) = try root.start("b", on: ["n": EndpointSettings()])
        #expect(root.address(more) == "10.7.0.3")
        try root.stop(first)
        #expect(root.address(try root.start("c", on: ["n": EndpointSettings()]).1) == "10.7.0.2")
        #expect(root.address(try root.start("d", on: ["n": EndpointSettings()]).1) == "10.7.0.4")
        try root.stop(second)
        #expect(root.address(try root.start("e", on: ["n": EndpointSettings()]).1) == "10.7.0.3")
    }

    @Test func whatWasAskedForIsSkippedAndRefusedTwice() throws {
        let root = try NetworkRoot()
        try root.create("n", subnet: "10.7.0.0/24")
        let wish = EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: "10.7.0.3"))
        let (holder, _) = try root.start("a", on: ["n": wish])
        #expect(root.address(try root.start("b", on: ["n": EndpointSettings()]).1) == "10.7.0.2")
        #expect(root.address(try root.start("c", on: ["n": EndpointSettings()]).1) == "10.7.0.4")
        #expect(fault { _ = try root.start("d", on: ["n": wish]) } == "forbidden: Address already in use")
        for taken in ["10.7.0.1", "10.7.0.0", "10.7.0.255"] {
            let wish = EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: taken))
            #expect(fault { _ = try root.start("d", on: ["n": wish]) } == "forbidden: Address already in use")
        }
        let outside = EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: "10.8.0.3"))
        #expect(
            fault { _ = try root.start("d", on: ["n": outside]) }
                == "invalid: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 10.8.0.3")
        try root.stop(holder)
        #expect(root.address(try root.start("f", on: ["n": wish]).1) == "10.7.0.3")
    }

    @Test func aSmallNetworkRunsOut() throws {
        let root = try NetworkRoot()
        try root.create("n", subnet: "10.7.0.0/29")
        var containers: [Identifier] = []
        for number in 2...6 {
            let (id, leases) = try root.start("c\(number)", on: ["n": EndpointSettings()])
            #expect(root.address(leases) == "10.7.0.\(number)")
            containers.append(id)
        }
        #expect(fault { _ = try root.start("x", on: ["n": EndpointSettings()]) } == "unavailable: no available addresses on this pool")
        try root.stop(containers[4])
        #expect(root.address(try root.start("y", on: ["n": EndpointSettings()]).1) == "10.7.0.6")
    }

    @Test func theRangeAndTheAuxiliaryAddresses() throws {
        let root = try NetworkRoot()
        _ = try root.networks.create(
            NetworkCreateRequest(
                name: "n",
                ipam: IPAM(config: [
                    IPAMConfig(subnet: "10.7.0.0/16", ipRange: "10.7.5.0/30", gateway: "10.7.0.254", auxiliaryAddresses: ["router": "10.7.5.1"])
                ])))
        #expect(root.address(try root.start("a", on: ["n": EndpointSettings()]).1) == "10.7.5.0")
        #expect(root.address(try root.start("b", on: ["n": EndpointSettings()]).1) == "10.7.5.2")
        #expect(root.address(try root.start("c", on: ["n": EndpointSettings()]).1) == "10.7.5.3")
        #expect(fault { _ = try root.start("d", on: ["n": EndpointSettings()]) } == "unavailable: no available addresses on this pool")
        let wish = EndpointSettings(ipamConfig: EndpointIPAMConfig(ipv4Address: "10.7.9.9"))
        let (_, leases) = try root.start("e", on: ["n": wish])
        #expect(leases[0].settings.ipAddress == "10.7.9.9")
        #expect(leases[0].settings.gateway == "10.7.0.254")
        #expect(leases[0].settings.ipPrefixLen == 16)
    }

    @Test func bothFamilies() throws {
        let root = try NetworkRoot()
        _ = try root.networks.create(
            NetworkCreateRequest(
                name: "n", enableIPv6: true, ipam: IPAM(config: [IPAMConfig(subnet: "10.7.0.0/24"), IPAMConfig(subnet: "2001:db8::/64")])))
        let settings = try root.start("a", on: ["n": EndpointSettings()]).1[0].settings
        #expect(settings.globalIPv6Address == "2001:db8::2")
        #expect(settings.ipv6Gateway == "2001:db8::1")
        #expect(settings.globalIPv6PrefixLen == 64)
        try root.create("local", ipv6: true)
        let ranges = try root.networks.resolve("local").ipam.config ?? []
        #expect(ranges.count == 2)
        #expect(ranges.last?.subnet.hasPrefix("fd") == true)
        #expect(ranges.last?.subnet.hasSuffix("::/64") == true)
    }

    @Test func manyAtOnceGetAnAddressEach() async throws {
        let root = try NetworkRoot()
        try root.create("n", subnet: "10.7.0.0/24")
        let addresses = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    // A database of its own each, as processes have.
                    let other = try NetworkRoot(root: root.paths.dataRoot)
                    return withExtendedLifetime(root) { try? other.start("c\(number)", on: ["n": EndpointSettings()]).1.first?.settings.ipAddress }
                }
            }
            return try await group.reduce(into: Set<String>()) { if let address = $1 { $0.insert(address) } }
        }
        #expect(addresses.count == 20)
        #expect(addresses.contains("10.7.0.21"))
    }

    @Test func subnetsComeFromDockersPoolsAndAvoidTheHost() throws {
        let root = try NetworkRoot(occupied: [try #require(IPPrefix("172.18.4.0/24")), try #require(IPPrefix("172.20.0.0/15"))])
        try root.create("a")
        try root.create("b")
        try root.create("c")
        func subnet(_ name: String) throws -> String? { try root.networks.resolve(name).ipam.config?.first?.subnet }
        #expect(try subnet("bridge") == "172.17.0.0/16")
        #expect(try subnet("a") == "172.19.0.0/16")
        #expect(try subnet("b") == "172.22.0.0/16")
        #expect(try subnet("c") == "172.23.0.0/16")
        #expect(try root.networks.resolve("a").ipam.config?.first?.gateway == "172.19.0.1")
        for number in 0..<24 { try root.create("n\(number)") }
        #expect(try subnet("n8") == "192.168.0.0/20")
        #expect(fault { try root.create("one too many") } == "invalid: all predefined address pools have been fully subnetted")
        try root.networks.remove("n8")
        try root.create("again")
        #expect(try subnet("again") == "192.168.0.0/20")
    }
}
