import DNS
import Linux
import Testing
import Values

extension Integration {
    /// What containers on a network call each other, and who else is asked.
    @Suite(.serialized) struct NamesTests {
        private let lab: Lab
        private let davit: Installation
        /// A server of names beside the host, which the test plays.
        private let server: OpenFile

        init() throws {
            let lab = try Lab()
            self.lab = lab
            davit = try Installation.withImage(on: .space(lab.host))
            let endpoint = Endpoint(try #require(IPAddress(Lab.peerAddress)), 53)
            server = try lab.peer.visit { OpenFile(try InternetSocket.datagrams(at: endpoint)) }
            try davit.must("network", "create", "front")
        }

        private func run(_ name: String, _ more: String...) throws {
            let outcome = try davit.davit(["run", "-d", "--name", name, "--network", "front", "--dns", Lab.peerAddress] + more + ["busybox", "sleep", "1000"])
            #expect(outcome.code == 0, "\(outcome)")
        }

        /// The addresses that `nslookup` prints of a name.
        private func lookUp(_ name: String, in container: String = "one") throws -> [String] {
            let lines = try davit.davit("exec", container, "nslookup", name).lines
            return lines.dropFirst(2).compactMap { line in line.hasPrefix("Address: ") ? String(line.dropFirst(9)) : nil }
        }

        private func addresses(_ containers: String...) throws -> [String] {
            try containers.map { try davit.must("inspect", "-f", "{{.NetworkSettings.Networks.front.IPAddress}}", $0) }
        }

        @Test("E114 E120: names, ids, aliases in turn, and addresses' names") func containersAreFound() throws {
            try run("one")
            try run("two", "--network-alias", "pair")
            try run("three", "--network-alias", "pair")
            let id = try davit.must("inspect", "-f", "{{.Id}}", "two")
            let two = try addresses("two")
            for name in ["two", "TWO", "two.front", String(id.prefix(12))] { #expect(try lookUp(name) == two, "\(name)") }
            #expect(try Set(lookUp("pair")) == Set(addresses("two", "three")))
            let pointer = try davit.davit("exec", "one", "nslookup", two[0])
            #expect(pointer.out.contains("name = two.front"), "\(pointer)")
            #expect(try davit.davit("exec", "one", "ping", "-c", "1", "-W", "2", "three").code == 0)
            // A server of names in the container has the port to itself.
            let own = try davit.davit("exec", "one", "timeout", "1", "nc", "-l", "-p", "53", "-s", "0.0.0.0")
            #expect(!own.err.contains("in use"), "\(own)")

            try davit.must("rename", "two", "second")
            #expect(try lookUp("second") == two && lookUp("pair").count == 2)
            // What is killed is nobody at once, before anyone repairs anything.
            let supervisor = try davit.must("inspect", "-f", "{{.State.Pid}}", "three")
            try killSupervisor(of: supervisor)
            try davit.eventually("the dead are not found") { try lookUp("pair") == two }
            try davit.must("rm", "-f", "one", "second", "three")
            try davit.must("network", "rm", "front")
            try davit.expectNothingLeft()
        }

        /// The parent of a container's first process.
        private func killSupervisor(of pid: String) throws {
            let stat = String(decoding: try FileSystem.read("/proc/\(pid)/stat"), as: UTF8.self)
            let parent = try #require(stat.split(separator: ")").last?.split(separator: " ").dropFirst().first.flatMap { Int32($0) })
            try Process.signal(parent, 9)
        }

        /// Has the container ask for a name that none has, and answers in the server's place, which is asked by `peer`.
        private func lookUp(_ server: OpenFile, of peer: IPAddress?) throws -> Outcome {
            let asking = try davit.start(["exec", "one", "nslookup", "-type=a", "example.com"])
            try davit.eventually("the server is asked") {
                guard let (bytes, asker) = try? server.descriptor.receiveDatagram(), let asker else { return false }
                guard let query = try? DNSMessage(parsing: bytes), let name = query.questions.first?.name else { return false }
                #expect(asker.address == peer)
                var answer = DNSMessage(answering: query)
                answer.answers = [ResourceRecord(name, IPAddress(.v4, 0xc633_6407), lifetime: 5)]
                try server.descriptor.sendDatagram(answer.bytes(), to: asker)
                return true
            }
            return try asking.finish(seconds: 20)
        }

        @Test("who is on internal networks alone, or on none, asks nobody outside; but servers on those networks") func internalsAskNobody() throws {
            try davit.must("network", "create", "--internal", "--subnet", "10.7.0.0/24", "inside")
            try davit.must("run", "-d", "--name", "names", "--network", "name=inside,ip=10.7.0.53", "busybox", "sleep", "1000")
            try run("one", "--dns", "10.7.0.53")
            func isRefused() throws -> Bool { try davit.davit("exec", "one", "nslookup", "-type=a", "example.com").out.contains("SERVFAIL") }
            try davit.must("network", "connect", "inside", "one")
            #expect(try lookUp(server, of: IPAddress(Lab.hostAddress)).out.contains("198.51.100.7"))
            try davit.must("network", "disconnect", "front", "one")
            do {
                let space = try NetworkSpace(of: try #require(Int32(davit.must("inspect", "-f", "{{.State.Pid}}", "names"))))
                let own = try space.visit { OpenFile(try InternetSocket.datagrams(at: Endpoint(.anyV4, 53))) }
                #expect(try lookUp(own, of: IPAddress("10.7.0.1")).out.contains("198.51.100.7"))
            }
            try davit.must("rm", "-f", "names")
            try davit.must("network", "disconnect", "inside", "one")
            #expect(try isRefused())
            try davit.must("network", "connect", "front", "one")
            #expect(try lookUp(server, of: IPAddress(Lab.hostAddress)).out.contains("198.51.100.7"))
            try davit.must("run", "--rm", "--network", "inside", "--dns", Lab.peerAddress, "busybox", "sh", "-c", "nslookup -type=a example.com | grep SERVFAIL")
            try davit.must("rm", "-f", "one")
            #expect((try? server.descriptor.receiveDatagram()) == nil)
            for network in ["front", "inside"] { try davit.must("network", "rm", network) }
            try davit.expectNothingLeft()
        }

        @Test("E120: other names are asked of the servers, from the host") func othersAreAsked() throws {
            try run("one")
            let outcome = try lookUp(server, of: IPAddress(Lab.hostAddress))
            #expect(outcome.out.contains("198.51.100.7"), "\(outcome)")
            // Nobody outside can ask the container's resolver.
            let outside = try lab.host.shell("nslookup one \(try addresses("one")[0]) 2>&1; true")
            #expect(!outside.out.contains("Name:"), "\(outside)")
            try davit.must("rm", "-f", "one")
            try davit.must("network", "rm", "front")
            try davit.expectNothingLeft()
        }

        @Test("D59 D60: what the kernel does not lead into the container is relayed") func portsAreRelayed() throws {
            let outcome = try davit.davit([
                "run", "-d", "--name", "web", "--network", "front", "-p", "8080:80", "busybox", "httpd", "-f", "-p", "80", "-h", "/etc",
            ])
            #expect(outcome.code == 0, "\(outcome)")
            for address in ["127.0.0.1", "[::1]", Lab.hostAddress, "[\(Lab.hostAddress6)]"] {
                let page = try lab.host.shell("curl -sS -m 5 -g 'http://\(address):8080/hostname'")
                #expect(page.code == 0 && page.out.count > 5, "\(address): \(page)")
            }
            for address in [Lab.hostAddress, "[\(Lab.hostAddress6)]"] {
                let page = try lab.peer.shell("curl -sS -m 5 -g 'http://\(address):8080/hostname'")
                #expect(page.code == 0 && page.out.count > 5, "\(address): \(page)")
            }
            try davit.must("rm", "-f", "web")
            try davit.must("network", "rm", "front")
            try davit.expectNothingLeft()
        }
    }
}
