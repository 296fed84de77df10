import Linux
import Netlink
package import Values

/// What a bridge of the host is to be like.
package struct BridgePlan: Codable, Sendable, Hashable {
    /// VXLAN (RFC 7348): a port of the bridge that leads to the same network on other hosts.
    package struct Overlay: Codable, Sendable, Hashable {
        /// VXLAN network identifier, 24 bits; the same on all hosts.
        package var identifier: UInt32
        /// This host's address among the peers; nil lets the route decide.
        package var local: IPAddress?
        /// The other hosts, all of one family. What has no known place is sent to all of them. nil: somebody else keeps them up to date.
        package var peers: [IPAddress]?
        /// UDP; 4789 is the registered one.
        package var port: UInt16
        /// Frames between hosts are encrypted, and no others pass on that port.
        package var isEncrypted: Bool
        /// The file of what all hosts have in common, for one that is encrypted; nil: somebody else knows it.
        package var keyFile: String?

        /// The family of all hosts.
        var family: IPAddress.Family { (local ?? peers?.first)?.family ?? .v4 }

        /// Of the port: names no other network's.
        var interface: String { "vx-\(identifier)" }

        package init(identifier: UInt32, local: IPAddress?, peers: [IPAddress]?, port: UInt16 = 4789, isEncrypted: Bool = false, keyFile: String? = nil) {
            self.identifier = identifier
            self.local = local
            self.peers = peers
            self.port = port
            self.isEncrypted = isEncrypted
            self.keyFile = keyFile
        }
    }

    /// Of the interface, 15 bytes at most.
    package var name: String
    /// Kept as the interface's alias, for `ip link` to show whose it is: the network's name and id.
    package var owner: String
    /// The host's own addresses on it: the gateways, with the length of the network's prefix. Empty for a network without the host.
    package var addresses: [IPPrefix]
    /// Bytes; 0 leaves the kernel's 1500.
    package var mtu: Int
    package var overlay: Overlay?
    /// Somebody else makes it: it is not made when it is not there.
    package var isGiven: Bool

    package init(name: String, owner: String, addresses: [IPPrefix], mtu: Int = 0, overlay: Overlay? = nil, isGiven: Bool = false) {
        self.name = name
        self.owner = owner
        self.addresses = addresses
        self.mtu = mtu
        self.overlay = overlay
        self.isGiven = isGiven
    }
}

