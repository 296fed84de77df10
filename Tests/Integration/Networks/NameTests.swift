import Linux
import Testing

extension Integration {
    /// What containers call each other and the host: links, hosts files and resolvers.
    @Suite struct NameTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("rm --link takes a name away from one that runs") func unlinking() throws {
            try it.must("run", "-d", "--name", "db", "busybox", "sleep", "1000")
            try it.must("run", "-d", "--name", "web", "--link", "db:data", "--link", "db", "busybox", "sleep", "1000")
            #expect(try it.must("rm", "--link", "web/data") == "web/data")
            let hosts = try it.must("exec", "web", "cat", "/etc/hosts")
            #expect(!hosts.contains("data") && hosts.contains("\tdb "), "\(hosts)")
            #expect(try it.must("inspect", "-f", "{{.HostConfig.Links}}", "web") == "[/db:/web/db]")
            let unknown = try it.davit("rm", "--link", "web/data"), plain = try it.davit("rm", "--link", "web")
            #expect(unknown.code == 1 && unknown.err == "Error response from daemon: No such container: web/data\n", "\(unknown)")
            #expect(plain.code == 1 && plain.err == "Error response from daemon: Conflict, cannot remove the default link name of the container\n", "\(plain)")
            #expect(try it.must("ps", "-q", "--no-trunc").split(separator: "\n").count == 2)
            try it.must("rm", "-f", "web", "db")
            try it.expectNothingLeft()
        }

        @Test("a container without IPv6 has neither addresses nor names of it") func withoutIPv6() throws {
            try it.must("network", "create", "--ipv6", "both")
            try it.must("run", "-d", "--name", "with", "--network", "both", "busybox", "sleep", "1000")
            let sysctl = "net.ipv6.conf.IFNAME.disable_ipv6=1"
            for (name, flags) in [
                ("all", ["--sysctl", "net.ipv6.conf.all.disable_ipv6=1", "--network", "both"]),
                ("one", ["--network", "name=both,driver-opt=com.docker.network.endpoint.sysctls=\(sysctl)"]),
            ] {
                #expect(try it.davit(["run", "-d", "--name", name] + flags + ["busybox", "sleep", "1000"]).code == 0)
                #expect(try it.must("inspect", "-f", "{{.NetworkSettings.Networks.both.GlobalIPv6Address}}", name) == "")
                #expect(try !it.must("exec", name, "ip", "address", "show", "eth0").contains("inet6"))
                #expect(try it.davit("exec", "with", "ping", "-4", "-c1", "-W2", name).code == 0)
                #expect(try it.davit("exec", "with", "ping", "-6", "-c1", "-W2", name).err.contains("bad address"))
            }
            #expect(try !it.must("exec", "all", "cat", "/etc/hosts").contains("::"))
            try it.must("rm", "-f", "with", "all", "one")
            // Less than IPv6 needs: the kernel gives such interfaces none.
            try it.must("network", "create", "-o", "com.docker.network.driver.mtu=1234", "small")
            #expect(try it.must("run", "--rm", "--network", "small", "busybox", "cat", "/sys/class/net/eth0/mtu") == "1234")
            try it.must("network", "rm", "both", "small")
            try it.expectNothingLeft()
        }

