import Linux
import Netlink
package import Values

/// An interface of the host, as `HostNetwork` tells it.
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
    /// Some Davit made it.
    package var isOurs: Bool

    init(_ link: LinkDescription) {
        name = link.name
        index = link.index
        kind = link.kind
        isUp = link.isUp
        mtu = link.mtu
        mac = link.mac
        master = link.master
        parent = link.parent
        alias = link.alias
        isOurs = link.group == Ruleset.interfaceGroup
    }
}

/// The host's side: what is there already. Every call asks the kernel of the namespace that the calling thread is in.
package enum HostNetwork {
    package static func links() throws(PlumbingError) -> [HostLink] {
        var socket = try open()
        return try at("list interfaces") { () throws(SyscallError) in try socket.links().map(HostLink.init) }
    }

    /// nil when there is none of that name.
    package static func link(_ name: String) throws(PlumbingError) -> HostLink? {
        var socket = try open()
        return try find(name, &socket).map(HostLink.init)
    }

    /// Addresses of all interfaces, or of one, with the length of their prefix.
    package static func addresses(of link: String? = nil) throws(PlumbingError) -> [IPPrefix] {
        var socket = try open()
        let index = try link.map { name throws(PlumbingError) in try find(name, &socket)?.index ?? -1 }
        return try at("list addresses") { () throws(SyscallError) in try socket.addresses().filter { index == nil || $0.link == index }.map(\.prefix) }
    }

    /// Networks that the host reaches without a default route: of its addresses and of its routes. A new subnet must not overlap them.
    /// `except` leaves out what belongs to this interface, for networks whose bridge is there already.
    package static func networks(except link: String? = nil) throws(PlumbingError) -> [IPPrefix] {
        var socket = try open()
        let index = try link.flatMap { name throws(PlumbingError) in try find(name, &socket)?.index }
        return try at("list networks") { () throws(SyscallError) in
            let addresses = try socket.addresses().filter { $0.link != index }.map(\.prefix.network)
            let routes = try socket.routes().filter { $0.link != index }.compactMap { $0.destination?.network }
            return Array(Set(addresses + routes)).sorted { ($0.address, $0.length) < ($1.address, $1.length) }
        }
    }

    /// The interface that the default route of the family leaves by; nil without one.
    package static func defaultRoute(_ family: IPAddress.Family = .v4) throws(PlumbingError) -> HostLink? {
        var socket = try open()
        return try at("list routes") { () throws(SyscallError) in
            guard let route = try socket.routes().first(where: { $0.destination == nil && $0.family == family && $0.link != 0 }) else { return nil }
            return try socket.links().first { $0.index == route.link }.map(HostLink.init)
        }
    }

    // MARK: - For the rest of the module

    static func open() throws(PlumbingError) -> NetlinkSocket { try at("open rtnetlink") { () throws(SyscallError) in try NetlinkSocket.route() } }

    static func find(_ name: String, _ socket: inout NetlinkSocket) throws(PlumbingError) -> LinkDescription? {
        try at("look for interface \(name)") { () throws(SyscallError) in try socket.link(name) }
    }

    /// False when another process was first. Says so when the kernel has no such kind of interface.
    static func make(_ request: NewLink, _ socket: inout NetlinkSocket) throws(PlumbingError) -> Bool {
        do throws(SyscallError) {
            try socket.make(request)
            return true
        } catch {
            if error.errno == .exists { return false }
            throw failure(request, error)
        }
    }

    static func failure(_ request: NewLink, _ error: SyscallError) -> PlumbingError {
        error.errno == .notSupported ? .kernelLacks("\(request.kind.name) links") : .kernel("make \(request.kind.name) \(request.name)", error)
    }

    /// One that is gone already is right.
    static func remove(_ link: LinkDescription, _ socket: inout NetlinkSocket) throws(PlumbingError) {
        do throws(SyscallError) { try socket.removeLink(link.index) } catch {
            if error.errno != .noDevice { throw .kernel("remove interface \(link.name)", error) }
        }
    }
}
