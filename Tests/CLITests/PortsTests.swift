import DockerAPI
import Testing

@testable import CLI

@Suite struct PortsTests {
    private func port(_ inside: Int, _ outside: Int = 0, _ address: String = "", _ type: String = "tcp") -> PortSummary {
        PortSummary(ip: address, privatePort: inside, publicPort: outside, type: type)
    }

    @Test("as the stock client prints them") func listed() {
        #expect(Ports.text([]) == "")
        #expect(Ports.text([port(80), port(443)]) == "80/tcp, 443/tcp")
        #expect(Ports.text([port(80), port(81), port(82, 0, "", "udp"), port(90)]) == "80-81/tcp, 90/tcp, 82/udp")
        #expect(Ports.text([port(80, 32768, "::"), port(80, 32768, "0.0.0.0")]) == "0.0.0.0:32768->80/tcp, [::]:32768->80/tcp")
        #expect(Ports.text([port(81, 81, "0.0.0.0"), port(80, 80, "0.0.0.0")]) == "0.0.0.0:80-81->80-81/tcp")
        let mixed = [port(80, 8080, "0.0.0.0"), port(81, 8081, "0.0.0.0"), port(90, 90, "::1"), port(7)]
        #expect(Ports.text(mixed) == "7/tcp, [::1]:90->90/tcp, 0.0.0.0:8080->80/tcp, 0.0.0.0:8081->81/tcp")
    }

    @Test func naturalOrder() {
        let lines = ["443/tcp -> 0.0.0.0:8443", "80/tcp -> [::]:9", "80/tcp -> 0.0.0.0:10", "80/tcp -> 0.0.0.0:9"]
        #expect(Ports.naturallySorted(lines) == ["80/tcp -> 0.0.0.0:9", "80/tcp -> 0.0.0.0:10", "80/tcp -> [::]:9", "443/tcp -> 0.0.0.0:8443"])
    }
}
