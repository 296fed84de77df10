import DockerAPI
import NetworkPlumbing
import Testing
import Values

@testable import Containers

@Suite struct PublishingTests {
    private func plan(_ address: String, _ ports: ClosedRange<UInt16>, _ inside: UInt16, _ transport: PortPlan.Transport = .tcp) throws -> PortPlan {
        PortPlan(transport: transport, hostAddress: try #require(IPAddress(address)), hostPorts: ports, containerPort: inside)
    }

    @Test("without an address both families are meant, and those that want one port come first") func plans() throws {
        let bindings: PortMap = ["80/tcp": [PortBinding()], "90/tcp": [PortBinding(hostPort: "9000-9005")], "443/udp": [PortBinding(hostPort: "8443")]]
        let both = Publishing.plans(bindings: bindings, hasIPv6: true)
        #expect(
            try both == [
                plan("0.0.0.0", 8443...8443, 443, .udp), plan("::", 8443...8443, 443, .udp), plan("0.0.0.0", 9000...9005, 90), plan("::", 9000...9005, 90),
                plan("0.0.0.0", 0...0, 80), plan("::", 0...0, 80),
            ])
        #expect(Publishing.plans(bindings: bindings, hasIPv6: false).allSatisfy { $0.hostAddress == .anyV4 })
    }

    @Test func addresses() throws {
        let given: PortMap = ["80/tcp": [PortBinding(hostIp: "0.0.0.0", hostPort: "1"), PortBinding(hostIp: "::1", hostPort: "2")]]
        #expect(try Publishing.plans(bindings: given, hasIPv6: true) == [plan("0.0.0.0", 1...1, 80), plan("::1", 2...2, 80)])
        let local = try Publishing.plans(bindings: ["80/tcp": [PortBinding(hostPort: "1")]], byDefault: #require(IPAddress("127.0.0.1")), hasIPv6: true)
        #expect(try local == [plan("127.0.0.1", 1...1, 80)])
    }

    @Test("E07: -P takes what is exposed and has no port yet") func all() throws {
        let plans = Publishing.plans(
            bindings: ["80/tcp": [PortBinding(hostPort: "8080")]], exposed: ["80/tcp", "81/tcp", "5-9/tcp"], publishAll: true, hasIPv6: false)
        #expect(try plans == [plan("0.0.0.0", 8080...8080, 80), plan("0.0.0.0", 0...0, 81)])
    }

    @Test func shown() {
        let published = [
            PublishedPort(transport: .tcp, hostAddress: .anyV4, hostPort: 32768, containerPort: 80),
            PublishedPort(transport: .tcp, hostAddress: .anyV6, hostPort: 32768, containerPort: 80),
        ]
        let map = Publishing.map(published, exposed: ["80/tcp", "81/udp"])
        #expect(map == ["80/tcp": [PortBinding(hostIp: "0.0.0.0", hostPort: "32768"), PortBinding(hostIp: "::", hostPort: "32768")], "81/udp": nil])
        let summaries = Publishing.summaries(published, exposed: ["80/tcp", "81/udp"])
        #expect(summaries.count == 3 && summaries[2] == PortSummary(privatePort: 81, type: "udp"))
    }

    @Test func ports() {
        for good in ["80", "80/tcp", "1/UDP", "65535/sctp"] { #expect(ContainerPort(good) != nil, "\(good)") }
        for bad in ["", "0", "65536", "-1", "+1", "80/", "80/icmp", "8 0", "80-81/tcp", "x/tcp"] { #expect(ContainerPort(bad) == nil, "\(bad)") }
        #expect(PortBinding(hostPort: "").hostPorts == 0...0 && PortBinding(hostPort: "80-90").hostPorts == 80...90)
        for bad in ["x", "80-", "-80", "90-80", "70000", "1-70000", " 80"] { #expect(PortBinding(hostPort: bad).hostPorts == nil, "\(bad)") }
    }

    @Test("who holds a port is read from the kernel's tables") func holder() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
               1: 0100007F:1F90 0100007F:A0B0 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000000000000000 100 0 0 10 0
               2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0
            garbage
            """
        #expect(PortHolder.sockets(in: table, port: 8080, isTCP: true) == ["4711"])
        #expect(PortHolder.sockets(in: table, port: 8080, isTCP: false) == ["4711", "4712"])
        #expect(PortHolder.sockets(in: table, port: 23, isTCP: true).isEmpty && PortHolder.sockets(in: "", port: 1, isTCP: true).isEmpty)
    }
}
