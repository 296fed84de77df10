import NetworkPlumbing
import Testing
import Values

@testable import Supervisor

/// The file of what is published, and what becomes of plans when some of it goes.
@Suite struct PublishedPortsTests {
    private func port(_ transport: PortPlan.Transport, _ address: String, _ host: UInt16, _ container: UInt16) throws -> PublishedPort {
        PublishedPort(transport: transport, hostAddress: try #require(IPAddress(address)), hostPort: host, containerPort: container)
    }

    @Test func linesAreReadAsTheyAreWritten() throws {
        let ports = [try port(.tcp, "0.0.0.0", 8080, 80), try port(.udp, "::", 53, 5353), try port(.sctp, "fd00::1", 65535, 1)]
        #expect(PublishedPorts.text(ports) == "tcp 0.0.0.0 8080 80\nudp :: 53 5353\nsctp fd00::1 65535 1\n")
        #expect(PublishedPorts.parse(Array(PublishedPorts.text(ports).utf8)) == ports)
    }

    @Test(arguments: ["", "tcp 0.0.0.0 1 2", "tcp\n", "x 0.0.0.0 1 2\n", "tcp 0 1 2\n", "tcp 0.0.0.0 65536 2\n", "tcp 0.0.0.0 1 2 3\n", "\n\n"])
    func whatIsNoLineIsLeftOut(_ text: String) { #expect(PublishedPorts.parse(Array(text.utf8)).isEmpty) }

    @Test func ofSeveralPlansTheOneThatAskedForThePortGoes() throws {
        let any = PortPlan(transport: .tcp, hostAddress: .anyV4, hostPorts: 0...0, containerPort: 80)
        let one = PortPlan(transport: .tcp, hostAddress: .anyV4, hostPorts: 8080...8080, containerPort: 80)
        var plan = SandboxPlan(table: "t", attachments: [], ports: [any, one, any])
        plan.withdraw([try port(.tcp, "0.0.0.0", 8080, 80)])
        #expect(plan.ports == [any, any])
        plan.withdraw([try port(.tcp, "0.0.0.0", 40000, 80), try port(.tcp, "0.0.0.0", 40001, 81)])
        #expect(plan.ports == [any])
    }
}
