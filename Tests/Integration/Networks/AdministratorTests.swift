import Linux
import Testing

extension Integration {
    /// What the administrator says of all networks: `daemon.json`, which every command obeys, and flags of the daemon.
    @Suite struct AdministratorTests {
        let lab: Lab
        let it: Installation

        init() throws {
            lab = try Lab()
            it = try Installation.withImage(on: .space(lab.host))
            try FileSystem.makeDirectories("\(it.directory)/etc")
        }

        private func write(_ settings: String) throws { try FileSystem.replace("\(it.directory)/etc/daemon.json", with: settings.utf8) }

        private func davit(_ words: String...) throws -> Outcome { try it.davit(words, environment: ["DAVIT_CONFIG_DIR=\(it.directory)/etc"]) }

        @Test("daemon.json: the network bridge, its addresses, gateway, MTU and resolver, and what host-gateway is") func file() throws {
            try write(
                #"""
                {"bip": "10.5.0.9/16", "fixed-cidr": "10.5.3.0/24", "default-gateway": "10.5.0.77", "mtu": 1400, "ipv6": true, "fixed-cidr-v6": "fd00:5::/64",
                "dns": ["192.0.2.53"], "dns-search": ["example.org"], "dns-opts": ["timeout:3"], "host-gateway-ips": ["192.0.2.9"], "ip": "127.0.0.1"}
                """#)
            let script = "ip route; ip address show eth0; cat /etc/resolv.conf /etc/hosts"
            let shown = try davit("run", "--rm", "--add-host", "gate:host-gateway", "-p", "80", "busybox", "sh", "-c", script).out
            for words in [
                "default via 10.5.0.77 dev eth0", "inet 10.5.3.", "/16", "inet6 fd00:5::2/64", "mtu 1400", "nameserver 192.0.2.53\nsearch example.org\noptions timeout:3",
                "192.0.2.9\tgate\n",
            ] { #expect(shown.contains(words), "\(words) in \(shown)") }
            #expect(try lab.host.shell("ip -o address show type bridge").out.contains("inet 10.5.0.9/16"))
            // What the container says itself goes first.
            #expect(try davit("run", "--rm", "--dns", "192.0.2.54", "busybox", "cat", "/etc/resolv.conf").out.hasPrefix("nameserver 192.0.2.54\nsearch example.org\n"))
            #expect(try davit("run", "-d", "--name", "web", "-p", "8080:80", "busybox", "sleep", "1000").code == 0)
            #expect(try davit("port", "web").out == "80/tcp -> 127.0.0.1:8080\n")
            // While a container is on it, it stays as it is.
            try write(#"{"bip": "10.6.0.1/16"}"#)
            #expect(try davit("network", "inspect", "bridge").out.contains("10.5.0.9"))
            #expect(try davit("rm", "-f", "web").code == 0)
            #expect(try davit("run", "--rm", "busybox", "ip", "route").out.hasPrefix("default via 10.6.0.1 dev eth0"))
            try it.expectNothingLeft()
        }

        @Test("daemon.json: pools of subnets, options of new networks, and no container beside another on the default one") func pools() throws {
            try write(
                #"""
                {"default-address-pools": [{"base": "10.99.0.0/16", "size": 24}, {"base": "fd00:99::/56", "size": 64}], "icc": false,
                "default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "1400", "com.docker.network.enable_ipv6": "true"}}}
                """#)
            #expect(try davit("network", "create", "a").code == 0 && davit("network", "create", "-o", "com.docker.network.driver.mtu=1300", "b").code == 0)
            let shown = try ["a", "b"].map { try davit("network", "inspect", "-f", #"{{json .IPAM.Config}}{{index .Options "com.docker.network.driver.mtu"}}"#, $0).out }
            #expect(shown[0].contains("10.99.1.0/24") && shown[0].contains("fd00:99::/64") && shown[0].contains("1400"), "\(shown)")
            #expect(shown[1].contains("10.99.2.0/24") && shown[1].contains("fd00:99:0:1::/64") && shown[1].contains("1300"), "\(shown)")
            #expect(try davit("info", "-f", "{{json .DefaultAddressPools}}").out == #"[{"Base":"10.99.0.0/16","Size":24},{"Base":"fd00:99::/56","Size":64}]"# + "\n")
            #expect(try davit("run", "-d", "--name", "one", "busybox", "sleep", "1000").code == 0)
            let address = try davit("inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", "one").line
            #expect(address.hasPrefix("10.99.") && !address.isEmpty)
            #expect(try davit("run", "--rm", "busybox", "ping", "-c1", "-W1", address).code == 1)
            #expect(try davit("rm", "-f", "one").code == 0)
            for name in ["a", "b"] { #expect(try davit("network", "rm", name).code == 0) }
            try it.expectNothingLeft()
        }

        @Test("daemon.json: a bridge that the administrator made is used, and stays; none is no network") func bridges() throws {
            try write(#"{"bridge": "br7"}"#)
            let missing = try davit("run", "--rm", "busybox", "true")
            #expect(missing.code == 125 && missing.err.contains("bridge device with non default name br7 must be created manually"), "\(missing)")
            #expect(try lab.host.shell("ip link add br7 type bridge && ip address add 10.7.0.3/24 dev br7 && ip link set br7 up").code == 0)
            #expect(try davit("run", "--rm", "busybox", "ip", "route").out.hasPrefix("default via 10.7.0.3 dev eth0"))
            try write(#"{"bridge": "none"}"#)
            #expect(try davit("run", "--rm", "busybox", "ls", "/sys/class/net").out == "lo\n")
            #expect(try davit("network", "ls", "--format", "{{.Name}}").out == "host\nnone\n")
            #expect(try davit("run", "-d", "--name", "box", "--network", "bridge", "-p", "80:80", "busybox", "sleep", "1000").code == 0)
            #expect(try davit("port", "box").out == "" && davit("rm", "-f", "box").code == 0)
            #expect(try lab.host.shell("ip link show br7").code == 0)
            #expect(try lab.host.shell("ip link delete br7").code == 0)
            try it.expectNothingLeft()
        }

        @Test(
            "daemon.json: what cannot be is refused with its name",
            arguments: [
                (#"{"bip": "10.5.0.1"}"#, "invalid CIDR address: 10.5.0.1"), (#"{"bip": "fd00::1/64"}"#, "invalid bip: fd00::1 is not an IPv4 address"),
                (#"{"bridge": "br0", "bip": "10.5.0.1/24"}"#, "You specified -b & --bip, mutually exclusive options. Please specify only one"),
                (#"{"bip": "10.5.0.1/24", "default-gateway": "10.6.0.1"}"#, "invalid auxiliary address DefaultGatewayIPv4: parent subnet 10.5.0.0/24 doesn't contain this address"),
                (#"{"default-address-pools": [{"base": "10.9.0.0/24", "size": 16}]}"#, "invalid default address pool 10.9.0.0/24"),
                (#"{"iptables": false}"#, "iptables and ip6tables cannot be false"),
                (#"{"firewall-backend": "iptables"}"#, "there is no other backend"), (#"{"bridge-accept-fwmark": "1"}"#, "bridge-accept-fwmark is not there"),
                (#"{"dns": ["x"]}"#, "dns"),
                (#"{"mtu": 1}"#, "invalid MTU number: 1"),
            ])
        func refused(settings: String, error: String) throws {
            try write(settings)
            let outcome = try davit("run", "--rm", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains(error), "\(outcome)")
            #expect(try davit("run", "--rm", "--network", "none", "busybox", "true").code == (error == "dns" ? 125 : outcome.code))
        }

        @Test("allow-direct-routing: published ports are open at the container's own address; trusted_host_interfaces: to one interface") func direct() throws {
            #expect(try lab.peer.shell("ip route add 10.8.0.0/16 via \(Lab.hostAddress)").code == 0)
            let third = try NetworkSpace()
            try NetworkSpace.connect(lab.host, ["198.51.100.1/24"], third, ["198.51.100.9/24"], interface: "eth1")
            try third.route(by: "198.51.100.1", interface: "eth1")
            func get(_ space: NetworkSpace, _ address: String) throws -> String { try space.shell("curl -gs -m 1 http://\(address)/").out }
            let script = "echo hello > /index.html; httpd -p 81 -h /; exec httpd -f -p 80 -h /"
            for (settings, options, peers, thirds) in [
                ("{}", [], false, false), (#"{"allow-direct-routing": true}"#, [], true, true),
                ("{}", ["-o", "com.docker.network.bridge.trusted_host_interfaces=eth7:eth1"], false, true),
            ] {
                try write(settings)
                #expect(try it.davit(["network", "create", "--subnet", "10.8.0.0/24"] + options + ["n"], environment: ["DAVIT_CONFIG_DIR=\(it.directory)/etc"]).code == 0)
                #expect(try davit("run", "-d", "--name", "web", "--network", "n", "--ip", "10.8.0.5", "-p", "127.0.0.1:8080:80", "busybox", "sh", "-c", script).code == 0)
                try it.eventually("the server answers") { try get(lab.host, "127.0.0.1:8080") == "hello\n" }
                #expect(try get(lab.peer, "10.8.0.5") == (peers ? "hello\n" : ""), "\(settings) \(options)")
                #expect(try get(third, "10.8.0.5") == (thirds ? "hello\n" : ""), "\(settings) \(options)")
                #expect(try get(third, "10.8.0.5:81").isEmpty && lab.peer.shell("busybox ping -c1 -W1 10.8.0.5").code != 0)
                #expect(try davit("rm", "-f", "web").code == 0 && davit("network", "rm", "n").code == 0)
            }
            #expect(try lab.host.shell("ip link delete eth1").code == 0)
            try it.expectNothingLeft()
        }

        @Test("ip-forward and ip-forward-no-drop: who has the host forward, and for whom") func forwarding() throws {
            for (settings, forwards, closed) in [("{}", "1", true), (#"{"ip-forward": false}"#, "0", false), (#"{"ip-forward-no-drop": true}"#, "1", false)] {
                try write(settings)
                #expect(try davit("network", "create", "n").code == 0)
                #expect(try lab.host.shell("cat /proc/sys/net/ipv4/ip_forward").line == forwards, "\(settings)")
                let table = try lab.host.shell("nft list sets inet").out
                #expect(table.split(separator: "\n").contains { $0.contains("elements = { ipv4 }") } == closed, "\(table)")
                #expect(try davit("network", "rm", "n").code == 0)
                #expect(try lab.host.shell("echo 0 > /proc/sys/net/ipv4/ip_forward").code == 0)
            }
            try it.expectNothingLeft()
        }

        @Test("flags of the daemon: they count in it, other commands leave them be, and what is in the file too is refused") func flags() throws {
            let socket = "unix://\(it.runRoot)/davit.sock"
            func daemon(_ flags: [String]) throws -> RunningCommand { try it.start(["daemon"] + flags, environment: ["DAVIT_CONFIG_DIR=\(it.directory)/etc"]) }
            let running = try daemon(["--bip", "10.6.0.1/24", "--default-address-pool", "base=10.44.0.0/16,size=24", "--dns", "192.0.2.53", "--mtu=1300"])
            try it.eventually("the daemon listens") { try davit("-H", socket, "version").code == 0 }
            let own = try davit("-H", socket, "run", "--rm", "busybox", "sh", "-c", "ip route; cat /etc/resolv.conf")
            #expect(own.out.hasPrefix("default via 10.6.0.1 dev eth0") && own.out.contains("nameserver 192.0.2.53"), "\(own)")
            #expect(try davit("-H", socket, "network", "create", "n").code == 0)
            #expect(try davit("network", "inspect", "n").out.contains("10.44.0.0/24"))
            #expect(try davit("run", "--rm", "busybox", "ip", "route").out.hasPrefix("default via 10.6.0.1 dev eth0"))
            try running.signal(15)
            #expect(try running.finish(seconds: 20).code == 0)
            try write(#"{"bip": "10.7.0.1/24"}"#)
            let both = try daemon(["--bip", "10.6.0.1/24"]).finish(seconds: 20)
            let words = "the following directives are specified both as a flag and in the configuration file: bip: (from flag: 10.6.0.1/24, from file: 10.7.0.1/24)"
            #expect(both.code == 1 && both.err.contains(words), "\(both)")
            let other = try daemon(["--config-file", "/dev/null", "--bip", "10.8.0.1/24"])
            try it.eventually("the daemon listens") { try davit("-H", socket, "network", "inspect", "bridge").out.contains("10.8.0.1") }
            try other.signal(15)
            #expect(try other.finish(seconds: 20).code == 0)
            let off = try daemon(["--config-file", "/dev/null", "--iptables=false"]).finish(seconds: 20)
            #expect(off.code == 1 && off.err.contains("iptables and ip6tables cannot be false"), "\(off)")
            #expect(try davit("network", "rm", "n").code == 0)
            try it.expectNothingLeft()
        }
    }
}
