import Netlink
import Values

// How networks and ports stand in the sets and maps of `Ruleset`.

extension FirewallNetwork {
    /// Every element that this network has, with its set.
    var elements: [(set: String, element: SetElement)] {
        let name = interfaceName(bridge)
        var elements = [(Ruleset.Set.bridges, SetElement(key: name, comment: owner)), (Ruleset.Set.within, SetElement(key: name + name))]
        func add(_ set: String, if condition: Bool) { if condition { elements.append((set, SetElement(key: name))) } }
        add(Ruleset.Set.closedIn, if: isInternal)
        add(Ruleset.Set.isolated, if: !allowsContainers)
        for (set, families) in [(Ruleset.Set.open, open), (Ruleset.Set.routed, routed), (Ruleset.Set.direct, direct)] where !isInternal {
            for family in families { elements.append((set, SetElement(key: name + Forwarding.key(family) + [0, 0, 0]))) }
        }
        for interface in Swift.Set(trusted) where !isInternal { elements.append((Ruleset.Set.trusted, SetElement(key: name + interfaceName(interface)))) }
        add(Ruleset.Set.masquerade4, if: masquerades.contains(.v4) && !isInternal)
        add(Ruleset.Set.masquerade6, if: masquerades.contains(.v6) && !isInternal)
        for source in sources where !isInternal && masquerades.contains(source.family) {
            elements.append((source.family == .v4 ? Ruleset.Set.source4 : Ruleset.Set.source6, SetElement(key: name, data: source.bytes)))
        }
        if let overlay {
            elements.append((Ruleset.Set.tunnels, SetElement(key: field(overlay.port) + overlay.key, comment: bridge)))
            if let peers = overlay.peers { elements += overlay.elements(of: peers, bridge) }
        }
        return elements
    }
}

extension BridgePlan.Overlay {
    /// The number as a field of a concatenation.
    fileprivate var key: [UInt8] { [UInt8(truncatingIfNeeded: identifier >> 16), UInt8(truncatingIfNeeded: identifier >> 8), UInt8(truncatingIfNeeded: identifier), 0] }

    /// The hosts that may send frames.
    func elements(of hosts: [IPAddress], _ bridge: String) -> [(set: String, element: SetElement)] {
        hosts.filter { $0 != local }.map { ($0.family == .v4 ? Ruleset.Set.hosts4 : Ruleset.Set.hosts6, SetElement(key: $0.bytes + key, comment: bridge)) }
    }
}

extension PortRule {
    /// Nothing is translated: the container's own port is opened.
    var isRouted: Bool { hostPort == 0 }

    /// The families differ: nothing is translated, a socket leads on.
    var isRelayed: Bool { hostAddress.family != containerAddress.family }

    var set: String {
        if isRelayed { return hostAddress.isUnspecified ? Ruleset.Set.anyRelayed : Ruleset.Set.relayed }
        if isRouted { return hostAddress.family == .v4 ? Ruleset.Set.routedPorts4 : Ruleset.Set.routedPorts6 }
        return switch (hostAddress.family, hostAddress.isUnspecified) {
        case (.v4, false): Ruleset.Set.ports4
        case (.v4, true): Ruleset.Set.anyPorts4
        case (.v6, false): Ruleset.Set.ports6
        case (.v6, true): Ruleset.Set.anyPorts6
        }
    }

    var element: SetElement {
        if isRouted { return SetElement(key: containerAddress.bytes + [transport.number, 0, 0, 0] + field(containerPort), comment: owner) }
        let address = hostAddress.isUnspecified ? [] : hostAddress.bytes
        return SetElement(
            key: address + [transport.number, 0, 0, 0] + field(hostPort), data: isRelayed ? nil : containerAddress.bytes + field(containerPort), comment: owner)
    }

    /// nil for an element that is not of this kind.
    init?(_ element: SetElement, of set: String) {
        let family: IPAddress.Family = [Ruleset.Set.ports4, Ruleset.Set.anyPorts4, Ruleset.Set.routedPorts4].contains(set) ? .v4 : .v6
        let size = Int(family.rawValue)
        if set == Ruleset.Set.routedPorts4 || set == Ruleset.Set.routedPorts6 {
            guard element.key.count == size + 8, element.data == nil, let transport = PortPlan.Transport(number: element.key[size]),
                let container = IPAddress(bytes: element.key.prefix(size))
            else { return nil }
            self.init(
                transport: transport, hostAddress: IPAddress(family, 0), hostPort: 0, containerAddress: container,
                containerPort: number(element.key.dropFirst(size + 4)), owner: element.comment)
            return
        }
        let addressSize = [Ruleset.Set.anyPorts4, Ruleset.Set.anyPorts6, Ruleset.Set.anyRelayed].contains(set) ? 0 : size
        let isRelayed = set == Ruleset.Set.relayed || set == Ruleset.Set.anyRelayed
        // Where a socket leads it, the rules do not know.
        let data = element.data ?? Array(repeating: 0, count: 8)
        let targetSize = isRelayed ? Int(IPAddress.Family.v4.rawValue) : size
        guard (element.data == nil) == isRelayed, element.key.count == addressSize + 8, data.count == targetSize + 4,
            let transport = PortPlan.Transport(number: element.key[addressSize]), let container = IPAddress(bytes: data.prefix(targetSize))
        else { return nil }
        self.init(
            transport: transport, hostAddress: IPAddress(bytes: element.key.prefix(addressSize)) ?? IPAddress(family, 0),
            hostPort: number(element.key.dropFirst(addressSize + 4)), containerAddress: container, containerPort: number(data.dropFirst(size)),
            owner: element.comment)
    }
}

extension PortPlan.Transport {
    init?(number: UInt8) {
        guard let transport = [Self.tcp, .udp, .sctp].first(where: { $0.number == number }) else { return nil }
        self = transport
    }
}

/// As the kernel compares them: 16 bytes, zeros after the name.
func interfaceName(_ name: String) -> [UInt8] {
    let bytes = name.utf8.prefix(15)
    return bytes + Array(repeating: 0, count: 16 - bytes.count)
}

/// A port as a field of a concatenation.
private func field(_ port: UInt16) -> [UInt8] { [UInt8(port >> 8), UInt8(truncatingIfNeeded: port), 0, 0] }

private func number(_ field: ArraySlice<UInt8>) -> UInt16 { field.prefix(2).reduce(0) { $0 << 8 | UInt16($1) } }