/// A bridge of the host's network namespace: made when its network is, and again after a reboot.
///
/// Davit's own bridges are known by their interface group; one that somebody else made may be used as a network too, and is only added to.
package enum Bridge {
    /// Makes the bridge as planned, up, or changes the one of that name: missing addresses are added, surplus ones taken away, overlay peers
    /// made equal. Doing it again changes nothing. A bridge that was made is taken away again when a step fails. Needs CAP_NET_ADMIN.
    package static func ensure(_ plan: BridgePlan) throws(PlumbingError) {
        guard isLinkName(plan.name) else { throw .invalid("invalid interface name: \(plan.name)") }
        var socket = try HostNetwork.open()
        var made = false
        var link = try HostNetwork.find(plan.name, &socket)
        if link == nil, !plan.isGiven {
            var request = NewLink(plan.name, .bridge)
            // Without one of its own a bridge takes that of one of its ports, and changes it with them.
            request.mac = .random()
            request.mtu = plan.mtu
            request.group = Ruleset.interfaceGroup
            made = try HostNetwork.make(request, &socket)
            link = try HostNetwork.find(plan.name, &socket)
        }
        guard let link else { throw .noSuchLink(plan.name) }
        guard link.kind == "bridge" else { throw .invalid("interface \(plan.name) exists and is no bridge") }
        do throws(PlumbingError) { try configure(link, plan, isNew: made, &socket) } catch {
            // The first failure is the one to tell.
            if made {
                try? remove(link, &socket)
                if let overlay = plan.overlay, overlay.isEncrypted { try? OverlayEncryption.remove(overlay.identifier) }
            }
            throw error
        }
    }

    /// Takes it away with its VXLAN port; one that is not there is right, and one that somebody else made stays. Containers' interfaces that
    /// are still ports of it stay without a bridge.
    package static func remove(_ name: String) throws(PlumbingError) {
        var socket = try HostNetwork.open()
        guard let link = try HostNetwork.find(name, &socket), link.group == Ruleset.interfaceGroup else { return }
        try remove(link, &socket)
    }

    private static func remove(_ link: LinkDescription, _ socket: inout NetlinkSocket) throws(PlumbingError) {
        let links = try at("list interfaces") { () throws(SyscallError) in try socket.links() }
        for port in links where port.master == link.index && port.kind == "vxlan" {
            try HostNetwork.remove(port, &socket)
            if let identifier = UInt32(port.name.dropFirst(3)) { try OverlayEncryption.remove(identifier) }
        }
        try HostNetwork.remove(link, &socket)
    }

    private static func configure(_ link: LinkDescription, _ plan: BridgePlan, isNew: Bool, _ socket: inout NetlinkSocket) throws(PlumbingError) {
        let isOurs = link.group == Ruleset.interfaceGroup
        var change = LinkChange()
        if isOurs, link.alias != plan.owner { change.alias = plan.owner }
        if isOurs, plan.mtu > 0, link.mtu != plan.mtu { change.mtu = plan.mtu }
        if !link.isUp { change.isUp = true }
        // A container must not become the host's IPv6 router, nor speak IPv6 to or through it on a network that has none. A kernel without
        // IPv6 has nothing to set.
        if isNew {
            try? Sysctl.write("ipv6/conf/\(plan.name)/accept_ra", "0")
            if !plan.addresses.contains(where: { $0.address.family == .v6 }) { try? Sysctl.write("ipv6/conf/\(plan.name)/disable_ipv6", "1") }
        }
        let present = try at("list addresses") { () throws(SyscallError) in try socket.addresses().filter { $0.link == link.index }.map(\.prefix) }
        let missing = plan.addresses.filter { !present.contains($0) }
        // What was switched off for a network that had none of it.
        if isOurs, !isNew, missing.contains(where: { $0.address.family == .v6 }) { try? Sysctl.write("ipv6/conf/\(plan.name)/disable_ipv6", "0") }
        for address in missing {
            try at("add address \(address) to \(plan.name)") { () throws(SyscallError) in
                // Of several that begin at once, another may have been faster.
                do throws(SyscallError) { try socket.add(address, to: link.index) } catch  where error.errno == .exists {}
            }
        }
        // The kernel's own link-local address belongs to the bridge, too.
        for address in present where isOurs && !plan.addresses.contains(address) && !address.address.isLinkLocal {
            try at("remove address \(address) from \(plan.name)") { () throws(SyscallError) in try socket.remove(address, from: link.index) }
        }
        if change.isUp != nil || change.alias != nil || change.mtu != nil {
            try at("set up bridge \(plan.name)") { () throws(SyscallError) in try socket.change(link: link.index, change) }
        }
        if let overlay = plan.overlay { try ensure(overlay, of: plan, bridge: link.index, &socket) }
    }

    private static func ensure(_ overlay: BridgePlan.Overlay, of plan: BridgePlan, bridge: Int32, _ socket: inout NetlinkSocket) throws(PlumbingError) {
        guard (1..<1 << 24).contains(overlay.identifier) else { throw .invalid("invalid VXLAN identifier: \(overlay.identifier)") }
        let name = overlay.interface
        // Before the first frame could pass in the clear.
        if overlay.isEncrypted { try OverlayEncryption.close(overlay) }
        if try HostNetwork.find(name, &socket) == nil {
            // The family is that of its own address.
            let local = overlay.local ?? (overlay.family == .v6 ? .anyV6 : nil)
            var request = NewLink(name, .vxlan(identifier: overlay.identifier, local: local, port: overlay.port))
            request.mtu = plan.mtu
            request.master = bridge
            request.group = Ruleset.interfaceGroup
            _ = try HostNetwork.make(request, &socket)
        }
        guard let link = try HostNetwork.find(name, &socket) else { throw .noSuchLink(name) }
        guard link.kind == "vxlan", link.master == bridge else { throw .invalid("interface \(name) exists and is not the overlay of \(plan.name)") }
        var change = LinkChange()
        change.isUp = true
        change.makesLinkLocal = false
        try at("set up \(name)") { () throws(SyscallError) in try socket.change(link: link.index, change) }
        if let peers = overlay.peers {
            let secret = try overlay.keyFile.map { path throws(PlumbingError) in try OverlaySecret(file: path) }
            try setPeers(peers.filter { $0 != overlay.local }, of: overlay, secret, link.index, &socket)
        }
    }

    /// Has an overlay send what has no known place to these hosts and no others, and encrypt what it sends when it is to. Throws `noSuchLink` when
    /// it is gone.
    package static func setPeers(_ peers: [IPAddress], of overlay: BridgePlan.Overlay, secret: OverlaySecret? = nil) throws(PlumbingError) {
        var socket = try HostNetwork.open()
        guard let link = try HostNetwork.find(overlay.interface, &socket) else { throw .noSuchLink(overlay.interface) }
        try setPeers(peers, of: overlay, secret, link.index, &socket)
    }

    /// The hosts that an overlay sends to; none while it is gone.
    package static func peers(of overlay: BridgePlan.Overlay) throws(PlumbingError) -> [IPAddress] {
        var socket = try HostNetwork.open()
        guard let link = try HostNetwork.find(overlay.interface, &socket) else { return [] }
        return try at("list the peers of \(link.name)") { () throws(SyscallError) in try socket.floodedPeers(of: link.index) }.sorted()
    }

    private static func setPeers(
        _ peers: [IPAddress], of overlay: BridgePlan.Overlay, _ secret: OverlaySecret?, _ link: Int32, _ socket: inout NetlinkSocket
    ) throws(PlumbingError) {
        if overlay.isEncrypted {
            guard let secret else { throw .invalid("there is no key for the encrypted overlay \(overlay.interface)") }
            try OverlayEncryption.set(peers, of: overlay, secret)
        }
        try at("set the peers of \(overlay.interface)") { () throws(SyscallError) in
            let present = try socket.floodedPeers(of: link)
            for peer in peers where !present.contains(peer) { try socket.addFloodedPeer(peer, to: link) }
            for peer in present where !peers.contains(peer) { try socket.removeFloodedPeer(peer, from: link) }
        }
    }
}

extension IPAddress {
    /// fe80::/10 (RFC 4291).
    package var isLinkLocal: Bool { family == .v6 && value >> 118 == 0x3fa }
}
