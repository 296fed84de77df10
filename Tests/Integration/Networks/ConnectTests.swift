import Linux
import Testing

extension Integration {
    /// Containers that come to networks and leave them while they run, and many at once.
    @Suite struct ConnectTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func reaches(_ from: String, _ name: String) throws -> Bool { try it.davit("exec", from, "ping", "-c1", "-W2", name).code == 0 }

        @Test("--link-local-ip: neighbours reach each other by addresses of the link, also after a new start") func linkLocal() throws {
            try it.must("network", "create", "--ipv6", "both")
            try it.must("run", "-d", "--name", "one", "--network", "both", "--link-local-ip", "169.254.7.7", "--link-local-ip", "fe80::254:77", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "two", "busybox", "sleep", "1000")
            try it.must("network", "connect", "--link-local-ip", "169.254.9.9", "both", "two")
            // Nor do neighbours make themselves each other's routers.
            #expect(try it.must("exec", "one", "cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra") == "0")
            for _ in 0..<2 {
                #expect(try it.davit("exec", "one", "ping", "-c1", "-W2", "169.254.9.9").code == 0)
                #expect(try it.davit("exec", "two", "ping", "-c1", "-W2", "169.254.7.7").code == 0)
                #expect(try it.davit("exec", "two", "ping", "-c1", "-W2", "fe80::254:77%eth1").code == 0)
                try it.must("restart", "-t", "0", "one", "two")
            }
            try it.must("rm", "-f", "one", "two")
            try it.must("network", "rm", "both")
            try it.expectNothingLeft()
        }

        @Test("nobody waits for a supervisor that dies while its container is connected, and a connect that was killed goes on") func killed() throws {
            let connect = ["network", "connect", "other", "web"]
            try it.must("network", "create", "other")
            try it.must("run", "-d", "--name", "web", "busybox", "sleep", "1000")
            // Whoever tells its steps to a pipe that nobody reads stays at the first.
            let steps = "\(it.directory)/steps"
            #expect(try it.shell("mkfifo \(steps)").code == 0)
            let held = try it.start(connect, environment: ["\(Failpoint.stepsVariable)=\(steps)"])
            try it.eventually("it has its address") { try it.must("inspect", "-f", "{{len .NetworkSettings.Networks}}", "web") == "2" }
            for supervisor in try it.supervisors() { try Process.signal(supervisor, 9) }
            #expect(try it.shell("cat \(steps)").out.contains(Failpoint.connectAfterLease.rawValue))
            #expect(try held.finish(seconds: 60).err.contains("is not running"))

            try it.must("start", "web")
            #expect(try it.davit(connect, environment: ["\(Failpoint.variable)=\(Failpoint.connectAfterLease.rawValue)"]).status == .signaled(9))
            try it.must("network", "connect", "other", "web")
            #expect(try it.must("exec", "web", "ip", "addr").contains("172.18.0.2"))
            #expect(try it.davit(connect).err.contains("endpoint with name web already exists in network other"))
            try it.must("rm", "-f", "web")
            try it.must("network", "rm", "other")
            try it.expectNothingLeft()
        }

