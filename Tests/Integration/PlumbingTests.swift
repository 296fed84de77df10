import Linux
import NetworkPlumbing
import Testing
import Values

extension Integration {
    /// What the rules of docs/networking.md let pass and what they do not, on a host made of namespaces.
    @Suite struct PlumbingTests {
        let lab: Lab
        let before: Set<String>

        init() throws {
            lab = try Lab()
            before = try lab.host.contents()
        }

        private func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) throws {
            // A namespace that nobody is in any more goes a moment later, and its interfaces with it.
            let deadline = MonotonicClock.now + .seconds(5)
            while true {
                let left = try lab.host.contents().subtracting(before)
                if left.isEmpty { return }
                if MonotonicClock.now > deadline {
                    Issue.record("left behind: \(left.sorted())", sourceLocation: sourceLocation)
                    return
                }
                var nothing = PollSet()
                _ = try nothing.wait(timeoutMilliseconds: 10)
            }
        }

        /// Gives a host to `body`, and looks for what is left when its containers and sockets are gone.
        private func withHost(_ body: (PlumbedHost) throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) throws {
            try body(PlumbedHost(lab.host))
            try expectNothingLeft(sourceLocation: sourceLocation)
        }

        /// With br_netfilter, as a host that also runs a Kubernetes node has it, packets within a bridge pass the rules too.
        @Test("D04: a published port from everywhere, and as whom", arguments: [Probe.Kind.tcp, .udp], [false, true])
        func published(kind: Probe.Kind, filtersBridges: Bool) throws {
            if filtersBridges {
                let outcome = try lab.host.shell("echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables")
                // A kernel without it has nothing to show.
                if outcome.code != 0 { return }
            }
            try withHost { host in
                try host.network("br-a")
                try host.network("br-b")
                let boxes = [try host.container("br-a", 2), try host.container("br-a", 3), try host.container("br-b", 2)]
                let server = try Probe(kind, at: 80, of: boxes[0])
                let publications = try boxes[0].publish(8080, to: 80, kind == .tcp ? .tcp : .udp)
                #expect(publications.map(\.target?.description) == [host.address("br-a", 2)])
                // The LAN keeps its address, the host is the gateway, other networks are the host.
                #expect(try server.reached(from: lab.peer, at: Lab.hostAddress, 8080) == Lab.peerAddress)
                #expect(try server.reached(from: lab.host, at: "127.0.0.1", 8080) == host.address("br-a", 1))
                #expect(try server.reached(from: lab.host, at: Lab.hostAddress, 8080) == Lab.hostAddress)
                #expect(try server.reached(from: lab.host, at: host.address("br-a", 2), 80) == host.address("br-a", 1))
                #expect(try server.reached(from: boxes[1], at: host.address("br-a", 2), 80) == host.address("br-a", 3))
                #expect(try server.reached(from: boxes[1], at: Lab.hostAddress, 8080) == host.address("br-a", 1))
                #expect(try server.reached(from: boxes[0], at: Lab.hostAddress, 8080) == host.address("br-a", 1))
                #expect(try server.reached(from: boxes[2], at: Lab.hostAddress, 8080) == host.address("br-a", 1))
                // What is not published is not reached, not even by a LAN neighbour who routes to it.
                try lab.peer.route(by: Lab.hostAddress)
                #expect(try server.isOutOfReach(from: lab.peer, at: host.address("br-a", 2), 80))
                #expect(try server.isOutOfReach(from: boxes[2], at: host.address("br-a", 2), 80))
                #expect(try server.isOutOfReach(from: lab.peer, at: Lab.hostAddress, 80))
                try lab.host.visit { try boxes[0].sandbox.withdraw(Set(publications.map(\.port))) }
                #expect(try server.isOutOfReach(from: lab.peer, at: Lab.hostAddress, 8080))
                try host.clear(boxes)
            }
        }

