import Linux
import Values

// Ports of the host that lead into the container.
extension Sandbox {
    /// Ports that are tried for plans that must have the same one on several addresses, when any will do.
    private static let attempts = 64

    /// Publishes more ports: all or none. Plans next to each other that differ in the host address only get the same port. They lead to the
    /// first bridge with an address of the family, one with a default route before others; without any bridge nothing is published. No
    /// plans at all: the rules of what is published are put back, should they be gone.
    @discardableResult
    package func publish(_ plans: [PortPlan]) throws(PlumbingError) -> [Publication] {
        guard attachments.contains(where: \.isBridged) else { return [] }
        if plans.isEmpty { try apply(rules(publications)) }
        try allowFiles(publications.count + plans.count)
        var added = openings(plans.filter(isRouted))
        for group in groups(plans.filter { !isRouted($0) }) { added += try reserve(group, beside: added) }
        for index in added.indices { added[index].doors = doors(added[index].port) }
        try apply(rules(added))
        publications += added
        return added
    }

    /// Takes ports away again and lets go of them; those that are not published are right.
    package func withdraw(_ ports: Set<PublishedPort>) throws(PlumbingError) {
        let leaving = publications.filter { ports.contains($0.port) }
        let kept = rules(publications.filter { !ports.contains($0.port) })
        try firewall.withdraw(Array(rules(leaving).subtracting(kept)))
        publications.removeAll { ports.contains($0.port) }
    }

    /// Withdraws all ports. The namespace itself goes with the last reference and the last process.
    package func close() throws(PlumbingError) { try withdraw(Set(publications.map(\.port))) }

    /// Leads ports to where they shall lead now, after the interfaces have changed.
    func retarget() throws(PlumbingError) {
        let old = rules(publications)
        for index in publications.indices {
            publications[index].target = target(publications[index].port.hostAddress)
            publications[index].doors = doors(publications[index].port)
        }
        let new = rules(publications)
        try firewall.withdraw(Array(old.subtracting(new)))
        try apply(new.subtracting(old))
    }

    // MARK: - Routed networks

    /// Whether the plan's port is opened at the container's own address. One of IPv6 for a container that has none goes with IPv4.
    private func isRouted(_ plan: PortPlan) -> Bool {
        let family = plan.hostAddress.family
        guard let attachment = bridge(family) ?? bridge(.v4) else { return false }
        return attachment.routed.contains(attachment.address(family) == nil ? .v4 : family)
    }

    /// No port of the host is taken. The same port twice is one.
    private func openings(_ plans: [PortPlan]) -> [Publication] {
        var known = Set(publications.map(\.port))
        return plans.compactMap { plan in
            let port = PublishedPort(transport: plan.transport, hostAddress: plan.hostAddress, hostPort: 0, containerPort: plan.containerPort)
            guard let address = target(plan.hostAddress), known.insert(port).inserted else { return nil }
            return Publication(port: port, target: address, socket: nil)
        }
    }

    // MARK: - Reserving

    /// Each port is a file that is open. Throws, before anything is made, when this process may not have as many.
    private func allowFiles(_ ports: Int) throws(PlumbingError) {
        // Streams, clients and what is relayed.
        let wanted = UInt64(ports) + 1024
        let limit = try at("read the limit of open files") { () throws(SyscallError) in try Process.limit(Process.openFiles) }
        if limit.soft >= wanted { return }
        do throws(SyscallError) {
            try Process.setLimit(Process.openFiles, soft: wanted, hard: max(limit.hard, wanted))
        } catch { throw .invalid("cannot publish \(ports) ports: no more than \(limit.hard) files may be open (ulimit -Hn)") }
    }

    /// Plans that must get the same port: neighbours that are equal but for the address.
    private func groups(_ plans: [PortPlan]) -> [[PortPlan]] {
        var groups: [[PortPlan]] = []
        for plan in plans {
            if let last = groups.last, let first = last.first, first.transport == plan.transport, first.hostPorts == plan.hostPorts,
                first.containerPort == plan.containerPort, !last.contains(where: { $0.hostAddress == plan.hostAddress })
            {
                groups[groups.count - 1].append(plan)
            } else {
                groups.append([plan])
            }
        }
        return groups
    }

    private func reserve(_ group: [PortPlan], beside others: [Publication]) throws(PlumbingError) -> [Publication] {
        guard let plan = group.first else { return [] }
        if plan.hostPorts == 0...0 {
            for _ in 0..<Self.attempts {
                // The kernel draws for the first, and the others must have the same.
                if let taken = try reserve(group, port: 0, beside: others) { return taken }
            }
            throw .port(plan.transport, plan.hostAddress, 0, .addressInUse, owner: nil)
        }
        for port in plan.hostPorts { if let taken = try reserve(group, port: port, beside: others) { return taken } }
        let low = plan.hostPorts.lowerBound
        // Whose it is among containers; a table that cannot be read does not change that it is in use.
        let holder = (try? firewall.published())?.first { rule in
            rule.transport == plan.transport && rule.hostPort == low
                && group.contains { $0.hostAddress == rule.hostAddress || $0.hostAddress.isUnspecified || rule.hostAddress.isUnspecified }
        }
        throw .port(plan.transport, plan.hostAddress, low, .addressInUse, owner: holder?.owner)
    }