        @Test("E114 E122 E125: names, aliases and links on networks of one's own; connected and disconnected live") func live() throws {
            try it.must("network", "create", "--subnet", "10.9.0.0/24", "front")
            try it.must("network", "create", "back")
            try it.must("run", "-d", "--name", "web", "--network", "front", "--ip", "10.9.0.50", "--network-alias", "www", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "client", "--network", "front", "--link", "web:other", "busybox", "sleep", "1000")
            for name in ["web", "www", "other", "host.docker.internal", "10.9.0.50"] { #expect(try reaches("client", name), "\(name)") }
            #expect(try it.must("exec", "client", "cat", "/etc/resolv.conf").hasPrefix("nameserver 127.0.0.11\n"))

            try it.must("run", "-d", "--name", "db", "--network", "back", "busybox", "sleep", "1000")
            #expect(try !reaches("db", "web"))
            try it.must("network", "connect", "--alias", "w", "back", "web")
            #expect(try reaches("db", "web") && reaches("db", "w") && reaches("web", "db"))
            #expect(try it.must("inspect", "-f", "{{len .NetworkSettings.Networks}}", "web") == "2")
            try it.must("rename", "web", "site")
            #expect(try reaches("db", "site") && !reaches("db", "web"))
            try it.must("network", "disconnect", "front", "site")
            #expect(try !reaches("client", "www") && reaches("db", "site"))
            #expect(try it.must("exec", "site", "ip", "route").contains("default via 172.18.0.1"))
            // Back again, as the network with the default route.
            try it.must("network", "connect", "front", "site")
            // A link is for its own network.
            try it.must("network", "connect", "--link", "site:there", "back", "client")
            #expect(try reaches("client", "there"))
            try it.must("network", "disconnect", "back", "site")
            #expect(try !reaches("client", "there") && reaches("client", "site"))
            try it.must("network", "disconnect", "back", "client")
            try it.must("network", "connect", "back", "site")
            let own = try it.must("exec", "site", "cat", "/etc/hosts")
            #expect(try !own.contains("10.9.0.50") && own.contains("10.9.0.") && reaches("client", "site"))
            try it.must("restart", "-t", "0", "site")
            #expect(try reaches("client", "site") && reaches("db", "site"))
            let shared = try it.davit("network", "connect", "host", "site")
            #expect(shared.code == 1 && shared.err.contains("container must be created in host network mode"), "\(shared)")
            try it.must("rm", "-f", "site", "client", "db")
            try it.must("network", "rm", "front", "back")
            try it.expectNothingLeft()
        }

        @Test("a network is left also when the next one cannot have the default route; inspect shows the hardware address that was asked for")
        func broken() throws {
            for name in ["one", "two"] { try it.must("network", "create", name) }
            try it.must(
                "run", "-d", "--name", "box", "--cap-add", "NET_ADMIN", "--network", "name=one,gw-priority=1", "--network",
                "name=two,driver-opt=com.docker.network.endpoint.ifname=eth7", "busybox", "sleep", "1000")
            try it.must("exec", "box", "ip", "link", "set", "eth7", "down")
            try it.must("network", "disconnect", "one", "box")
            try it.must("network", "connect", "one", "box")
            try it.must("restart", "-t", "0", "box")
            #expect(try it.must("inspect", "-f", "{{len .NetworkSettings.Networks}}", "box") == "2")
            try it.must("create", "--name", "mac", "--network", "name=one,mac-address=02:42:ac:11:00:42", "busybox")
            let asked = "{{.NetworkSettings.Networks.one.MacAddress}} {{.Config.MacAddress}}"
            #expect(try it.must("inspect", "-f", asked, "mac") == "02:42:ac:11:00:42 02:42:ac:11:00:42")
            try it.must("rm", "-f", "box", "mac")
            try it.must("network", "rm", "one", "two")
            try it.expectNothingLeft()
        }

        @Test("ports are published with the first network that has a way out, or that network is not joined") func publishedLater() throws {
            try it.must("network", "create", "--internal", "inside")
            try it.must("network", "create", "outside")
            for name in ["one", "two"] { try it.must("run", "-d", "--name", name, "--network", "inside", "-p", "127.0.0.1:8080:80", "busybox", "sleep", "1000") }
            #expect(try it.must("port", "one").isEmpty)
            try it.must("network", "connect", "outside", "one")
            #expect(try it.must("port", "one") == "80/tcp -> 127.0.0.1:8080")
            let taken = try it.davit("network", "connect", "outside", "two")
            #expect(taken.code == 1 && taken.err.contains("one"), "\(taken)")
            #expect(try it.must("inspect", "-f", "{{len .NetworkSettings.Networks}}", "two") == "1" && !it.must("exec", "two", "ip", "link").contains("eth1"))
            // Another network takes the default route; what is published stays so.
            try it.must("network", "create", "other")
            try it.must("network", "connect", "--gw-priority", "1", "other", "one")
            #expect(try it.must("port", "one") == "80/tcp -> 127.0.0.1:8080")
            try it.must("rm", "-f", "one", "two")
            try it.must("network", "rm", "inside", "outside", "other")
            try it.expectNothingLeft()
        }

        @Test("an address needs a subnet that somebody chose, when the container is created; host and none tell who is on them") func rules() throws {
            try it.must("network", "create", "plain")
            let refused = try it.davit("create", "--network", "plain", "--ip", "172.18.0.9", "busybox", "true")
            let text =
                "invalid config for network plain: invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets"
            #expect(refused.code == 1 && refused.err.contains(text), "\(refused)")
            #expect(try it.must("ps", "-aq").isEmpty)
            for network in ["host", "none"] {
                try it.must("run", "-d", "--name", "on-\(network)", "--network", network, "busybox", "sleep", "1000")
                #expect(try it.must("network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{len .EndpointID}} {{.IPv4Address}}{{end}}", network) == "on-\(network) 64 ")
                let id = try it.must("network", "inspect", "-f", "{{.Id}}", network)
                #expect(try it.must("inspect", "-f", "{{.NetworkSettings.Networks.\(network).NetworkID}}", "on-\(network)") == id)
            }
            try it.must("rm", "-f", "on-host", "on-none")
            try it.must("network", "rm", "plain")
            try it.expectNothingLeft()
        }

        @Test("many containers started at once on one network each know every other, and nothing is left of them") func many() throws {
            // The whole number takes minutes on a small machine.
            let count = Environment.value("DAVIT_FULL") == "1" ? 200 : 40
            try it.must("network", "create", "crowd")
            let script = """
                for i in $(seq \(count)); do
                    $DAVIT run -d --name c$i --network crowd busybox sleep 1000 >/dev/null &
                    [ $((i % 20)) = 0 ] && wait
                done; wait; $DAVIT ps -q | wc -l
                """
            let started = try it.shell(script, seconds: 240)
            #expect(started.line == "\(count)", "\(started)")
            let addresses = try it.must("network", "inspect", "-f", "{{range .Containers}}{{.IPv4Address}} {{end}}", "crowd").split(separator: " ")
            #expect(Set(addresses).count == count)
            let ask = "for i in $(seq \(count)); do nslookup c$i 127.0.0.11 2>/dev/null | grep -q '^Address.*172' || echo c$i; done"
            for one in ["c1", "c\(count / 2)", "c\(count)"] { #expect(try it.must("exec", one, "sh", "-c", ask).isEmpty, "\(one)") }
            let removed = try it.shell("$DAVIT rm -f $($DAVIT ps -aq)", seconds: 240)
            #expect(removed.code == 0, "\(removed)")
            try it.must("network", "rm", "crowd")
            try it.expectNothingLeft()
        }
    }
}
