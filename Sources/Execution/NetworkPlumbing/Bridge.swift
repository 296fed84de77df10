import Linux
package import Values

/// What a bridge of the host is to be like.
package struct BridgePlan: Codable, Sendable, Hashable {
    /// VXLAN (RFC 7348): a port of the bridge that leads to the same network on other hosts.
    package struct Overlay: Codable, Sendable, Hashable {
        /// VXLAN network identifier, 24 bits; the same on all hosts.
        package var identifier: UInt32
        /// This host's address among the peers; nil lets the route decide.
        package var local: IPAddress?
        /// The other hosts. What has no known place is sent to all of them.
        package var peers: [IPAddress]
        /// UDP; 4789 is the registered one.
        package var port: UInt16

        package init(identifier: UInt32, local: IPAddress?, peers: [IPAddress], port: UInt16 = 4789) {
            self.identifier = identifier
            self.local = local
            self.peers = peers
            self.port = port
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

    package init(name: String, owner: String, addresses: [IPPrefix], mtu: Int = 0, overlay: Overlay? = nil) {
        self.name = name
        self.owner = owner
        self.addresses = addresses
        self.mtu = mtu
        self.overlay = overlay
    }
}

/// A bridge of the host's network namespace: made when its network is, and again after a reboot.
package enum Bridge {
    /// Makes the bridge as planned, up, or changes the one of that name: missing addresses are added, others of the prefix's family taken
    /// away, overlay peers made equal. Doing it again changes nothing. What was made is taken away again when a step fails.
    /// Also sets the addresses' family forwarding, see `Forwarding`. Needs CAP_NET_ADMIN.
    package static func ensure(_ plan: BridgePlan) throws(PlumbingError) {
        throw .kernelLacks("bridge")
    }

    /// Takes it away with its VXLAN port; one that is not there is right. Ports that are still in it stay without a bridge.
    package static func remove(_ name: String) throws(PlumbingError) {
        throw .kernelLacks("bridge")
    }
}
