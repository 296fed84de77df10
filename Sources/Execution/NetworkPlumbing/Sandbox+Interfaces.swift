import Linux
import Netlink
package import Values

// The container's interfaces.
extension Sandbox {
    /// Makes one interface, up, with its addresses and routes; when it fails nothing is left of it.
    package func add(_ attachment: Attachment) throws(PlumbingError) {
        guard isLinkName(attachment.interface) else { throw .invalid("invalid interface name: \(attachment.interface)") }
        if attachments.contains(where: { $0.network == attachment.network }) { throw .invalid("already in network \(attachment.network)") }
        let port: Port?
        switch attachment.link {
        case .bridge(let name): port = try makePair(attachment, bridge: name)
        case .macvlan(let parent, let mode):
            try makeChild(attachment, of: parent) { index throws(PlumbingError) in .macvlan(parent: index, mode: try macvlanMode(mode)) }
            port = nil
        case .ipvlan(let parent, let mode, let flag):
            try makeChild(attachment, of: parent) { index throws(PlumbingError) in
                .ipvlan(parent: index, mode: try ipvlanMode(mode), flag: try ipvlanFlag(flag))
            }
            port = nil
        }
        let link = try existing(attachment.interface)
        do throws(PlumbingError) {
            try configure(attachment, link)
            if let port { try announce(attachment, link, port) }
        } catch {
            // The first failure is the one to tell.
            try? at("remove interface") { () throws(SyscallError) in try inside.removeLink(link) }
            throw error
        }
        attachments.append(attachment)
        try retarget()
    }

    /// Takes the interface of a network away; ports that led there lead to another one if there is one. Missing is right.
    package func remove(network: String) throws(PlumbingError) {
        guard let index = attachments.firstIndex(where: { $0.network == network }) else { return }
        let attachment = attachments.remove(at: index)
        try retarget()
        // The container may have taken it away itself.
        guard let link = try at("look for \(attachment.interface)", { () throws(SyscallError) in try inside.link(attachment.interface) }) else { return }
        try at("remove interface \(attachment.interface)") { () throws(SyscallError) in try inside.removeLink(link.index) }
    }

    /// Makes these the default routes, by the interface of this network, instead of those there are. Empty: none.
    package func setGateways(_ gateways: [IPAddress], network: String) throws(PlumbingError) {
        guard let index = attachments.firstIndex(where: { $0.network == network }) else { throw .invalid("not in network \(network)") }
        let link = try existing(attachments[index].interface)
        try at("remove default routes") { () throws(SyscallError) in
            for route in try inside.routes() where route.destination == nil { try inside.removeDefaultRoute(route.family) }
            for gateway in gateways { try inside.addDefaultRoute(gateway, by: link) }
        }
        for other in attachments.indices { attachments[other].gateways = other == index ? gateways : [] }
        try retarget()
    }

    // MARK: - Making

    /// The host's end of a veth pair.
    private struct Port {
        var index: Int32
        var bridge: Int32
    }

    private func makePair(_ attachment: Attachment, bridge name: String) throws(PlumbingError) -> Port {
        guard let bridge = try HostNetwork.find(name, &host), bridge.kind == "bridge" else { throw .noSuchLink(name) }
        var request = NewLink("", .veth(peer: attachment.interface, peerMAC: attachment.mac))
        request.mtu = attachment.mtu
        request.master = bridge.index
        request.group = Ruleset.interfaceGroup
        try makeNamed(&request, "veth")
        guard let port = try HostNetwork.find(request.name, &host) else { throw .noSuchLink(request.name) }
        var change = LinkChange()
        change.isUp = true
        change.makesLinkLocal = false
        if attachment.isIsolated { change.isIsolated = true }
        // Where bridged packets pass the rules too, translation happens within the bridge, and a packet may have to go back.
        if Self.filtersBridges { change.hairpin = true }
        try at("set up \(request.name)") { () throws(SyscallError) in try host.change(link: port.index, change) }
        return Port(index: port.index, bridge: bridge.index)
    }

    private func makeChild(_ attachment: Attachment, of name: String, _ kind: (Int32) throws(PlumbingError) -> NewLink.Kind) throws(PlumbingError) {
        guard let parent = try HostNetwork.find(name, &host) else { throw .noSuchLink(name) }
        var request = NewLink("", try kind(parent.index))
        request.mtu = attachment.mtu
        // One of ipvlan has its parent's.
        if case .macvlan = request.kind { request.mac = attachment.mac }
        request.group = Ruleset.interfaceGroup
        // Kernels before 6.14 refuse a name that an interface of the host has, wherever the new one is to be.
        try makeNamed(&request, "link")
        let link = try existing(request.name)
        var change = LinkChange()
        change.name = attachment.interface
        do throws(SyscallError) { try inside.change(link: link, change) } catch {
            // The first failure is the one to tell.
            try? at("remove interface") { () throws(SyscallError) in try inside.removeLink(link) }
            if error.errno == .exists { throw .invalid("interface \(attachment.interface) exists in the container") }
            throw .kernel("name interface \(attachment.interface)", error)
        }
    }

