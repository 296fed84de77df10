import Linux
import Testing

extension Integration {
    /// Networks as commands make and show them. What runs on them is in other suites.
    @Suite struct NetworkTests {
        let it: Installation
        let network: NetworkSpace

        init() throws {
            network = try NetworkSpace()
            it = try Installation(on: .space(network))
        }

        @Test("D54, D55: the predefined networks, and what inspect tells of bridge") func predefined() throws {
            let list = try it.must("network", "ls", "--format", "{{.Name}}/{{.Driver}}/{{.Scope}}")
            #expect(list.split(separator: "\n") == ["bridge/bridge/local", "host/host/local", "none/null/local"])
            #expect(try it.must("network", "ls").hasPrefix("NETWORK ID     NAME      DRIVER    SCOPE\n"))
            let bridge = try it.must("network", "inspect", "bridge")
            for field in [
                "\"Name\": \"bridge\"", "\"Scope\": \"local\"", "\"Driver\": \"bridge\"", "\"EnableIPv4\": true", "\"EnableIPv6\": false",
                "\"Driver\": \"default\"", "\"Options\": null", "\"Subnet\": \"172.17.0.0/16\"", "\"Gateway\": \"172.17.0.1\"", "\"Internal\": false",
                "\"Attachable\": false", "\"Ingress\": false", "\"ConfigFrom\": {", "\"ConfigOnly\": false", "\"Containers\": {}",
                "\"com.docker.network.bridge.default_bridge\": \"true\"", "\"com.docker.network.bridge.enable_icc\": \"true\"",
                "\"com.docker.network.bridge.enable_ip_masquerade\": \"true\"", "\"com.docker.network.bridge.host_binding_ipv4\": \"0.0.0.0\"",
                "\"com.docker.network.bridge.name\": \"", "\"com.docker.network.driver.mtu\": \"1500\"", "\"Labels\": {}",
            ] { #expect(bridge.contains(field), "\(field) in \(bridge)") }
            let removal = try it.davit("network", "rm", "bridge", "none")
            #expect(removal.code == 1)
            #expect(
                removal.err == """
                    Error response from daemon: bridge is a pre-defined network and cannot be removed
                    Error response from daemon: none is a pre-defined network and cannot be removed

                    """)
            #expect(try it.must("info", "--format", "{{.Plugins.Network}}") == "[bridge host ipvlan macvlan null overlay]")
            #expect(try network.contents().filter { $0.contains("bridge") }.isEmpty)
        }

        @Test("E124, D53: a network of the user's own, from create to rm") func life() throws {
            let before = try network.contents()
            let id = try it.must("network", "create", "-d", "bridge", "mynet")
            #expect(id.utf8.count == 64)
            let name = "br-\(id.prefix(12))"
            #expect(try it.must("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}", "mynet") == "172.18.0.0/16 172.18.0.1")
            let shown = try network.shell("ip -o addr show dev \(name)")
            #expect(shown.out.contains("inet 172.18.0.1/16 brd 172.18.255.255 scope global \(name)"), "\(shown)")
            #expect(try network.shell("nft list ruleset").out.contains(name))
            #expect(try it.must("network", "ls", "-q", "-f", "name=mynet") == String(id.prefix(12)))
            #expect(try it.must("network", "ls", "-q", "--no-trunc", "-f", "type=custom") == id)
            let twice = try it.davit("network", "create", "mynet")
            #expect(twice.code == 1)
            #expect(twice.err == "Error response from daemon: network with name mynet already exists\n")
            #expect(try it.must("network", "rm", String(id.prefix(5))) == String(id.prefix(5)))
            #expect(try network.contents() == before)
            let missing = try it.davit("network", "rm", "mynet")
            #expect(missing.code == 1)
            #expect(missing.err == "Error response from daemon: network mynet not found\n")
            #expect(try it.davit("network", "rm", "-f", "mynet").code == 0)
        }

