import Linux
import Netlink
package import Values

/// One network as the firewall knows it: by the name of its bridge.
package struct FirewallNetwork: Sendable, Hashable {
    package var bridge: String
    /// Shown by `nft list` beside the bridge: the network's name.
    package var owner: String
    /// Families that the network has addresses of: the host forwards them. Not of an internal network.
    package var families: Set<IPAddress.Family>
    /// When forwarding is switched on for it, others' packets are forwarded, too.
    package var forwardsOthers: Bool
    /// Nothing goes in or out but to the host itself: `--internal`.
    package var isInternal: Bool
    /// Containers of the network reach each other: `com.docker.network.bridge.enable_icc`. See also `Attachment.isIsolated`.
    package var allowsContainers: Bool
    /// Families that are neither translated nor closed to those who have a route: gateway mode `routed`. Published ports and echo only.
    package var routed: Set<IPAddress.Family>
    /// Families whose packets leave the host with the host's address: `com.docker.network.bridge.enable_ip_masquerade`.
    package var masquerades: Set<IPAddress.Family>
    /// Addresses to leave with instead of the interface's: `com.docker.network.host_ipv4`.
    package var sources: [IPAddress]
    /// Families of which every port of every container is reached from outside as if published: gateway mode `nat-unprotected`.
    package var open: Set<IPAddress.Family>
    /// Families whose published ports are reached at the containers' own addresses by whoever has a route; and interfaces by which they are reached
    /// so, whatever the family.
    package var direct: Set<IPAddress.Family>
    package var trusted: [String]
    /// Of an overlay: frames of it are taken from its other hosts alone.
    package var overlay: BridgePlan.Overlay?

    package init(
        bridge: String, owner: String, families: Set<IPAddress.Family> = [.v4], forwardsOthers: Bool = false, isInternal: Bool = false, allowsContainers: Bool = true,
        routed: Set<IPAddress.Family> = [], masquerades: Set<IPAddress.Family> = [.v4, .v6], sources: [IPAddress] = [], open: Set<IPAddress.Family> = [],
        direct: Set<IPAddress.Family>? = nil, trusted: [String] = [], overlay: BridgePlan.Overlay? = nil
    ) {
        self.bridge = bridge
        self.owner = owner
        self.families = families
        self.forwardsOthers = forwardsOthers
        self.isInternal = isInternal
        self.allowsContainers = allowsContainers
        self.routed = routed
        self.masquerades = masquerades
        self.sources = sources
        self.open = open
        self.direct = direct ?? routed
        self.trusted = trusted
        self.overlay = overlay
    }
}

/// A published port as the firewall knows it: packets to `host` go to `container` instead. With 0 for the host's port none is translated,
/// and those to the container are let pass.
package struct PortRule: Sendable, Hashable {
    package var transport: PortPlan.Transport
    /// `0.0.0.0` and `::` stand for all of the family.
    package var hostAddress: IPAddress
    package var hostPort: UInt16
    package var containerAddress: IPAddress
    package var containerPort: UInt16
    /// Shown by `nft list`: the container's id.
    package var owner: String

    package init(
        transport: PortPlan.Transport, hostAddress: IPAddress, hostPort: UInt16, containerAddress: IPAddress, containerPort: UInt16, owner: String
    ) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.containerAddress = containerAddress
        self.containerPort = containerPort
        self.owner = owner
    }
}

