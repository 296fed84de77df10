import Diagnostics
import DockerAPI
import Testing

@testable import Containers

@Suite struct NetworkChoiceTests {
    private func choose(_ change: (inout ContainerConfig, inout HostConfig, inout [String: EndpointSettings]) -> Void) throws -> (NetworkChoice, HostConfig) {
        var config = ContainerConfig(), host = HostConfig(), endpoints: [String: EndpointSettings] = [:]
        change(&config, &host, &endpoints)
        let choice = try NetworkChoice(&config, &host, NetworkingConfig(endpointsConfig: endpoints))
        return (choice, host)
    }

    @Test func defaults() throws {
        let (choice, host) = try choose { _, _, _ in }
        #expect(host.networkMode == NetworkChoice.standard && choice.endpoints == [NetworkChoice.standard: EndpointSettings()] && choice.warnings.isEmpty)
        let (named, mode) = try choose { _, host, endpoints in
            host.networkMode = "default"
            endpoints["default"] = EndpointSettings(macAddress: "02:42:ac:11:00:02")
        }
        #expect(mode.networkMode == NetworkChoice.standard && named.endpoints[NetworkChoice.standard]?.macAddress == "02:42:ac:11:00:02")
        #expect(try choose { _, host, _ in host.networkMode = "none" }.0.endpoints == ["none": EndpointSettings()])
        #expect(try choose { _, host, _ in host.networkMode = "container:web" }.0.endpoints.isEmpty)
        #expect(try choose { config, _, _ in config.networkDisabled = true }.1.networkMode == "none")
        let several = try choose { _, host, endpoints in
            host.networkMode = "a"
            endpoints = ["a": EndpointSettings(aliases: ["x"]), "b": EndpointSettings()]
        }
        #expect(several.0.endpoints.count == 2)
    }

    @Test("an address that older clients give for the container is the network's") func containerAddress() throws {
        let (choice, _) = try choose { config, host, _ in
            host.networkMode = "bridge"
            config.macAddress = "02:42:ac:11:00:02"
        }
        #expect(choice.endpoints["bridge"]?.macAddress == "02:42:ac:11:00:02" && choice.warnings.count == 1)
    }

    @Test func hostModeDiscardsPorts() throws {
        let (choice, _) = try choose { _, host, _ in
            host.networkMode = "host"
            host.portBindings = ["80/tcp": [PortBinding(hostPort: "8080")]]
        }
        #expect(choice.warnings == ["Published ports are discarded when using host network mode"])
    }

    typealias Change = @Sendable (inout ContainerConfig, inout HostConfig, inout [String: EndpointSettings]) -> Void

    private static let refused: [(String, Change)] = [
        (
            "conflicting options: hostname and the network mode",
            { c, h, _ in
                h.networkMode = "container:x"; c.hostname = "h"
            }
        ),
        ("invalid network mode: invalid container format container:<name|id>", { _, h, _ in h.networkMode = "container:" }),
        (
            "conflicting options: dns and the network mode",
            { _, h, _ in
                h.networkMode = "container:x"; h.dns = ["1.1.1.1"]
            }
        ),
        (
            "conflicting options: custom host-to-IP mapping and the network mode",
            { _, h, _ in
                h.networkMode = "container:x"; h.extraHosts = ["a:1.1.1.1"]
            }
        ),
        (
            "conflicting options: port publishing and the container type network mode",
            { _, h, _ in
                h.networkMode = "container:x"; h.publishAllPorts = true
            }
        ),
        (
            "conflicting options: port exposing and the container type network mode",
            { c, h, _ in
                h.networkMode = "container:x"; c.exposedPorts = ["80/tcp"]
            }
        ),
        (
            "conflicting options: mac-address and the network mode",
            { c, h, _ in
                h.networkMode = "container:x"; c.macAddress = "02:00:00:00:00:01"
            }
        ),
        (
            "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
            { _, h, _ in
                h.networkMode = "host"; h.links = ["a"]
            }
        ),
        (
            "conflicting options: container type network can't be used with links. This would result in undefined behavior",
            { _, h, _ in
                h.networkMode = "container:x"; h.links = ["a"]
            }
        ),
        (
            "conflicting options: hostname and the UTS mode",
            { c, h, _ in
                h.utsMode = "host"; c.hostname = "h"
            }
        ),
        (
            NetworkChoice.noneAndOthers,
            { _, h, e in
                h.networkMode = "none"; e = ["none": EndpointSettings(), "a": EndpointSettings()]
            }
        ),
        (
            NetworkChoice.sharedAndOthers,
            { _, h, e in
                h.networkMode = "host"; e = ["a": EndpointSettings()]
            }
        ),
        ("invalid port specification: \"70000\"", { _, h, _ in h.portBindings = ["80/tcp": [PortBinding(hostPort: "70000")]] }),
        ("invalid port specification: \"80/xyz\"", { _, h, _ in h.portBindings = ["80/xyz": [PortBinding(hostPort: "80")]] }),
        ("invalid port specification: \"9-8\"", { _, h, _ in h.portBindings = ["80/tcp": [PortBinding(hostPort: "9-8")]] }),
        ("invalid port specification: \"0/tcp\"", { c, _, _ in c.exposedPorts = ["0/tcp"] }),
        ("invalid IP address: nowhere", { _, h, _ in h.portBindings = ["80/tcp": [PortBinding(hostIp: "nowhere", hostPort: "80")]] }),
        ("bad nameserver address x", { _, h, _ in h.dns = ["x"] }),
        ("bad format for add-host: \"a\"", { _, h, _ in h.extraHosts = ["a"] }),
        ("bad format for add-host: \"a b\n:1.1.1.1\"", { _, h, _ in h.extraHosts = ["a b\n:1.1.1.1"] }),
    ]

    @Test("Docker's words for what cannot be", arguments: refused.indices) func refuses(index: Int) {
        let (message, change) = Self.refused[index]
        do {
            _ = try choose(change)
            Issue.record("not refused: \(message)")
        } catch {
            let fault = error as? Fault
            #expect(fault?.message == message && fault?.kind == .invalid)
        }
    }
}
