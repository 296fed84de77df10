import Linux
import Testing

extension Integration {
    /// Ports of the host that lead into containers, as users ask for them.
    @Suite struct PublishTests {
        let it: Installation
        let host: NetworkSpace

        init() throws {
            it = try Installation.withImage()
            host = try #require(it.network)
        }

        /// A web server that says `hello`, and logs whom it says it to.
        private func server(_ name: String, _ flags: String..., port: Int = 80) throws {
            let script = "mkdir /w; echo hello > /w/index.html; exec httpd -f -vv -p \(port) -h /w"
            #expect(try it.davit(["run", "-d", "--name", name] + flags + ["busybox", "sh", "-c", script]).code == 0)
        }

        /// What an address answers; a server that has only just begun is waited for.
        private func get(_ address: String, from place: NetworkSpace? = nil) throws -> String {
            var text = ""
            try it.eventually("\(address) answers") {
                text = try (place ?? host).shell("curl -gsS -m 3 http://\(address)/").out
                return !text.isEmpty
            }
            return text
        }

        private func isClosed(_ address: String) throws -> Bool {
            try host.shell("curl -gsS -m 1 http://\(address)/").code == 7
        }

        @Test("D56–D60 D64 D04 E12: by localhost, the host's address, ::1 and the container's own; the client is the bridge") func reached() throws {
            try server("web", "-p", "8000:80")
            let own = try it.must("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "web")
            for address in ["localhost:8000", "127.0.0.1:8000", "172.17.0.1:8000", "[::1]:8000", "\(own):80"] {
                #expect(try get(address) == "hello\n", "\(address)")
            }
            #expect(own == "172.17.0.2")
            try it.eventually("the log tells who asked") { try it.must("logs", "web").isEmpty == false || it.davit("logs", "web").err.contains("172.17.0.1") }
            #expect(try it.must("port", "web") == "80/tcp -> 0.0.0.0:8000\n80/tcp -> [::]:8000")
            #expect(try it.must("port", "web", "80") == "0.0.0.0:8000\n[::]:8000")
            let other = try it.davit("port", "web", "81")
            #expect(other.code == 1 && other.err.contains("Error: No public port '81' published for web"), "\(other)")
            try it.must("rm", "-f", "web")
            #expect(try isClosed("127.0.0.1:8000"))
            try it.expectNothingLeft()
        }

        @Test("E07 E09 D66: -P takes a free port, the same for both families, shown by ps, port and inspect") func random() throws {
            try server("web", "-P", "--expose", "80")
            let port = try it.must("inspect", "-f", "{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}", "web")
            #expect(try (Int(port) ?? 0) > 1023 && get("127.0.0.1:\(port)") == "hello\n" && get("[::1]:\(port)") == "hello\n")
            #expect(try it.must("ps", "--format", "{{.Ports}}") == "0.0.0.0:\(port)->80/tcp, [::]:\(port)->80/tcp")
            for (filter, count) in [
                ("publish=\(port)", 1), ("publish=1", 0), ("expose=80/tcp", 1), ("expose=80/udp", 0), ("expose=1-100", 1), ("network=bridge", 1), ("network=none", 0),
            ] {
                #expect(try it.davit("ps", "-q", "--filter", filter).lines.count == count, "\(filter)")
            }
            #expect(try it.davit("ps", "--filter", "publish=x").err.contains("invalid filter"))
            let inspect = try it.must(
                "inspect", "-f", "{{.NetworkSettings.Gateway}} {{.NetworkSettings.IPPrefixLen}} {{.NetworkSettings.Networks.bridge.MacAddress}} {{.NetworkSettings.HairpinMode}}",
                "web")
            #expect(inspect == "172.17.0.1 16 02:42:ac:11:00:02 false")
            #expect(try it.must("inspect", "-f", "{{len .NetworkSettings.SandboxID}} {{.NetworkSettings.SandboxKey}}", "web").hasPrefix("64 /proc/"))
            try it.must("stop", "-t", "0", "web")
            #expect(try it.must("inspect", "-f", "{{.NetworkSettings.Ports}} {{.NetworkSettings.IPAddress}}", "web") == "map[] ")
            #expect(try it.must("ps", "-a", "--format", "{{.Ports}}").isEmpty)
        }

        @Test("ranges, one address, UDP, and a range that finds a free one") func forms() throws {
            try it.must("run", "-d", "--name", "one", "-p", "127.0.0.1:9000-9001:80-81", "-p", "5353:53/udp", "-p", "7000-7001:90", "busybox", "sleep", "1000")
            #expect(
                try it.must("port", "one")
                    == "53/udp -> 0.0.0.0:5353\n53/udp -> [::]:5353\n80/tcp -> 127.0.0.1:9000\n81/tcp -> 127.0.0.1:9001\n90/tcp -> 0.0.0.0:7000\n90/tcp -> [::]:7000")
            try it.must("run", "-d", "--name", "two", "-p", "7000-7001:90", "busybox", "sleep", "1000")
            #expect(try it.must("port", "two", "90") == "0.0.0.0:7001\n[::]:7001")
            let third = try it.davit("run", "--rm", "-p", "7000-7001:90", "busybox", "true")
            #expect(third.code == 125 && third.err.contains("Bind for 0.0.0.0:7000 failed"), "\(third)")
            #expect(try it.must("ps", "--format", "{{.Ports}}", "--filter", "name=one").contains("127.0.0.1:9000->80/tcp, 127.0.0.1:9001->81/tcp"))
        }