    /// Names are drawn until one is free: looking first would not make it certain.
    private func makeNamed(_ request: inout NewLink, _ prefix: String) throws(PlumbingError) {
        for _ in 0..<16 {
            request.name = "\(prefix)\(Hex.encode((0..<4).map { _ in UInt8.random(in: 0...255) }))"
            do throws(SyscallError) { return try host.make(request, in: namespace.descriptor) } catch {
                if error.errno != .exists { throw HostNetwork.failure(request, error) }
            }
        }
        throw .invalid("no free name for an interface")
    }

    /// The index of an interface of the container.
    private func existing(_ name: String) throws(PlumbingError) -> Int32 {
        guard let link = try at("look for \(name)", { () throws(SyscallError) in try inside.link(name) }) else { throw .noSuchLink(name) }
        return link.index
    }

    // MARK: - Setting up

    private func configure(_ attachment: Attachment, _ link: Int32) throws(PlumbingError) {
        let name = attachment.interface
        var settings: [String: String] = [:]
        let addresses = attachment.addresses + attachment.linkLocal
        if addresses.contains(where: { $0.address.family == .v6 }) {
            // Addresses are leased: nobody else has them, and nobody waits a second to be told so.
            settings["ipv6/conf/\(name)/accept_dad"] = "0"
            settings["ipv6/conf/\(name)/disable_ipv6"] = "0"
            // The router of a bridge is the host, whatever a neighbour makes known.
            if case .bridge = attachment.link { settings["ipv6/conf/\(name)/accept_ra"] = "0" }
        } else {
            settings["ipv6/conf/\(name)/disable_ipv6"] = "1"
        }
        for (key, value) in attachment.sysctls {
            let path = key.hasPrefix("net.") ? key.dropFirst(4) : key[...]
            settings[path.split(separator: ".", omittingEmptySubsequences: false).map { $0 == "IFNAME" ? name : String($0) }.joined(separator: "/")] = value
        }
        try configure(settings)
        for address in addresses {
            try at("add address \(address) to \(name)") { () throws(SyscallError) in try inside.add(address, to: link) }
        }
        try at("set up \(name)") { () throws(SyscallError) in try setUp(link) }
        for gateway in attachment.gateways {
            try at("add default route by \(gateway)") { () throws(SyscallError) in try inside.addDefaultRoute(gateway, by: link) }
        }
    }

    /// A hardware address on a parent may be that of a container which has just ended: its interface goes with its namespace, and that the
    /// kernel takes down in its own time.
    private func setUp(_ link: Int32) throws(SyscallError) {
        let deadline = MonotonicClock.now + .seconds(2)
        while true {
            do throws(SyscallError) { return try inside.setUp(interface: link) } catch  where error.errno == .addressInUse {
                if MonotonicClock.now > deadline { throw error }
            }
            try pause(5)
        }
    }

    private func pause(_ milliseconds: Int) throws(SyscallError) {
        var nothing = PollSet()
        _ = try nothing.wait(timeoutMilliseconds: milliseconds)
    }

    /// Makes the way to the container known and passable before anybody needs it.
    private func announce(_ attachment: Attachment, _ link: Int32, _ port: Port) throws(PlumbingError) {
        try at("announce \(attachment.interface)") { () throws(SyscallError) in
            // Two ends that come up tell the bridge a moment later, and what is sent before is lost, to be sent again after a second.
            // Asking for a link makes the kernel finish that; one before 6.8 takes its time.
            let deadline = MonotonicClock.now + .milliseconds(200)
            var tries = 0
            while try !host.linkIsRunning(port.index), MonotonicClock.now < deadline {
                tries += 1
                if tries > 50 { try pause(1) }
            }
            // A port that does not pass frames yet learns by the first one.
            do throws(SyscallError) { try host.setForwarding(attachment.mac, port: port.index) } catch  where error.errno == .notPermitted {}
            for address in attachment.addresses {
                // A bridge without that family, gateway mode `isolated`, has no neighbours of it.
                do throws(SyscallError) { try host.setNeighbour(address.address, attachment.mac, on: port.bridge) } catch  where error.errno == .invalid {}
            }
            // Setting the hardware address anew makes the kernel tell the neighbours.
            var change = LinkChange()
            change.mac = attachment.mac
            try inside.change(link: link, change)
        }
    }

    /// Whether frames that a bridge passes on go through the rules of IP as well: br_netfilter, which other software asks for.
    private static var filtersBridges: Bool {
        // Without that module there is no such setting.
        (try? Sysctl.read("bridge/bridge-nf-call-iptables")) == "1"
    }
}

// Words of ip-link(8) and the kernel's numbers for them: linux/if_link.h.

private func macvlanMode(_ name: String) throws(PlumbingError) -> UInt32 {
    guard let mode: UInt32 = ["private": 1, "vepa": 2, "bridge": 4, "passthru": 8][name] else { throw .invalid("unknown macvlan mode: \(name)") }
    return mode
}

private func ipvlanMode(_ name: String) throws(PlumbingError) -> UInt16 {
    guard let mode: UInt16 = ["l2": 0, "l3": 1, "l3s": 2][name] else { throw .invalid("unknown ipvlan mode: \(name)") }
    return mode
}

private func ipvlanFlag(_ name: String) throws(PlumbingError) -> UInt16 {
    guard let flag: UInt16 = ["": 0, "bridge": 0, "private": 1, "vepa": 2][name] else { throw .invalid("unknown ipvlan flag: \(name)") }
    return flag
}