        @Test("the world is reached, with the host's address or the one that was asked for") func outbound() throws {
            try withHost { host in
                try host.network("br-a")
                try host.network("br-plain") { $0.masquerades = [] }
                try host.network("br-inside") { $0.isInternal = true }
                let boxes = [try host.container("br-a", 2), try host.container("br-plain", 2), try host.container("br-inside", 2)]
                let server = try Probe(at: 80, of: lab.peer)
                #expect(try server.reached(from: boxes[0], at: Lab.peerAddress, 80) == Lab.hostAddress)
                // Without masquerade the peer must know the way back.
                try lab.peer.route(by: Lab.hostAddress)
                #expect(try server.reached(from: boxes[1], at: Lab.peerAddress, 80) == host.address("br-plain", 2))
                #expect(try server.isOutOfReach(from: boxes[2], at: Lab.peerAddress, 80))
                // An internal network still has the host.
                let own = try Probe(at: 90, of: lab.host)
                #expect(try own.reached(from: boxes[2], at: host.address("br-inside", 1), 90) == host.address("br-inside", 2))
                _ = try lab.host.shell("ip address add 192.0.2.77/24 dev eth0")
                _ = try lab.host.visit {
                    try host.firewall.join(FirewallNetwork(bridge: "br-a", owner: "net-br-a", sources: [IPAddress("192.0.2.77") ?? .anyV4]))
                }
                #expect(try server.reached(from: boxes[0], at: Lab.peerAddress, 80) == "192.0.2.77")
                try host.clear(boxes)
            }
        }

        @Test("networks are kept apart; internal ones and those without icc too") func isolation() throws {
            try withHost { host in
                try host.network("br-a")
                try host.network("br-b")
                try host.network("br-inside") { $0.isInternal = true }
                try host.network("br-quiet") { $0.allowsContainers = false }
                let a = try host.container("br-a", 2), b = try host.container("br-b", 2), inside = try host.container("br-inside", 2)
                let quiet = try host.container("br-quiet", 2, isolated: true), other = try host.container("br-quiet", 3, isolated: true)
                let server = try Probe(at: 80, of: a), insideServer = try Probe(at: 80, of: inside), quietServer = try Probe(at: 80, of: quiet)
                #expect(try server.isOutOfReach(from: b, at: host.address("br-a", 2), 80))
                #expect(try server.isOutOfReach(from: inside, at: host.address("br-a", 2), 80))
                #expect(try insideServer.isOutOfReach(from: a, at: host.address("br-inside", 2), 80))
                #expect(try insideServer.reached(from: host.container("br-inside", 3), at: host.address("br-inside", 2), 80) == host.address("br-inside", 3))
                #expect(try quietServer.isOutOfReach(from: other, at: host.address("br-quiet", 2), 80))
                try quiet.publish(8080, to: 80)
                #expect(try quietServer.reached(from: other, at: Lab.hostAddress, 8080) == host.address("br-quiet", 1))
                try host.clear([a, b, inside, quiet, other])
            }
        }

        @Test("IPv6, in and out and from the host") func ipv6() throws {
            try withHost { host in
                try host.network("br-six", ipv6: true)
                let boxes = [try host.container("br-six", 2, ipv6: true), try host.container("br-six", 3, ipv6: true)]
                let server = try Probe(at: 80, of: boxes[0], address: "::")
                #expect(try server.reached(from: boxes[1], at: host.address6("br-six", 2), 80) == host.address6("br-six", 3))
                #expect(try server.reached(from: lab.host, at: host.address6("br-six", 2), 80) == host.address6("br-six", 1))
                try boxes[0].publish(8080, to: 80, at: "::")
                #expect(try server.reached(from: lab.peer, at: Lab.hostAddress6, 8080) == Lab.peerAddress6)
                #expect(try server.reached(from: lab.host, at: Lab.hostAddress6, 8080) == Lab.hostAddress6)
                #expect(try server.reached(from: boxes[1], at: Lab.hostAddress6, 8080) == host.address6("br-six", 1))
                #expect(try server.isOutOfReach(from: lab.peer, at: Lab.hostAddress, 8080))
                let outside = try Probe(at: 80, of: lab.peer, address: "::")
                #expect(try outside.reached(from: boxes[0], at: Lab.peerAddress6, 80) == Lab.hostAddress6)
                try host.clear(boxes)
            }
        }