        @Test("a port that is taken is refused, and it is said who has it") func taken() throws {
            try it.must("run", "-d", "--name", "holder", "-p", "8080:80", "busybox", "sleep", "1000")
            let second = try it.davit("run", "--name", "second", "-p", "8080:80", "busybox", "true")
            #expect(second.code == 125, "\(second)")
            #expect(second.err.contains("driver failed programming external connectivity on endpoint second ("), "\(second)")
            #expect(second.err.contains("Bind for 0.0.0.0:8080 failed: port is already allocated: it is held by container holder"), "\(second)")
            // It stays, to be started when the port is free.
            #expect(try it.must("ps", "-a", "--filter", "name=second", "--format", "{{.State}}") == "created")
            try it.must("rm", "-f", "holder")
            #expect(try it.davit("start", "-a", "second").code == 0)

            let probe = try Probe(.tcp, at: 8081, of: host)
            let third = try it.davit("run", "--rm", "-p", "8081:80", "busybox", "true")
            #expect(third.code == 125 && third.err.contains("port is already allocated: it is held by process \(Process.id) ("), "\(third)")
            withExtendedLifetime(probe) {}
            let foreign = try it.davit("run", "--rm", "-p", "192.0.2.77:80:80", "busybox", "true")
            #expect(foreign.code == 125 && foreign.err.contains("cannot assign requested address"), "\(foreign)")
            try it.must("rm", "second")
            try it.expectNothingLeft()
        }

        @Test("update publishes and withdraws ports of a container that runs, and remembers") func live() throws {
            try server("web", "-p", "8000:80")
            let pid = try it.must("inspect", "-f", "{{.State.Pid}}", "web")
            try it.must("update", "--publish-add", "8001:80", "--publish-add", "127.0.0.1:8002:80", "web")
            #expect(try get("127.0.0.1:8001") == "hello\n" && get("127.0.0.1:8002") == "hello\n")
            try it.must("update", "--publish-rm", "8000:80", "web")
            #expect(try isClosed("127.0.0.1:8000"))
            #expect(try it.must("inspect", "-f", "{{.State.Pid}}", "web") == pid)
            let missing = try it.davit("update", "--publish-rm", "8000:80", "web")
            #expect(missing.code == 1 && missing.err.contains("no public port '80/tcp' published for web"), "\(missing)")
            try it.must("run", "-d", "--name", "holder", "-p", "9000:80", "busybox", "sleep", "1000")
            let taken = try it.davit("update", "--publish-add", "9000:80", "web")
            #expect(taken.code == 1 && taken.err.contains("it is held by container holder"), "\(taken)")
            try it.must("restart", "-t", "0", "web")
            #expect(try it.must("port", "web") == "80/tcp -> 0.0.0.0:8001\n80/tcp -> 127.0.0.1:8002\n80/tcp -> [::]:8001")
            try it.must("update", "--publish-rm", "80", "web")
            #expect(try it.must("port", "web").isEmpty)
            try it.must("rm", "-f", "web", "holder")
            try it.expectNothingLeft()
        }

        @Test("update withdraws ports that --publish-all drew, by the container's port or their own") func drawn() throws {
            try it.must("run", "-d", "--name", "web", "-P", "--expose", "80-82", "busybox", "sleep", "1000")
            try it.must("update", "--publish-rm", "80", "web")
            let host = try it.must("inspect", "-f", "{{(index (index .NetworkSettings.Ports \"81/tcp\") 0).HostPort}}", "web")
            try it.must("update", "--publish-rm", "\(host):81", "web")
            #expect(try it.must("port", "web").split(separator: "\n").allSatisfy { $0.hasPrefix("82/tcp -> ") })
            try it.must("restart", "-t", "0", "web")
            #expect(try it.must("port", "web").split(separator: "\n").count == 2)
            try it.must("rm", "-f", "web")
            try it.expectNothingLeft()
        }

