import NetworkPlumbing
import Testing
import Values

@testable import Containers

@Suite struct NameFileTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test("E134: the usual lines, links, and the container itself") func hosts() throws {
        var file = HostsFile()
        file.add(extra: ["a:1.2.3.4", "host.docker.internal:host-gateway", "six:::1"], host: [try address("172.17.0.1")])
        file.lines.append(HostsFile.Line(address: try address("172.17.0.3"), names: ["db", "0123456789ab", "postgres"]))
        file.add(own: [try address("172.17.0.2")], hostname: "fedcba987654", domainname: "")
        #expect(
            file.text == """
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::\tip6-localnet
                ff00::\tip6-mcastprefix
                ff02::1\tip6-allnodes
                ff02::2\tip6-allrouters
                1.2.3.4\ta
                172.17.0.1\thost.docker.internal
                ::1\tsix
                172.17.0.3\tdb 0123456789ab postgres
                172.17.0.2\tfedcba987654

                """)
    }

    @Test func ownNames() throws {
        func own(_ host: String, _ domain: String) throws -> String? {
            var file = HostsFile()
            file.add(own: [try address("10.0.0.2")], hostname: host, domainname: domain)
            return file.lines.first?.text
        }
        #expect(try own("web", "example.com") == "10.0.0.2\tweb.example.com web\n")
        #expect(try own("web.example.com", "") == "10.0.0.2\tweb.example.com web\n")
        #expect(try own("", "") == nil)
    }

    @Test("changes leave the lines of others alone") func edits() throws {
        let text = "127.0.0.1\tlocalhost\n172.17.0.3\tdb 0123 postgres\n# mine\n172.17.0.2\tself\n172.17.0.20\tother\n"
        #expect(text.replacing(try address("172.17.0.9"), of: ["db", "0123", "postgres"]) == text.split(separator: "172.17.0.3").joined(separator: "172.17.0.9"))
        #expect(text.replacing(try address("172.17.0.9"), of: ["db"]) == text)
        #expect(text.removing([try address("172.17.0.2")]) == "127.0.0.1\tlocalhost\n172.17.0.3\tdb 0123 postgres\n# mine\n172.17.0.20\tother\n")
        #expect(text.removing([]) == text)
    }

    @Test("servers on the host's loopback mean nothing in a container") func resolverOfTheHost() {
        var file = ResolverFile(
            "# x\nnameserver 127.0.0.53\nnameserver 10.0.0.1\nnameserver fe80::1\nnameserver junk\nsearch a.example b.example\noptions edns0 trust-ad\nsortlist 1.2.3.4\n")
        file.keepReachable(hasIPv6: false)
        #expect(file.text == "nameserver 10.0.0.1\nsearch a.example b.example\noptions edns0 trust-ad\nsortlist 1.2.3.4\n")
        var local = ResolverFile("nameserver 127.0.0.1\nnameserver ::1\ndomain x\n")
        local.keepReachable(hasIPv6: false)
        #expect(local.text == "nameserver 8.8.8.8\nnameserver 8.8.4.4\nsearch x\n")
        local = ResolverFile("")
        local.keepReachable(hasIPv6: true)
        #expect(local.servers.count == 4)
    }

    @Test func resolverOfOurOwn() {
        var file = ResolverFile("nameserver 10.0.0.1\nsearch a\noptions ndots:5 rotate\n")
        #expect(file.textWithResolver == "nameserver 127.0.0.11\nsearch a\noptions ndots:5 rotate\n")
        file.override(servers: ["1.1.1.1"], search: ["."], options: ["rotate", "ndots:x"])
        #expect(file.servers.map(\.description) == ["1.1.1.1"])
        #expect(file.textWithResolver == "nameserver 127.0.0.11\noptions rotate ndots:0\n")
    }

    @Test("E135: what a link leaves in the environment") func linkVariables() throws {
        let list = LinkVariables.list(
            name: "/ubuntu/my-db", address: try address("172.17.0.3"), ports: ["5432/tcp", "53/udp", "5433/tcp"].compactMap { ContainerPort($0) },
            environment: ["HELLO=world", "HOME=/root", "PATH=/bin", "odd"])
        #expect(
            list == [
                "MY_DB_PORT=tcp://172.17.0.3:5432", "MY_DB_PORT_5432_TCP=tcp://172.17.0.3:5432", "MY_DB_PORT_5432_TCP_ADDR=172.17.0.3",
                "MY_DB_PORT_5432_TCP_PORT=5432", "MY_DB_PORT_5432_TCP_PROTO=tcp", "MY_DB_PORT_5433_TCP=tcp://172.17.0.3:5433",
                "MY_DB_PORT_5433_TCP_ADDR=172.17.0.3", "MY_DB_PORT_5433_TCP_PORT=5433", "MY_DB_PORT_5433_TCP_PROTO=tcp",
                "MY_DB_PORT_5432_TCP_START=tcp://172.17.0.3:5432", "MY_DB_PORT_5432_TCP_PORT_START=5432", "MY_DB_PORT_5432_TCP_END=tcp://172.17.0.3:5433",
                "MY_DB_PORT_5432_TCP_PORT_END=5433", "MY_DB_PORT_53_UDP=udp://172.17.0.3:53", "MY_DB_PORT_53_UDP_ADDR=172.17.0.3", "MY_DB_PORT_53_UDP_PORT=53",
                "MY_DB_PORT_53_UDP_PROTO=udp", "MY_DB_NAME=/ubuntu/my-db", "MY_DB_ENV_HELLO=world",
            ])
        #expect(LinkVariables.list(name: "/a/b", address: try address("::1"), ports: [], environment: []) == ["B_NAME=/a/b"])
    }

    @Test func links() throws {
        #expect(try ContainerLink.parse("a:b") == ("a", "b") && ContainerLink.parse("/a:/c/b") == ("a", "b") && ContainerLink.parse("a") == ("a", "a"))
        for bad in ["", ":", "a:", ":b", "a:b:c", "a:b c", "a:b\n"] { #expect(throws: (any Error).self, "\(bad)") { try ContainerLink.parse(bad) } }
    }
}