/// The nftables table `inet <table>` of one Davit root: a ruleset that never changes, loaded with the first network, and its sets and maps,
/// whose elements are the networks and the published ports. Each call is one transaction of the kernel: whole or not at all.
///
/// All calls concern the network namespace that the calling thread is in, and need CAP_NET_ADMIN.
package struct Firewall: Sendable, Hashable {
    package let table: String

    package init(table: String) { self.table = table }

    // MARK: - The table

    /// Loads the ruleset if the table is not there, which takes nft(8) and some milliseconds; otherwise microseconds.
    package func ensure() throws(PlumbingError) {
        var socket = try open()
        let isThere = try at("look for table \(table)") { () throws(SyscallError) in try socket.hasTable(table) }
        if !isThere { try RulesetLoader.load(Ruleset.text(table: table)) }
    }

    /// Takes the table away if it knows no network and no port and the administrator's chain is empty. Forwarding that `join` switched on is
    /// switched off again unless interfaces of another root need it. The caller keeps networks from joining meanwhile.
    package func removeIfEmpty() throws(PlumbingError) {
        var socket = try open()
        guard try at("look for table \(table)", { () throws(SyscallError) in try socket.hasTable(table) }) else { return }
        for set in [Ruleset.Set.bridges] + Ruleset.Set.ofPorts where !(try elements(set, &socket)).isEmpty { return }
        let rules = try at("list rules of the administrator") { () throws(SyscallError) in try socket.ruleCount(chain: Ruleset.adminChain, table: table) }
        guard rules == 0 else { return }
        let closed = try elements(Ruleset.Set.closed, &socket)
        try at("remove table \(table)") { () throws(SyscallError) in try socket.commit([.removeTable], to: table) }
        try Forwarding.restore(closed.compactMap { Forwarding.family($0.key) })
    }

    /// Chains of others that drop forwarded packets unless one of their own rules takes them, whatever this table accepts, such as
    /// `ip filter FORWARD`. For a warning. Tables of the older iptables are not seen.
    package static func obstacles() throws(PlumbingError) -> [String] {
        var socket = try at("open nfnetlink") { () throws(SyscallError) in try NetlinkSocket.netfilter() }
        let chains = try at("list chains") { () throws(SyscallError) in try socket.baseChains() }
        return chains.filter { $0.isForward && $0.drops }.map { "\($0.family) \($0.table) \($0.name)" }
    }

    // MARK: - Networks

    /// Makes the network known, or known as it is now. Loads the ruleset when it must, and has the host forward the network's families.
    /// Gives the families that forwarding was switched on for.
    @discardableResult
    package func join(_ network: FirewallNetwork) throws(PlumbingError) -> [IPAddress.Family] {
        try ensure()
        var socket = try open()
        var changes: [TableChange] = []
        // Hosts of an overlay that somebody else keeps up to date stay as they are.
        let ofOverlays = network.overlay.map { $0.peers == nil } == true ? [Ruleset.Set.tunnels] : Ruleset.Set.ofOverlays
        for set in Ruleset.Set.ofNetworks + ofOverlays { try replace(set, of: network.bridge, network.elements, &changes, &socket) }
        let switched = network.isInternal ? [] : try Forwarding.enable(network.families)
        if !switched.isEmpty, !network.forwardsOthers { changes.append(.add(switched.map { SetElement(key: Forwarding.key($0)) }, to: Ruleset.Set.closed)) }
        try at("add network \(network.owner) to table \(table)") { () throws(SyscallError) in try socket.commit(changes, to: table) }
        return switched
    }

    /// Forgets what was known by that bridge; nothing known is right.
    package func leave(bridge: String) throws(PlumbingError) {
        var socket = try open()
        var changes: [TableChange] = []
        for set in Ruleset.Set.ofNetworks + Ruleset.Set.ofOverlays { try replace(set, of: bridge, [], &changes, &socket) }
        try at("remove \(bridge) from table \(table)") { () throws(SyscallError) in try socket.commit(changes, to: table) }
    }

    /// Has frames of an overlay taken from these hosts and no others. Without a table nothing is refused, and nothing need be done.
    package func admit(_ hosts: [IPAddress], to overlay: BridgePlan.Overlay, bridge: String) throws(PlumbingError) {
        var socket = try open()
        guard try at("look for table \(table)", { () throws(SyscallError) in try socket.hasTable(table) }) else { return }
        var changes: [TableChange] = []
        let wanted = overlay.elements(of: hosts, bridge)
        for set in [Ruleset.Set.hosts4, Ruleset.Set.hosts6] { try replace(set, of: bridge, wanted, &changes, &socket) }
        try at("admit hosts to \(bridge) in table \(table)") { () throws(SyscallError) in try socket.commit(changes, to: table) }
    }

    /// Adds what makes of a bridge's elements of a set those of `wanted`.
    private func replace(
        _ set: String, of bridge: String, _ wanted: [(set: String, element: SetElement)], _ changes: inout [TableChange], _ socket: inout NetlinkSocket
    ) throws(PlumbingError) {
        let isOfOverlays = Ruleset.Set.ofOverlays.contains(set)
        let present = try elements(set, &socket).filter { isOfOverlays ? $0.comment == bridge : $0.names(bridge) }
        let wanted = wanted.filter { $0.set == set }.map(\.element)
        let surplus = present.filter { !wanted.contains($0) }
        let missing = wanted.filter { !present.contains($0) }
        if !surplus.isEmpty { changes.append(.remove(surplus, from: set)) }
        if !missing.isEmpty { changes.append(.add(missing, to: set)) }
    }

    /// Bridges that are known; none without a table.
    package func bridges() throws(PlumbingError) -> [String] {
        var socket = try open()
        return try elements(Ruleset.Set.bridges, &socket).map { String(decoding: $0.key.prefix { $0 != 0 }, as: UTF8.self) }
    }

    // MARK: - Published ports

    /// Leads the ports into containers. A rule of the same port that is there is replaced: whoever calls this holds the port.
    package func publish(_ rules: [PortRule]) throws(PlumbingError) {
        guard !rules.isEmpty else { return }
        var socket = try open()
        do throws(SyscallError) {
            try socket.commit(bySet(rules).map { .add($0.rules.map(\.element), to: $0.set) }, to: table)
        } catch  where error.errno == .exists || error.errno == .busy {
            // Left by one who was killed. Both in one transaction: the port leads to somewhere at all times.
            let stale = Set(try published().map(\.place))
            let changes = rules.flatMap { rule -> [TableChange] in
                (stale.contains(rule.place) ? [.remove([rule.bareElement], from: rule.set)] : []) + [.add([rule.element], to: rule.set)]
            }
            try at("publish ports in table \(table)") { () throws(SyscallError) in try socket.commit(changes, to: table) }
        } catch { throw .kernel("publish ports in table \(table)", error) }
        // A flow of UDP that began before would pass by the new rule for as long as its sender goes on.
        try forgetFlows(rules, &socket) { rule, flow in
            flow.destination.port == rule.hostPort && flow.answerer != Endpoint(rule.containerAddress, rule.containerPort)
                && (rule.hostAddress.isUnspecified ? flow.isToHost : flow.destination.address == rule.hostAddress)
        }
    }

    /// Takes rules away; those that are not there are right.
    package func withdraw(_ rules: [PortRule]) throws(PlumbingError) {
        guard !rules.isEmpty else { return }
        var socket = try open()
        do throws(SyscallError) {
            try socket.commit(bySet(rules).map { .remove($0.rules.map(\.bareElement), from: $0.set) }, to: table)
        } catch  where error.errno == .noEntry {
            let present = Set(try published().map(\.place))
            let left = rules.filter { present.contains($0.place) }
            try at("withdraw ports from table \(table)") { () throws(SyscallError) in
                try socket.commit(bySet(left).map { .remove($0.rules.map(\.bareElement), from: $0.set) }, to: table)
            }
        } catch { throw .kernel("withdraw ports from table \(table)", error) }
        try forgetFlows(rules, &socket) { rule, flow in
            flow.destination.port == rule.hostPort && flow.answerer == Endpoint(rule.containerAddress, rule.containerPort)
        }
    }

    /// Has the kernel forget flows of UDP, which have no end that it could see.
    private func forgetFlows(_ rules: [PortRule], _ socket: inout NetlinkSocket, where matches: (PortRule, Flow) -> Bool) throws(PlumbingError) {
        let datagrams = rules.filter { $0.transport == .udp }
        for family in [IPAddress.Family.v4, .v6] {
            let rules = datagrams.filter { $0.hostAddress.family == family }
            if rules.isEmpty { continue }
            let addresses = Set(try HostNetwork.addresses().map(\.address))
            // A kernel that does not tell its flows keeps them some thirty seconds: no reason to refuse the port.
            guard let tracked = try? socket.trackedFlows(family) else { continue }
            for flow in tracked where flow.transport == PortPlan.Transport.udp.number {
                let seen = Flow(destination: flow.destination, answerer: flow.answerer, isToHost: addresses.contains(flow.destination.address))
                guard rules.contains(where: { matches($0, seen) }) else { continue }
                try at("forget a flow to \(flow.destination)") { () throws(SyscallError) in try socket.forget(flow) }
            }
        }
    }

    private struct Flow {
        var destination: Endpoint
        var answerer: Endpoint
        var isToHost: Bool
    }

    /// Takes every rule of this owner away, for a container whose supervisor was killed. None is right, and so is no table.
    package func withdraw(owner: String) throws(PlumbingError) { try withdraw(try published().filter { $0.owner == owner }) }

    /// Every published port, whoever's; empty without a table.
    package func published() throws(PlumbingError) -> [PortRule] {
        var socket = try open()
        var rules: [PortRule] = []
        for set in Ruleset.Set.ofPorts { rules += try elements(set, &socket).compactMap { PortRule($0, of: set) } }
        return rules
    }

    private func bySet(_ rules: [PortRule]) -> [(set: String, rules: [PortRule])] {
        Ruleset.Set.ofPorts.map { set in (set, rules.filter { $0.set == set }) }
    }

    // MARK: - The kernel

    private func open() throws(PlumbingError) -> NetlinkSocket {
        do { return try NetlinkSocket.netfilter() } catch { throw error.errno == .protocolNotSupported ? .kernelLacks("nf_tables") : .kernel("open nfnetlink", error) }
    }

    private func elements(_ set: String, _ socket: inout NetlinkSocket) throws(PlumbingError) -> [SetElement] {
        do { return try socket.elements(of: set, table: table) } catch {
            if error.errno == .noEntry { return [] }
            throw .kernel("list \(set) of table \(table)", error)
        }
    }
}

extension SetElement {
    /// Whether it is about that interface: its name comes first in every key.
    fileprivate func names(_ interface: String) -> Bool { key.starts(with: interfaceName(interface)) }
}

extension PortRule {
    /// What there can be one of.
    fileprivate struct Place: Hashable {
        var set: String
        var key: [UInt8]
    }
    fileprivate var place: Place { Place(set: set, key: element.key) }
    /// Without where it leads to, which may be another's by now.
    fileprivate var bareElement: SetElement { SetElement(key: element.key) }
}
