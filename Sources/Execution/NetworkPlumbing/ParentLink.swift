import Linux
import Netlink

/// The interface below macvlan and ipvlan.
package enum ParentLink {
    /// Checks that the kernel can make links of the kind (`macvlan`, `ipvlan`) and that the parent is there. A name such as `eth0.10` that is
    /// missing is made, up, as VLAN 10 of `eth0`. An empty name makes one of kind `dummy`, `dm-<network, 12 digits>`, for a network
    /// without a way out. The result tells the name, and whether it was made here.
    package static func ensure(_ name: String, kind: String, network: String) throws(PlumbingError) -> (name: String, created: Bool) {
        var socket = try HostNetwork.open()
        try requireKind(kind, &socket)
        if name.isEmpty { return (dummyName(network), try make(NewLink(dummyName(network), .dummy), &socket)) }
        guard isLinkName(name) else { throw .invalid("invalid interface name: \(name)") }
        if try HostNetwork.find(name, &socket) != nil { return (name, false) }
        guard let dot = name.lastIndex(of: "."), let identifier = UInt16(name[name.index(after: dot)...]), (1...4094).contains(identifier),
            let parent = try HostNetwork.find(String(name[..<dot]), &socket)
        else { throw .noSuchLink(name) }
        return (name, try make(NewLink(name, .vlan(parent: parent.index, identifier: identifier)), &socket))
    }

    /// Takes one away that `ensure` made; missing is right, and one that somebody else made stays.
    package static func remove(_ name: String) throws(PlumbingError) {
        var socket = try HostNetwork.open()
        guard let link = try HostNetwork.find(name, &socket), link.group == Ruleset.interfaceGroup, link.kind == "vlan" || link.kind == "dummy" else { return }
        try HostNetwork.remove(link, &socket)
    }

    private static func dummyName(_ network: String) -> String { "dm-\(network.prefix(12))" }

    private static func make(_ request: NewLink, _ socket: inout NetlinkSocket) throws(PlumbingError) -> Bool {
        var request = request
        request.group = Ruleset.interfaceGroup
        let made = try HostNetwork.make(request, &socket)
        if made, let link = try HostNetwork.find(request.name, &socket) {
            try at("set up \(request.name)") { () throws(SyscallError) in try socket.setUp(interface: link.index) }
        }
        return made
    }

    /// Asks for a link that cannot be, on an interface that is not there: a kernel that knows the kind has another objection than one that does not.
    private static func requireKind(_ kind: String, _ socket: inout NetlinkSocket) throws(PlumbingError) {
        let probe: NewLink
        switch kind {
        case "macvlan": probe = NewLink("davit-probe", .macvlan(parent: .max, mode: 4))
        case "ipvlan": probe = NewLink("davit-probe", .ipvlan(parent: .max, mode: 0, flag: 0))
        default: throw .invalid("invalid kind of network interface: \(kind)")
        }
        do throws(SyscallError) { try socket.make(probe) } catch  where error.errno == .notSupported { throw .kernelLacks("\(kind) links") } catch {}
    }
}