        @Test("E130–E137: a link is a line of hosts, variables, and one-way") func links() throws {
            try it.must("run", "-d", "--name", "postgres", "-e", "HELLO=world", "--expose", "5432", "busybox", "sleep", "1000")
            #expect(try it.must("exec", "postgres", "sh", "-c", "echo $HELLO") == "world")
            try it.must("run", "-d", "--name", "ubuntu", "--link", "postgres:db", "busybox", "sleep", "1000")
            let ids = try ["postgres", "ubuntu"].map { try it.must("inspect", "-f", "{{slice .Id 0 12}}", $0) }
            let lines = try it.must("exec", "ubuntu", "cat", "/etc/hosts").split(separator: "\n").map(String.init)
            #expect(lines.first == "127.0.0.1\tlocalhost" && lines.suffix(2) == ["172.17.0.2\tdb \(ids[0]) postgres", "172.17.0.3\t\(ids[1])"], "\(lines)")
            let variables = try it.must("exec", "ubuntu", "env").split(separator: "\n").filter { $0.hasPrefix("DB_") }.sorted()
            #expect(
                variables == [
                    "DB_ENV_HELLO=world", "DB_NAME=/ubuntu/db", "DB_PORT=tcp://172.17.0.2:5432", "DB_PORT_5432_TCP=tcp://172.17.0.2:5432",
                    "DB_PORT_5432_TCP_ADDR=172.17.0.2", "DB_PORT_5432_TCP_PORT=5432", "DB_PORT_5432_TCP_PROTO=tcp",
                ])
            #expect(try it.davit("exec", "ubuntu", "ping", "-c1", "-W2", "db").code == 0)
            #expect(try !it.must("exec", "postgres", "cat", "/etc/hosts").contains("ubuntu"))
            #expect(try it.must("inspect", "-f", "{{.HostConfig.Links}}", "ubuntu") == "[/postgres:/ubuntu/db]")

            // It follows: somebody else takes the address meanwhile.
            try it.must("stop", "-t", "0", "postgres")
            try it.must("run", "-d", "--name", "squatter", "busybox", "sleep", "1000")
            try it.must("start", "postgres")
            let now = try it.must("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "postgres")
            #expect(try it.must("exec", "ubuntu", "cat", "/etc/hosts").contains("\(now)\tdb \(ids[0]) postgres\n"))
            #expect(try it.davit("exec", "ubuntu", "ping", "-c1", "-W2", "db").code == 0)

            try it.must("stop", "-t", "0", "postgres", "ubuntu")
            let alone = try it.davit("start", "ubuntu")
            #expect(alone.code == 1 && alone.err.contains("Cannot link to a non running container: /postgres AS /ubuntu/db"), "\(alone)")
            let unknown = try it.davit("create", "--link", "nobody", "busybox")
            #expect(unknown.code != 0 && unknown.err.contains("could not get container for nobody: No such container: nobody"), "\(unknown)")
            try it.must("rm", "-f", "postgres", "ubuntu", "squatter")
            try it.expectNothingLeft()
        }

        @Test("E114: on the default bridge names are not known, addresses are") func defaultBridge() throws {
            try it.must("run", "-d", "--name", "target", "busybox", "sleep", "1000")
            #expect(try it.davit("run", "--rm", "busybox", "ping", "-c1", "-W1", "172.17.0.2").code == 0)
            #expect(try it.davit("run", "--rm", "--dns", "127.0.0.1", "busybox", "ping", "-c1", "-W1", "target").code != 0)
            #expect(try !it.must("run", "--rm", "busybox", "cat", "/etc/resolv.conf").contains("127.0.0"))
        }

        @Test("D62 D63 D64 E121 E123: the host by name, given or not") func host() throws {
            let host = try #require(it.network)
            let server = try host.visit { try OpenFile(InternetSocket.listen(Probe.endpoint("0.0.0.0", 8001))) }
            for arguments in [["host.docker.internal"], ["docker.mac.for.local"], ["172.17.0.1"], ["gate"]] {
                let outcome = try it.davit(["run", "--rm", "--add-host", "gate:host-gateway", "busybox", "nc", "-w2"] + arguments + ["8001", "-e", "true"])
                #expect(outcome.code == 0, "\(outcome)")
            }
            withExtendedLifetime(server) {}
            let lines = try it.must("run", "--rm", "--add-host", "host.docker.internal:host-gateway", "busybox", "cat", "/etc/hosts")
            #expect(lines.split(separator: "host.docker.internal", omittingEmptySubsequences: false).count == 2 && lines.contains("172.17.0.1\thost.docker.internal"))
            let none = try it.davit("run", "--rm", "--network", "none", "--add-host", "gate:host-gateway", "busybox", "true")
            #expect(none.code == 125 && none.err.contains("unable to derive the IP value for host-gateway"), "\(none)")
        }