        @Test("ports of one address of the host; one that is taken is refused") func addresses() throws {
            try withHost { host in
                try host.network("br-a")
                let a = try host.container("br-a", 2), b = try host.container("br-a", 3)
                let server = try Probe(at: 80, of: a)
                try a.publish(8080, to: 80, at: "127.0.0.1")
                #expect(try server.reached(from: lab.host, at: "127.0.0.1", 8080) == host.address("br-a", 1))
                #expect(try server.isOutOfReach(from: lab.peer, at: Lab.hostAddress, 8080))
                #expect(try server.isOutOfReach(from: b, at: Lab.hostAddress, 8080))
                let taken = PlumbingError.port(.tcp, IPAddress("127.0.0.1") ?? .anyV4, 8080, .addressInUse, owner: "box-br-a-2")
                #expect(throws: taken) { try b.publish(8080, to: 80, at: "127.0.0.1") }
                #expect(throws: PlumbingError.self) { try b.publish(8080, to: 80, at: "0.0.0.0") }
                #expect(throws: PlumbingError.port(.tcp, IPAddress("192.0.2.99") ?? .anyV4, 8080, .addressNotAvailable, owner: nil)) {
                    try b.publish(8080, to: 80, at: "192.0.2.99")
                }
                // A program of the host has one, and cannot have ours.
                let program = try Probe(at: 9000, of: lab.host)
                #expect(throws: PlumbingError.port(.tcp, .anyV4, 9000, .addressInUse, owner: nil)) { try b.publish(9000, to: 80) }
                #expect(throws: SyscallError.self) { try Probe(at: 8080, of: lab.host, address: "127.0.0.1") }
                _ = program
                try b.publish(8080, to: 80, at: Lab.hostAddress)
                let other = try Probe(at: 80, of: b)
                #expect(try other.reached(from: lab.peer, at: Lab.hostAddress, 8080) == Lab.peerAddress)
                #expect(try lab.host.visit { try host.firewall.published().count } == 2)
                try host.clear([a, b])
            }
        }

        @Test("frames of an overlay are taken from its hosts alone; containers send none, neither to their host nor to others") func tunnels() throws {
            try withHost { host in
                let overlay = BridgePlan.Overlay(identifier: 4096, local: IPAddress(Lab.hostAddress), peers: [IPAddress(Lab.peerAddress)].compactMap { $0 })
                try host.network("br-over", overlay: overlay) { $0.overlay = overlay }
                try host.network("br-a")
                let inside = try host.container("br-over", 2, gateway: false), outside = try host.container("br-a", 2)
                let server = try Probe(.udp, at: 9, of: inside)
                let frame = try Self.frame(4096, to: host.address("br-over", 2), port: 9, Probe.word)
                func heard(_ probe: Probe, _ bytes: [UInt8], from place: any Place, _ local: String = "0.0.0.0", to address: String, patience: Int = Probe.impatience) throws
                    -> [UInt8]?
                {
                    try probe.heard(patience: patience) {
                        let client = try place.within { OpenFile(try InternetSocket.datagrams(at: Probe.endpoint(local, 0))) }
                        try client.descriptor.sendDatagram(bytes, to: Probe.endpoint(address, 4789))
                    }
                }
                _ = try lab.peer.shell("ip address add 192.0.2.9/24 dev eth0")
                #expect(try heard(server, frame, from: lab.peer, Lab.peerAddress, to: Lab.hostAddress, patience: Probe.patience) == Probe.word)
                // A neighbour that is none of its hosts, a program of the host, a container.
                #expect(try heard(server, frame, from: lab.peer, "192.0.2.9", to: Lab.hostAddress) == nil)
                #expect(try heard(server, frame, from: lab.host, to: "127.0.0.1") == nil)
                for address in [Lab.hostAddress, host.address("br-a", 1)] { #expect(try heard(server, frame, from: outside, to: address) == nil, "\(address)") }
                // Other hosts would take a container's frames for this host's.
                let other = try Probe(.udp, at: 4789, of: lab.peer)
                #expect(try heard(other, Probe.word, from: outside, to: Lab.peerAddress, patience: Probe.patience) == Probe.word)
                #expect(try heard(other, frame, from: outside, to: Lab.peerAddress) == nil)
                // Hosts come and go.
                try lab.host.visit { try host.firewall.admit([], to: overlay, bridge: "br-over") }
                #expect(try heard(server, frame, from: lab.peer, Lab.peerAddress, to: Lab.hostAddress) == nil)
                try host.clear([inside, outside])
            }
        }

        /// A VXLAN frame (RFC 7348) that has a datagram for whoever has `address`.
        private static func frame(_ identifier: UInt32, to address: String, port: UInt16, _ payload: [UInt8]) throws -> [UInt8] {
            func bytes(_ number: Int) -> [UInt8] { [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)] }
            let number = Int(identifier)
            let udp = bytes(1) + bytes(Int(port)) + bytes(8 + payload.count) + bytes(0) + payload
            let destination = try Probe.endpoint(address, 0).address.bytes
            var ip = [0x45, 0] + bytes(20 + udp.count) + [0, 0, 0, 0, 64, 17, 0, 0] + destination.dropLast() + [77] + destination
            var sum = stride(from: 0, to: ip.count, by: 2).reduce(0) { $0 + Int(ip[$1]) << 8 + Int(ip[$1 + 1]) }
            while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
            ip.replaceSubrange(10..<12, with: bytes(~sum))
            return [8, 0, 0, 0] + [UInt8(truncatingIfNeeded: number >> 16)] + bytes(number) + [0] + Array(repeating: 0xff, count: 6) + [2, 0, 0, 0, 0, 9, 8, 0] + ip + udp
        }

        @Test("no container speaks to the world in another network's name, nor in an IP version that its network has not") func names() throws {
            try withHost { host in
                for bridge in ["br-a", "br-b"] { try host.network(bridge) }
                try host.network("br-six", ipv6: true)
                let boxes = [try host.container("br-a", 2), try host.container("br-b", 2), try host.container("br-six", 2, ipv6: true)]
                let server = try Probe(.udp, at: 9, of: lab.peer), server6 = try Probe(.udp, at: 6, of: lab.peer, address: "::")
                func heard(_ probe: Probe, _ box: PlumbedHost.Box, _ local: String, at address: String, _ port: UInt16 = 9, patience: Int = Probe.impatience) throws -> Bool {
                    try probe.heard(patience: patience) {
                        let client = try box.within { OpenFile(try InternetSocket.datagrams(at: Probe.endpoint(local, 0))) }
                        try client.descriptor.sendDatagram(Probe.word, to: Probe.endpoint(address, port))
                    } != nil
                }
                let other = host.address("br-b", 2)
                #expect(try boxes[0].shell("ip address add \(other)/32 dev eth0").code == 0)
                #expect(try heard(server, boxes[0], host.address("br-a", 2), at: Lab.peerAddress, patience: Probe.patience))
                #expect(try !heard(server, boxes[0], other, at: Lab.peerAddress))
                // The host forwards IPv6, but has none on this bridge: an address and a way that a container gives itself lead nowhere.
                let mac = try lab.host.shell("ip -o link show br-a | sed 's/.*ether \\([^ ]*\\).*/\\1/'; ip -o -6 address show dev br-a").out
                #expect(mac.utf8.count == 18, "\(mac)")
                let script =
                    "sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; ip address add fd00:99::2/64 dev eth0 nodad; ip neighbour add fd00:99::1 lladdr \(mac.prefix(17)) dev eth0; ip route add default via fd00:99::1"
                #expect(try boxes[0].shell(script).code == 0)
                #expect(try heard(server6, boxes[2], host.address6("br-six", 2), at: Lab.peerAddress6, 6, patience: Probe.patience))
                #expect(try !heard(server6, boxes[0], "fd00:99::2", at: Lab.peerAddress6, 6))
                try host.clear(boxes)
            }
        }

        @Test("nobody else may use 127.0.0.0/8") func loopback() throws {
            try withHost { host in
                try host.network("br-a")
                let box = try host.container("br-a", 2)
                let service = try Probe(.udp, at: 53, of: lab.host, address: "127.0.0.1")
                let published = try Probe(at: 80, of: box)
                try box.publish(8080, to: 80, at: "127.0.0.1")
                // The container sends 127.0.0.1 to its gateway, the peer to the host.
                for place in [box as any Place, lab.peer] {
                    try place.within {
                        for setting in ["all", "eth0"] { try FileDescriptor.open("/proc/sys/net/ipv4/conf/\(setting)/route_localnet", .writeOnly).writeAll("1".utf8) }
                    }
                }
                _ = try lab.peer.shell("ip address del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via \(Lab.hostAddress) dev eth0 src \(Lab.peerAddress)")
                #expect(try service.isOutOfReach(from: lab.peer, at: "127.0.0.1", 53))
                #expect(try published.isOutOfReach(from: lab.peer, at: "127.0.0.1", 8080))
                try host.clear([box])
            }
        }
    }
}