        @Test("thousands of ports at once, and no more than files may be open: then none") func many() throws {
            try it.must("run", "-d", "--name", "many", "-p", "20000-21999:20000-21999", "busybox", "sh", "-c", "ulimit -n; exec sleep 1000")
            #expect(try it.davit("port", "many").lines.count == 4000)
            // The supervisor's own limit is not the container's.
            let limit = try it.shell("ulimit -Sn").out
            #expect(try it.must("logs", "many") + "\n" == limit && it.must("exec", "many", "sh", "-c", "ulimit -n") + "\n" == limit)
            try it.must("rm", "-f", "many")
            // Without the capability to raise the limit.
            let refused = try it.shell("ulimit -n 1500; exec setpriv --bounding-set -sys_resource --inh-caps -sys_resource $DAVIT run --rm -p 1000-1999:1000-1999 busybox true")
            #expect(refused.code == 125 && refused.err.contains("cannot publish 2000 ports: no more than 1500 files may be open (ulimit -Hn)"), "\(refused)")
            try it.expectNothingLeft()
        }

        @Test("link-local addresses of the host lead into containers of an IPv6 network, for itself and its neighbours") func linkLocal() throws {
            let peer = try NetworkSpace()
            try NetworkSpace.connect(host, [], peer, [])
            try it.must("network", "create", "--ipv6", "six")
            try server("web", "--network", "six", "-p", "8000:80")
            let address = try #require(try host.shell("ip -6 -o address show dev eth0 scope link").out.split(whereSeparator: { " /".contains($0) }).first { $0.hasPrefix("fe80:") })
            for place in [host, peer] { #expect(try get("[\(address)%25eth0]:8000", from: place) == "hello\n") }
            try it.must("rm", "-f", "web")
            try it.must("network", "rm", "six")
        }

        @Test("UDP by 127.0.0.1, the host's address and ::1") func datagrams() throws {
            try it.must("run", "-d", "--name", "echo", "-p", "5353:53/udp", "busybox", "sleep", "1000")
            do {
                let container = try NetworkSpace(of: try #require(Int32(it.must("inspect", "-f", "{{.State.Pid}}", "echo"))))
                let probe = try Probe(.udp, at: 53, of: container)
                // From ::1 the supervisor relays.
                for (address, seen) in [("127.0.0.1", "172.17.0.1"), ("172.17.0.1", "172.17.0.1"), ("::1", "172.17.0.1")] {
                    #expect(try probe.reached(from: host, at: address, 5353) == seen, "\(address)")
                }
            }
            try it.must("rm", "-f", "echo")
            try it.expectNothingLeft()
        }

        @Test("an internal network reaches no published port, not even by a socket that leads from IPv6 to IPv4") func fromInternal() throws {
            try server("web", "-p", "8080:80")
            for (name, flags, isLet) in [("open", [], true), ("closed", ["--internal"], false)] {
                #expect(try it.davit(["network", "create", "--ipv6", "--subnet", "fd00:7::/64"] + flags + [name]).code == 0)
                let got = try it.davit("run", "--rm", "--network", name, "busybox", "sh", "-c", "echo 'GET / HTTP/1.0\n' | timeout 3 nc fd00:7::1 8080")
                #expect(got.out.hasSuffix("hello\n") == isLet, "\(name): \(got)")
                try it.must("network", "rm", name)
            }
            try it.must("rm", "-f", "web")
            try it.expectNothingLeft()
        }

        @Test("D94: publish-default loopback closes ports that name no address to all but the host; else there is a warning") func byDefault() throws {
            #expect(try it.davit("info").err.contains("Published ports that name no address are open to everybody"))
            try FileSystem.replace("\(it.dataRoot)/config.json", with: #"{"publish-default": "loopback"}"#.utf8)
            #expect(try !it.davit("info").err.contains("Published"))
            try server("web", "-p", "8080:80", "-p", "0.0.0.0:8081:80")
            #expect(try it.must("port", "web") == "80/tcp -> 0.0.0.0:8081\n80/tcp -> 127.0.0.1:8080")
            #expect(try get("127.0.0.1:8080") == "hello\n" && get("172.17.0.1:8081") == "hello\n")
            #expect(try isClosed("172.17.0.1:8080"))
            try FileSystem.replace("\(it.dataRoot)/config.json", with: #"{"publish-default": "everywhere"}"#.utf8)
            let wrong = try it.davit("run", "--rm", "-p", "8082:80", "busybox", "true")
            #expect(wrong.code == 125 && wrong.err.contains("publish-default must be all, loopback or an IPv4 address"), "\(wrong)")
            _ = try FileSystem.removeFile("\(it.dataRoot)/config.json")
            try it.must("rm", "-f", "web")
            try it.expectNothingLeft()
        }

        @Test("E115 E116 E119: host is the network that the engine is on; host and none have nothing to publish") func withoutBridge() throws {
            let own = try host.shell("readlink /proc/self/ns/net").out
            #expect(try it.must("run", "--rm", "--network", "host", "busybox", "readlink", "/proc/self/ns/net") + "\n" == own)
            let outcome = try it.davit("run", "--rm", "--network", "host", "-p", "80:80", "busybox", "true")
            #expect(outcome.code == 0 && outcome.err.contains("Published ports are discarded when using host network mode"), "\(outcome)")
            #expect(try it.must("run", "--rm", "--network", "none", "-p", "80:80", "busybox", "ls", "/sys/class/net") == "lo")
        }
    }
}
