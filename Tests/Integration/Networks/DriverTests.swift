import Linux
import Testing

extension Integration {
    /// Networks that reach beyond the host, by the command line, with a LAN and its other computer.
    @Suite struct DriverTests {
        let lab: Lab
        let it: Installation

        init() throws {
            lab = try Lab()
            it = try Installation.withImage(on: .space(lab.host))
        }

        @Test("E118: macvlan containers are on the LAN, with addresses and names of their own") func macvlan() throws {
            try it.must(
                "network", "create", "-d", "macvlan", "-o", "parent=eth0", "--subnet", "192.0.2.0/24", "--gateway", Lab.peerAddress, "--ip-range", "192.0.2.128/25", "lan")
            try it.must("run", "-d", "--name", "one", "--network", "lan", "busybox", "sleep", "1000")
            #expect(try it.must("inspect", "-f", "{{.NetworkSettings.Networks.lan.IPAddress}}", "one") == "192.0.2.128")
            let route = try it.must("exec", "one", "ip", "route")
            #expect(try it.davit("exec", "one", "ping", "-c1", "-W2", Lab.peerAddress).code == 0 && route.contains("default via \(Lab.peerAddress)"))
            #expect(try lab.peer.shell("busybox ping -c1 -W2 192.0.2.128").code == 0)
            #expect(try it.davit("run", "--rm", "--network", "lan", "busybox", "ping", "-c1", "-W2", "one").code == 0)
            // At once after it ended: the same address, and with it the same hardware address.
            for _ in 0..<3 { #expect(try it.must("run", "--rm", "--network", "lan", "busybox", "hostname", "-i") == "192.0.2.129") }
            try it.must("rm", "-f", "one")
            try it.must("network", "rm", "lan")
            try it.expectNothingLeft()
        }

        @Test("E117: an overlay joins the containers of two hosts") func overlay() throws {
            let other = try Installation.withImage(on: .space(lab.peer))
            for (host, peer, range) in [(it, Lab.peerAddress, "10.9.0.64/26"), (other, Lab.hostAddress, "10.9.0.128/26")] {
                try host.must("network", "create", "-d", "overlay", "--opt", "peers=\(peer)", "--subnet", "10.9.0.0/24", "--ip-range", range, "blue")
                try host.must("run", "-d", "--name", "box", "--network", "blue", "busybox", "sleep", "1000")
            }
            for (host, address) in [(it, "10.9.0.128"), (other, "10.9.0.64")] {
                #expect(try host.davit("exec", "box", "ping", "-c1", "-W3", address).code == 0, "\(address)")
                // As large as the interface takes.
                #expect(try host.davit("exec", "box", "ping", "-c1", "-W3", "-s", "1422", address).code == 0, "\(address)")
            }
            for host in [it, other] {
                try host.must("rm", "-f", "box")
                try host.must("network", "rm", "blue")
                try host.expectNothingLeft()
            }
        }

        @Test("E117: an encrypted overlay joins only hosts with the same key, and sends nothing in the clear", .enabled(if: Lab.hasESP, "needs a kernel with ESP"))
        func encrypted() throws {
            let other = try Installation.withImage(on: .space(lab.peer))
            let hosts = [(it, Lab.peerAddress, "10.9.0.64/26", "10.9.0.128"), (other, Lab.hostAddress, "10.9.0.128/26", "10.9.0.64")]
            for (host, peer, range, _) in hosts {
                let key = "\(host.directory)/key"
                try FileDescriptor.open(key, [.writeOnly, .create], mode: 0o600).writeAll("0123456789abcdef".utf8)
                try host.must(
                    "network", "create", "-d", "overlay", "--opt", "encrypted", "--opt", "key-file=\(key)", "--opt", "peers=\(peer)", "--subnet", "10.9.0.0/24",
                    "--ip-range", range, "blue")
                try host.must("run", "-d", "--name", "box", "--network", "blue", "busybox", "sleep", "1000")
            }
            func reaches() throws -> [Bool] { try hosts.map { try $0.0.davit("exec", "box", "ping", "-c1", "-W2", "-s", "1388", $0.3).code == 0 } }
            #expect(try reaches() == [true, true])
            // Another key, taken in by the next start.
            try FileDescriptor.open("\(it.directory)/key", [.writeOnly]).writeAll("f".utf8)
            try it.must("run", "--rm", "--network", "blue", "busybox", "true")
            #expect(try reaches() == [false, false])
            try FileDescriptor.open("\(it.directory)/key", [.writeOnly]).writeAll("0".utf8)
            try it.must("run", "--rm", "--network", "blue", "busybox", "true")
            #expect(try reaches() == [true, true])
            // A host that sends in the clear is not heard.
            #expect(try lab.peer.shell("ip xfrm policy flush").code == 0)
            #expect(try reaches() == [false, false])
            for (host, _, _, _) in hosts {
                try host.must("rm", "-f", "box")
                try host.must("network", "rm", "blue")
                try host.expectNothingLeft()
            }
            #expect(try lab.host.shell("ip xfrm state; ip xfrm policy").out == "")
        }

        @Test("a kernel without ESP is told of where an overlay was to be encrypted", .enabled(if: !Lab.hasESP, "needs a kernel without ESP")) func unencrypted() throws {
            try FileDescriptor.open("\(it.directory)/key", [.writeOnly, .create], mode: 0o600).writeAll("0123456789abcdef".utf8)
            let made = try it.davit(
                "network", "create", "-d", "overlay", "--opt", "encrypted", "--opt", "key-file=\(it.directory)/key", "--opt", "peers=\(Lab.peerAddress)", "blue")
            #expect(made.code == 1 && made.err.hasSuffix("the kernel has no ESP with AES-GCM, which encrypted overlay networks need\n"), "\(made.err)")
            #expect(try lab.host.shell("ip xfrm policy").out == "")
            try it.expectNothingLeft()
        }

        @Test(
            "E117: hosts that an etcd keeps together find each other's containers by name", .enabled(if: FileSystem.exists("/usr/bin/etcd"), "needs etcd"),
            arguments: Lab.hasESP ? [[], ["--opt", "encrypted"]] : [[]])
        func membership(encryption: [String]) throws {
            let third = try NetworkSpace()
            try NetworkSpace.connect(lab.host, ["198.51.100.1/24"], third, ["198.51.100.9/24"], interface: "eth1")
            try NetworkSpace.connect(lab.peer, ["203.0.113.1/24"], third, ["203.0.113.9/24"], interface: "eth2")
            let one = try Installation.withImage(on: .space(lab.host)), other = try Installation.withImage(on: .space(lab.peer))
            let url = "http://0.0.0.0:2379"
            let etcd = try RunningCommand(
                ["/usr/bin/etcd", "--data-dir", "\(one.directory)/etcd", "--listen-client-urls", url, "--advertise-client-urls", url], environment: [],
                withInput: false, network: third)
            defer { withExtendedLifetime(etcd) {} }
            let hosts = [(one, "198.51.100.9", Lab.hostAddress, "10.9.0.64/26"), (other, "203.0.113.9", Lab.peerAddress, "10.9.0.128/26")]
            for (host, server, own, range) in hosts {
                let made = try host.davit(
                    ["network", "create", "-d", "overlay", "--opt", "etcd=http://\(server):2379", "--opt", "local=\(own)", "--subnet", "10.9.0.0/24"]
                        + encryption + ["--ip-range", range, "blue"])
                #expect(made.code == 0, "\(made)")
            }
            try one.must("run", "-d", "--name", "one", "--network", "blue", "--network-alias", "first", "busybox", "sleep", "1000")
            try other.must("run", "-d", "--name", "two", "--network", "blue", "busybox", "sleep", "1000")
            func reaches(_ host: Installation, _ from: String, _ name: String) throws -> Bool {
                try host.davit("exec", from, "ping", "-c1", "-W2", name).code == 0
            }
            for (host, from, name) in [(one, "one", "two"), (other, "two", "one"), (other, "two", "first")] {
                try one.eventually("\(from) reaches \(name)", seconds: 30) { try reaches(host, from, name) }
            }
            try one.must("rename", "one", "uno")
            try one.eventually("the new name is known", seconds: 30) { try reaches(other, "two", "uno") && !reaches(other, "two", "one") }

            #expect(try one.must("network", "inspect", "-f", "{{range .Peers}}{{.IP}} {{end}}", "blue") == "\(Lab.peerAddress) ")

            if !encryption.isEmpty { #expect(try lab.host.shell("ip xfrm state").out.matches(of: /flag esn.*|replay_window 128/).count >= 2) }

            // The process is killed, and comes back by itself.
            func attendants() throws -> [Int32] {
                try World.now(dataRoot: other.dataRoot, runRoot: other.runRoot).processes.filter { $0.contains("davit-overlay") }
                    .compactMap { Int32($0.prefix { $0 != " " }) }.sorted()
            }
            let before = try attendants()
            #expect(before.count == 2)
            for process in before.suffix(1) { try Process.signal(process, 9) }
            try one.eventually("another is there") { try attendants().count == 2 && attendants() != before }
            // The other host dies: nobody keeps its lease alive.
            for process in try attendants() { try Process.signal(process, 9) }
            try one.eventually("it is forgotten", seconds: 60) { try one.davit("exec", "uno", "nslookup", "two", "127.0.0.11").code != 0 }
            // Whoever looks at it brings it back, as does whoever starts a container there.
            try other.must("network", "inspect", "blue")
            try one.eventually("two is back", seconds: 30) { try reaches(one, "uno", "two") }
            try other.must("run", "-d", "--name", "three", "--network", "blue", "busybox", "sleep", "1000")
            for name in ["two", "three"] { try one.eventually("\(name) is back", seconds: 30) { try reaches(one, "uno", name) } }

            try one.must("rm", "-f", "uno")
            try other.must("rm", "-f", "two", "three")
            for host in [one, other] {
                try host.must("network", "rm", "blue")
                try host.expectNothingLeft(seconds: 20)
            }
        }

        @Test("gateway mode isolated: neighbours alone, in both families, and not the host") func isolated() throws {
            let option = "com.docker.network.bridge.gateway_mode_ipv"
            try it.must(
                "network", "create", "--internal", "--ipv6", "--subnet", "fd00:6::/64", "-o", "\(option)4=isolated", "-o", "\(option)6=isolated", "alone")
            try it.must("run", "-d", "--name", "one", "--network", "alone", "busybox", "sleep", "1000")
            for family in ["-4", "-6"] { #expect(try it.davit("run", "--rm", "--network", "alone", "busybox", "ping", family, "-c1", "-W2", "one").code == 0) }
            #expect(try !lab.host.shell("ip address show type bridge").out.contains("inet"))
            try it.must("rm", "-f", "one")
            try it.must("network", "rm", "alone")
            try it.expectNothingLeft()
        }

        @Test("gateway mode routed: no translation either way, and no port of the host; published ports alone are open") func routed() throws {
            try it.must(
                "network", "create", "--ipv6", "-o", "com.docker.network.bridge.gateway_mode_ipv4=routed", "-o",
                "com.docker.network.bridge.gateway_mode_ipv6=routed", "--subnet", "10.8.0.0/24", "--subnet", "fd00:8::/64", "wide")
            #expect(try lab.peer.shell("ip route add 10.8.0.0/24 via \(Lab.hostAddress); ip route add fd00:8::/64 via \(Lab.hostAddress6)").code == 0)
            let script = "echo hello > /index.html; httpd -p 81 -h /; exec httpd -f -vv -p 80 -h /"
            try it.must(
                "run", "-d", "--name", "web", "--network", "wide", "--ip", "10.8.0.5", "--ip6", "fd00:8::5", "-p", "8080:80", "-p", "9090:80", "busybox", "sh", "-c", script)
            func get(_ address: String) throws -> String { try lab.peer.shell("curl -gs -m 2 http://\(address)/").out }
            for address in ["10.8.0.5:80", "[fd00:8::5]:80"] { try it.eventually("\(address) answers") { try get(address) == "hello\n" } }
            try it.eventually("the log tells who asked") { try it.davit("logs", "web").err.contains(Lab.peerAddress) }
            #expect(try lab.peer.shell("busybox ping -c1 -W2 10.8.0.5").code == 0)
            for address in ["10.8.0.5:81", "\(Lab.hostAddress):8080", "[\(Lab.hostAddress6)]:8080"] { #expect(try get(address).isEmpty, "\(address)") }
            #expect(try it.must("port", "web") == "80/tcp -> 0.0.0.0:\n80/tcp -> [::]:")
            // The peer sees the container itself.
            let probe = try Probe(.tcp, at: 7000, of: lab.peer)
            try it.must("exec", "-d", "web", "nc", Lab.peerAddress, "7000")
            #expect(try probe.caller() == "10.8.0.5")
            try it.must("update", "--publish-rm", "8080:80", "web")
            #expect(try get("10.8.0.5:80").isEmpty)
            try it.must("rm", "-f", "web")
            try it.must("network", "rm", "wide")
            try it.expectNothingLeft()
        }

        @Test("a published port is open on a routed network too that does not have the default route") func routedBeside() throws {
            try it.must("network", "create", "--subnet", "10.8.0.0/24", "-o", "com.docker.network.bridge.gateway_mode_ipv4=routed", "wide")
            try it.must("network", "create", "usual")
            #expect(try lab.peer.shell("ip route add 10.8.0.0/24 via \(Lab.hostAddress)").code == 0)
            let script = "echo hello > /index.html; httpd -p 81 -h /; exec httpd -f -p 80 -h /"
            try it.must(
                "run", "-d", "--name", "web", "--network", "name=usual,gw-priority=1", "--network", "name=wide,ip=10.8.0.5", "-p", "8080:80", "-p", "9090:80",
                "busybox", "sh", "-c", script)
            func get(_ address: String) throws -> String { try lab.peer.shell("curl -s -m 2 http://\(address)/").out }
            for address in ["10.8.0.5:80", "\(Lab.hostAddress):8080"] { try it.eventually("\(address) answers") { try get(address) == "hello\n" } }
            #expect(try get("10.8.0.5:81").isEmpty)
            try it.must("update", "--publish-rm", "8080:80", "web")
            #expect(try get("10.8.0.5:80") == "hello\n" && get("\(Lab.hostAddress):8080").isEmpty)
            try it.must("network", "disconnect", "usual", "web")
            #expect(try get("10.8.0.5:80") == "hello\n")
            try it.must("network", "connect", "--gw-priority", "1", "usual", "web")
            try it.must("update", "--publish-rm", "9090:80", "web")
            #expect(try get("10.8.0.5:80").isEmpty)
            try it.must("rm", "-f", "web")
            try it.must("network", "rm", "wide", "usual")
            try it.expectNothingLeft()
        }

        @Test("rules that somebody flushed come back with the daemon's start, ports too") func flushed() throws {
            let script = "echo hello > /index.html; exec httpd -f -h /"
            try it.must("run", "-d", "--name", "web", "-p", "8080:80", "busybox", "sh", "-c", script)
            func answer() throws -> String { try lab.peer.shell("curl -s -m 2 http://\(Lab.hostAddress):8080/").out }
            try it.eventually("the peer is answered") { try answer() == "hello\n" }
            let before = try lab.host.endpoints()
            #expect(try lab.host.shell("nft flush ruleset").code == 0)
            // Meanwhile the supervisor's sockets carry it.
            #expect(try answer() == "hello\n")
            try it.must("daemon", "--once")
            #expect(try answer() == "hello\n" && lab.host.endpoints() == before)
            try it.must("rm", "-f", "web")
            try it.expectNothingLeft()
        }

        @Test("network events carry Docker's attributes") func events() throws {
            let network = try it.must("network", "create", "mynet")
            let container = try it.must("run", "-d", "--name", "box", "--network", "mynet", "busybox", "sleep", "1000")
            try it.must("network", "connect", "bridge", "box")
            try it.must("network", "disconnect", "bridge", "box")
            try it.must("rm", "-f", "box")
            try it.must("network", "rm", "mynet")
            let format = "{{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}} {{.Actor.Attributes.container}}"
            let told = try it.must("events", "--since", "1h", "--until", "0s", "--filter", "type=network", "--format", format).split(separator: "\n").map(String.init)
            let bridge = try it.must("network", "inspect", "-f", "{{.Id}}", "bridge")
            #expect(
                told == [
                    "create \(network) mynet bridge ", "connect \(network) mynet bridge \(container)", "connect \(bridge) bridge bridge \(container)",
                    "disconnect \(bridge) bridge bridge \(container)", "disconnect \(network) mynet bridge \(container)", "destroy \(network) mynet bridge ",
                ])
        }

        @Test("E138 E140: tcpdump in another container's network sees its traffic", .enabled(if: FileSystem.exists("/usr/bin/tcpdump"), "needs tcpdump"))
        func capture() throws {
            try it.must("run", "-d", "--name", "redis", "-p", "6379:6379", "busybox", "sh", "-c", "echo PONG > /index.html; exec httpd -f -p 6379 -h /")
            try FileSystem.makeDirectories("\(it.directory)/pcap")
            // The machine's own program, and what it is linked to.
            let mounts = ["/usr", "/lib", "/lib64"].flatMap { ["-v", "\($0):\($0):ro"] }
            let dump = ["tcpdump", "-i", "eth0", "-Z", "root", "-U", "-c", "3", "port", "6379", "-w", "/data/redis.pcap"]
            let mount = ["--mount", "type=bind,src=\(it.directory)/pcap,dst=/data"]
            #expect(try it.davit(["run", "--name", "netshoot", "--network", "container:redis", "-itd"] + mounts + mount + ["busybox"] + dump).code == 0)
            try it.eventually("it listens") { try it.must("logs", "netshoot").contains("listening on eth0") }
            #expect(try lab.peer.shell("curl -s -m 3 http://\(Lab.hostAddress):6379/").out == "PONG\n")
            #expect(try it.must("wait", "netshoot") == "0")
            #expect(try it.must("logs", "netshoot").contains("3 packets captured"))
            #expect(try FileSystem.status("\(it.directory)/pcap/redis.pcap")?.size ?? 0 > 24)
            try it.must("rm", "-f", "redis", "netshoot")
        }
    }
}