        @Test("--hostname, --domainname, --dns and its kin, --add-host") func settings() throws {
            let text = try it.must(
                "run", "--rm", "--hostname", "box", "--domainname", "example.com", "--dns", "192.0.2.53", "--dns-search", "a.example", "--dns-option", "rotate",
                "--add-host", "x=192.0.2.9", "busybox", "sh", "-c", "hostname; cat /proc/sys/kernel/domainname; cat /etc/resolv.conf; grep -v ip6 /etc/hosts")
            #expect(
                text == """
                    box
                    example.com
                    nameserver 192.0.2.53
                    search a.example
                    options rotate
                    127.0.0.1\tlocalhost
                    192.0.2.9\tx
                    172.17.0.1\thost.docker.internal docker.mac.for.local
                    172.17.0.2\tbox.example.com box
                    """)
        }

        @Test("E138–E140: container: shares interfaces, names and files, and needs one that runs") func shared() throws {
            try it.must("run", "-d", "--name", "redis", "busybox", "sleep", "1000")
            let own = try it.must("exec", "redis", "sh", "-c", "hostname; cat /etc/hosts; ip -o a; readlink /proc/self/ns/net")
            let script = "hostname; cat /etc/hosts; ip -o a; readlink /proc/self/ns/net"
            for reference in [try it.must("inspect", "-f", "{{.Id}}", "redis"), "redis"] {
                #expect(try it.must("run", "--rm", "--network", "container:\(reference)", "busybox", "sh", "-c", script) == own)
            }
            #expect(try it.must("create", "--name", "netshoot", "--network", "container:redis", "busybox").utf8.count == 64)
            #expect(try it.must("inspect", "-f", "{{len .NetworkSettings.Networks}}", "netshoot") == "0")
            try it.must("stop", "-t", "0", "redis")
            let late = try it.davit("start", "netshoot")
            #expect(late.code == 1 && late.err.contains("cannot join network namespace of a non running container: container redis is exited"), "\(late)")
            let missing = try it.davit("run", "--rm", "--network", "container:nobody", "busybox", "true")
            #expect(missing.code == 125 && missing.err.contains("joining network namespace of container: No such container: nobody"), "\(missing)")
            let conflict = try it.davit("run", "--rm", "--network", "container:redis", "-p", "80:80", "busybox", "true")
            #expect(conflict.code == 125 && conflict.err.contains("conflicting options: port publishing and the container type network mode"), "\(conflict)")
        }

        @Test("a network that is not there is told at start; addresses are for networks with subnets of one's own") func refused() throws {
            try it.must("create", "--name", "lost", "--network", "nowhere", "busybox", "true")
            let outcome = try it.davit("start", "lost")
            #expect(outcome.code == 1 && outcome.err.contains("failed to set up container networking: network nowhere not found"), "\(outcome)")
            #expect(try it.davit("run", "--rm", "--network", "nowhere", "busybox", "true").code == 125)
            let address = try it.davit("run", "--rm", "--ip", "172.17.0.9", "busybox", "true")
            #expect(
                address.code == 125
                    && address.err.contains("invalid config for network bridge: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only"),
                "\(address)")
            try it.must("rm", "lost")
            try it.expectNothingLeft()
        }

        @Test("a supervisor that is killed gives its address and ports back") func killed() throws {
            try it.must("run", "-d", "--name", "web", "-p", "8080:80", "busybox", "sleep", "1000")
            let supervisor = try it.shell("grep -o '\"supervisorPid\":[0-9]*' \(it.runRoot)/containers/*/state.json | grep -o '[0-9]*$'").line
            _ = try it.shell("kill -9 \(supervisor)")
            try it.must("run", "--rm", "-p", "8080:80", "busybox", "true")
            #expect(try it.must("ps", "-a", "--filter", "name=web", "--format", "{{.State}}") == "exited")
            #expect(try it.must("run", "--rm", "busybox", "hostname", "-i") == "172.17.0.2")
            try it.must("rm", "web")
            try it.expectNothingLeft()
        }
    }
}
