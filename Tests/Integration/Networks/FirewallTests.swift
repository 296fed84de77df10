import Linux
import Testing

extension Integration {
    /// Beside the firewalls of others, as docs/networking.md says it.
    @Suite struct FirewallTests {
        let lab: Lab
        let it: Installation
        let bridge: String

        init() throws {
            lab = try Lab()
            it = try Installation.withImage(on: .space(lab.host))
            let script = "echo hello > /index.html; exec httpd -f -p 80 -h /"
            try it.must("run", "-d", "--name", "web", "-p", "8080:80", "busybox", "sh", "-c", script)
            try it.must("run", "-d", "--name", "box", "busybox", "sleep", "1000")
            bridge = "br-\(try it.must("network", "inspect", "-f", "{{slice .Id 0 12}}", "bridge"))"
            try it.eventually("the server answers") { try get(lab.host, "127.0.0.1:8080") }
        }

        private func get(_ space: NetworkSpace, _ address: String) throws -> Bool { try space.shell("curl -s -m 1 http://\(address)/").out == "hello\n" }

        private struct Reached: Equatable {
            var worldByContainers: Bool
            var portByLAN: Bool
            var portByHost = true
            var neighbour = true
        }

        private func reached() throws -> Reached {
            let world = try Probe(.tcp, at: 7000, of: lab.peer)
            try it.must("exec", "-d", "web", "nc", Lab.peerAddress, "7000")
            return try Reached(
                worldByContainers: try world.caller(seconds: 1) != nil, portByLAN: get(lab.peer, "\(Lab.hostAddress):8080"), portByHost: get(lab.host, "127.0.0.1:8080"),
                neighbour: it.davit("exec", "box", "ping", "-c1", "-W1", "172.17.0.2").code == 0)
        }

        private func end() throws {
            try it.must("rm", "-f", "web", "box")
            try it.expectNothingLeft()
        }

        @Test("iptables with a policy of DROP, as Docker sets it, and bridge-nf-call-iptables: two rules let containers pass") func policy() throws {
            #expect(try reached() == Reached(worldByContainers: true, portByLAN: true))
            #expect(
                try lab.host.shell("echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables; iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER")
                    .code == 0)
            #expect(try reached() == Reached(worldByContainers: false, portByLAN: false, neighbour: !FileSystem.exists("/proc/sys/net/bridge")))
            #expect(try it.davit("network", "create", "probe").err.contains("the firewall of this host drops forwarded packets (ip filter FORWARD)"))
            try it.must("network", "rm", "probe")
            #expect(try lab.host.shell("iptables -I DOCKER-USER -o \(bridge) -j ACCEPT; iptables -I DOCKER-USER -i \(bridge) -j ACCEPT").code == 0)
            #expect(try reached() == Reached(worldByContainers: true, portByLAN: true))
            #expect(try lab.host.shell("iptables -F; iptables -X; iptables -P FORWARD ACCEPT; nft delete table ip filter").code == 0)
            try end()
        }

        @Test("ufw: its routes say who reaches what", .enabled(if: FileSystem.exists("/usr/sbin/ufw"), "needs ufw")) func routes() throws {
            let etc = "\(it.directory)/ufw"
            func ufw(_ words: String) throws {
                // Its files are the machine's: here a copy of them.
                let mounts = "mount --bind \(etc)/ufw /etc/ufw && mount --bind \(etc)/default /etc/default/ufw"
                let outcome = try lab.host.shell("unshare -m sh -c '\(mounts) && ufw --force \(words)'")
                #expect(outcome.code == 0, "\(outcome)")
            }
            #expect(try lab.host.shell("mkdir \(etc) && cp -a /etc/ufw \(etc)/ufw && cp /etc/default/ufw \(etc)/default").code == 0)
            try ufw("enable")
            #expect(try reached() == Reached(worldByContainers: false, portByLAN: false))
            try ufw("route allow in on \(bridge)")
            #expect(try reached() == Reached(worldByContainers: true, portByLAN: false))
            try ufw("route allow in on eth0 out on \(bridge)")
            #expect(try reached() == Reached(worldByContainers: true, portByLAN: true))
            try ufw("route insert 1 deny in on eth0 out on \(bridge) proto tcp to any port 80")
            #expect(try reached() == Reached(worldByContainers: true, portByLAN: false))
            try ufw("disable")
            #expect(try lab.host.shell("nft delete table ip filter; nft delete table ip6 filter").code == 0)
            try end()
        }
    }
}
