import Linux
package import Values

/// An interface as the kernel tells it.
package struct HostLink: Sendable, Hashable {
    package var name: String
    package var index: Int32
    /// As in ip-link(8): `bridge`, `veth`, `macvlan`; empty for a card and for `lo`.
    package var kind: String
    package var isUp: Bool
    package var mtu: Int
    package var mac: MACAddress?
    /// Index of the bridge it is a port of; 0 for none.
    package var master: Int32
    /// Index of the interface it stands on; 0 for none.
    package var parent: Int32
    /// What `BridgePlan.owner` left; empty for those of others.
    package var alias: String
}

/// The host's side: what is there already. Every call asks the kernel of the namespace that the calling thread is in.
package enum HostNetwork {
    package static func links() throws(PlumbingError) -> [HostLink] { throw .kernelLacks("rtnetlink") }

    /// nil when there is none of that name.
    package static func link(_ name: String) throws(PlumbingError) -> HostLink? { throw .kernelLacks("rtnetlink") }

    /// Addresses of all interfaces, or of one, with the length of their prefix.
    package static func addresses(of link: String? = nil) throws(PlumbingError) -> [IPPrefix] { throw .kernelLacks("rtnetlink") }

    /// Networks that the host reaches without a default route: of its addresses and of its routes. A new subnet must not overlap them.
    /// `except`: leaves out what belongs to this interface, for networks whose bridge is there already.
    package static func networks(except link: String? = nil) throws(PlumbingError) -> [IPPrefix] { throw .kernelLacks("rtnetlink") }

    /// The name and MTU of the interface that the default route of the family leaves by; nil without one.
    package static func defaultRoute(_ family: IPAddress.Family = .v4) throws(PlumbingError) -> HostLink? { throw .kernelLacks("rtnetlink") }
}

/// The interface below macvlan and ipvlan.
package enum ParentLink {
    /// Checks that the kernel can make links of the kind (`macvlan`, `ipvlan`) and that the parent is there and set up. A name such as
    /// `eth0.10` that is missing is made, as VLAN 10 of `eth0`; the result says whether it was. An empty name makes one of kind `dummy`
    /// with the name `dm-<network, 12 digits>`, for a network without a way out.
    package static func ensure(_ name: String, kind: String, network: String) throws(PlumbingError) -> (name: String, created: Bool) {
        throw .kernelLacks("\(kind) links")
    }

    /// Takes one away that `ensure` made; missing is right.
    package static func remove(_ name: String) throws(PlumbingError) { throw .kernelLacks("rtnetlink") }
}