    /// nil when the port is another's on one of the addresses.
    private func reserve(_ group: [PortPlan], port wanted: UInt16, beside others: [Publication]) throws(PlumbingError) -> [Publication]? {
        var port = wanted
        var taken: [Publication] = []
        for plan in group {
            let file: OpenFile?
            do throws(SyscallError) {
                let reservation = try PortReservation.take(plan.transport.number, Endpoint(plan.hostAddress, port))
                port = reservation.port
                file = reservation.socket
            } catch {
                if error.errno == .addressInUse { return nil }
                guard plan.transport == .sctp, error.errno == .protocolNotSupported else {
                    throw .port(plan.transport, plan.hostAddress, wanted, error.errno, owner: nil)
                }
                // A kernel without SCTP still passes it on, and only containers can have the port: the rules tell.
                if port == 0 { port = UInt16.random(in: 32768...60999) }
                guard try isFree(plan, port, others) else { return nil }
                file = nil
            }
            let published = PublishedPort(transport: plan.transport, hostAddress: plan.hostAddress, hostPort: port, containerPort: plan.containerPort)
            taken.append(Publication(port: published, target: target(plan.hostAddress), socket: file))
        }
        return taken
    }

    private func isFree(_ plan: PortPlan, _ port: UInt16, _ others: [Publication]) throws(PlumbingError) -> Bool {
        func clashes(_ address: IPAddress) -> Bool {
            address.family == plan.hostAddress.family && (address == plan.hostAddress || address.isUnspecified || plan.hostAddress.isUnspecified)
        }
        return try !firewall.published().contains { $0.transport == plan.transport && $0.hostPort == port && clashes($0.hostAddress) && $0.owner != owner }
            && !(publications + others).contains { $0.port.transport == plan.transport && $0.port.hostPort == port && clashes($0.port.hostAddress) }
    }

    // MARK: - Rules

    /// Where packets to this address of the host go.
    private func target(_ hostAddress: IPAddress) -> IPAddress? {
        // Nothing leaves the host from ::1, so nothing could answer.
        if hostAddress.family == .v6, hostAddress.isLoopback { return nil }
        return bridge(hostAddress.family)?.address(hostAddress.family)
    }

    private func bridge(_ family: IPAddress.Family) -> Attachment? {
        let bridged = attachments.filter { $0.isBridged && $0.address(family) != nil }
        return bridged.first { $0.gateways.contains { $0.family == family } } ?? bridged.first
    }

    /// Containers' own addresses at which a port is open: beside its target when that is such a one itself, of other networks when it is for all
    /// addresses.
    private func doors(_ port: PublishedPort) -> [IPAddress] {
        let family = port.hostAddress.family, target = target(port.hostAddress)
        let open = attachments.filter { attachment in
            guard attachment.isBridged, let address = attachment.address(family) else { return false }
            if attachment.isDirect, address == target { return port.hostPort != 0 }
            return port.hostAddress.isUnspecified && attachment.routed.contains(family) && (port.hostPort != 0 || address != target)
        }
        return open.compactMap { $0.address(family) }
    }

    /// Without those that several have.
    private func rules(_ publications: [Publication]) -> Set<PortRule> {
        Set(
            publications.flatMap { publication in
                let port = publication.port
                func rule(_ hostPort: UInt16, _ address: IPAddress) -> PortRule {
                    PortRule(
                        transport: port.transport, hostAddress: port.hostAddress, hostPort: hostPort, containerAddress: address,
                        containerPort: port.containerPort, owner: owner)
                }
                let isRelayed = publication.target == nil && port.hostAddress.family == .v6 && !port.hostAddress.isLoopback
                let relay = isRelayed ? bridge(.v4)?.address(.v4).map { [rule(port.hostPort, $0)] } ?? [] : []
                return relay + (publication.target.map { [rule(port.hostPort, $0)] } ?? []) + publication.doors.map { rule(0, $0) }
            })
    }

    private func apply(_ rules: Set<PortRule>) throws(PlumbingError) {
        // The host's 127.0.0.1 leads out by the bridge: only where a port is published, and the rules keep everybody else from that address.
        let addresses = Set(rules.filter { !$0.isRouted && $0.hostAddress.family == .v4 && ($0.hostAddress.isUnspecified || $0.hostAddress.isLoopback) }.map(\.containerAddress))
        for attachment in attachments {
            guard case .bridge(let name) = attachment.link, let address = attachment.address(.v4), addresses.contains(address) else { continue }
            try Sysctl.write("ipv4/conf/\(name)/route_localnet", "1")
        }
        try firewall.publish(Array(rules))
    }
}

extension Attachment {
    fileprivate var isBridged: Bool {
        if case .bridge = link { return true }
        return false
    }

    fileprivate func address(_ family: IPAddress.Family) -> IPAddress? { addresses.first { $0.address.family == family }?.address }
}