        @Test("every flag of create, and what cannot be") func flags() throws {
            let before = try network.contents()
            try it.must(
                "network", "create", "--subnet", "10.1.0.0/24", "--ip-range=10.1.0.128/25", "--gateway", "10.1.0.254", "--aux-address", "a=10.1.0.200",
                "--ipv6", "--subnet", "2001:db8:1::/64", "--label", "a=1", "--label", "b", "-o", "com.docker.network.driver.mtu=1400", "--attachable",
                "--internal", "-o", "com.docker.network.bridge.name=mine0", "all")
            let shown = try it.must(
                "network", "inspect", "-f",
                "{{.EnableIPv6}} {{.Internal}} {{.Attachable}} {{json .Labels}} {{json .IPAM.Config}}",
                "all")
            #expect(
                shown
                    == #"true true true {"a":"1","b":""} [{"Subnet":"10.1.0.0/24","IPRange":"10.1.0.128/25","Gateway":"10.1.0.254","AuxiliaryAddresses":{"a":"10.1.0.200"}},{"Subnet":"2001:db8:1::/64"}]"#
            )
            #expect(try it.must("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}};{{.IPRange}};{{end}}", "all") == "10.1.0.254;10.1.0.128/25;;;")
            let link = try network.shell("ip -o addr show dev mine0").out
            #expect(link.contains("10.1.0.254/24"), "\(link)")
            #expect(link.contains("2001:db8:1::1/64"), "\(link)")
            #expect(try network.shell("ip -o link show dev mine0").out.contains("mtu 1400"))
            for (arguments, words) in [
                (["--subnet", "10.1.0.0/16"], "Error response from daemon: invalid pool request: Pool overlaps with other one on this address space"),
                (["--subnet", "10.2.0.1/24"], "Error response from daemon: invalid network config:\ninvalid subnet 10.2.0.1/24: it should be 10.2.0.0/24"),
                (["--gateway", "10.2.0.1"], "every ip-range or gateway must have a corresponding subnet"),
                (["--subnet", "10.2.0.0/24", "--ip-range", "10.3.0.0/25"], "no matching subnet for range 10.3.0.0/25"),
                (["-d", "nosuch"], "Error response from daemon: plugin \"nosuch\" not found"),
                (
                    ["-d", "macvlan", "-o", "parent=nope0"],
                    "Error response from daemon: invalid subinterface vlan name nope0, example formatting is eth0.10\n"
                ),
                (["-d", "macvlan", "-o", "parent=nope0.5"], "Error response from daemon: -o parent interface was not found on the host: nope0\n"),
                (["-o", "com.docker.network.bridge.name=mine0"], "Error response from daemon: cannot create network "),
            ] {
                let outcome = try it.davit(["network", "create"] + arguments + ["bad"])
                #expect(outcome.code == 1, "\(arguments)")
                #expect(outcome.err.hasPrefix(words), "\(outcome)")
            }
            // Nothing half-made.
            #expect(try it.must("network", "ls", "-q", "-f", "type=custom").split(separator: "\n").count == 1)
            #expect(try it.must("network", "prune", "-f") == "Deleted Networks:\nall\n")
            #expect(try network.contents() == before)
        }

        @Test("what a killed process left on the host goes when a daemon starts; a bridge that vanished is no obstacle") func recovery() throws {
            let before = try network.contents()
            let id = try it.must("network", "create", "mynet")
            let name = "br-\(id.prefix(12))"
            let alias = try network.shell("ip link show dev \(name)").out.split(separator: "\n").last?.split(separator: " ").last
            let table = try #require(try network.shell("nft list tables").out.split(separator: " ").last).dropLast()
            #expect(alias.map(String.init) == "\(table):\(id)")
            // As after a process that was killed between the row's end and the bridge's.
            _ = try network.shell("ip link add br-left group \(0xda71) type bridge")
            _ = try network.shell("ip link set br-left alias \(table):\(String(repeating: "0", count: 64))")
            _ = try network.shell("ip link del \(name)")
            let daemon = try it.start(["daemon", "-H", "unix://\(it.directory)/docker.sock"])
            try it.eventually("the left-over bridge is gone") { try !network.contents().contains { $0.contains("br-left") } }
            try daemon.signal(15)
            _ = try daemon.finish(seconds: 20)
            try it.must("network", "rm", "mynet")
            #expect(try network.contents() == before)
        }

        @Test("20 at once: every network has a subnet of its own") func parallel() throws {
            let before = try network.contents()
            let running = try (0..<20).map { try it.start(["network", "create", "n\($0)"]) }
            for one in running { #expect(try one.finish(seconds: 60).code == 0) }
            let subnets = try it.must("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}}{{end}}", "n0", "n1", "n2", "n3", "n4", "n19").split(separator: "\n")
            #expect(Set(subnets).count == 6)
            #expect(try network.contents().filter { $0.contains("(bridge)") }.count == 20)
            try it.must("network", "prune", "--force")
            #expect(try network.contents() == before)
        }

        @Test("two roots on one host: neither takes from the other") func twoRoots() throws {
            let other = try Installation(on: .space(network))
            let before = try network.contents()
            try it.must("network", "create", "a")
            try other.must("network", "create", "a")
            func subnet(_ it: Installation) throws -> String { try it.must("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Subnet}}{{end}}", "a") }
            #expect(try subnet(it) != subnet(other))
            try it.must("network", "rm", "a")
            #expect(try network.contents() != before)
            try other.must("network", "rm", "a")
            #expect(try network.contents() == before)
        }
    }
}
