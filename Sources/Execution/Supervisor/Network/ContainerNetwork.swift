import Linux
import Netlink
import NetworkPlumbing
import Values

/// The network of one life of a container: its namespace with interfaces and ports, its names on its networks, its resolver, and the relay
/// of what the kernel cannot lead in. Made before the container's first process, which is born into the namespace; given back when that
/// has ended.
final class ContainerNetwork {
    /// What it is like now: the plan it was made of, and every change since.
    private(set) var plan: SandboxPlan
    private let id: String
    private let sandbox: Sandbox
    /// By the network's id.
    private var members: [String: NetworkNames.Member] = [:]
    private var resolver: ResolverServer?
    private let relay: PortRelay

    /// In `namespace`, or one that is made. When a step fails nothing is left.
    init(_ plan: SandboxPlan, id: String, namespace: OpenFile?) throws {
        self.plan = plan
        self.id = id
        sandbox = try Sandbox(owner: id, table: plan.table, namespace: namespace)
        relay = try PortRelay()
        Failpoint.hit(.networkAfterNamespace)
        do {
            for attachment in plan.attachments { try sandbox.add(attachment) }
            Failpoint.hit(.networkAfterInterfaces)
            try announce(plan.ports)
            Failpoint.hit(.networkAfterPorts)
            try openResolver()
            // Last: whoever finds the name reaches the container.
            for attachment in plan.attachments { members[attachment.network] = try Self.join(attachment, id) }
            Failpoint.hit(.networkAfterNames)
        } catch {
            // Why it failed is what counts; what stays is removed with the container's other remains.
            try? close()
            throw error
        }
    }

    /// For the container's first process to be put into.
    var namespace: OpenFile { sandbox.namespace }

    var ports: [PublishedPort] { sandbox.publications.map(\.port) }

    /// Gives everything back but the addresses, which are the engine's to lease. Goes on after an error, and throws the first.
    func close() throws {
        var failure: (any Error)?
        for member in members.values {
            do { try member.leave() } catch { failure = failure ?? error }
        }
        members = [:]
        resolver = nil
        do { try relay.remove { _ in true } } catch { failure = failure ?? error }
        do { try sandbox.close() } catch { failure = failure ?? error }
        if let failure { throw failure }
    }

    // MARK: - Names

    private static func join(_ attachment: Attachment, _ id: String, replacing old: NetworkNames.Member? = nil) throws -> NetworkNames.Member? {
        if attachment.names.isEmpty {
            try old?.leave()
            return nil
        }
        return try NetworkNames(directory: attachment.directory).join(
            id, names: attachment.names, addresses: attachment.addresses.map(\.address), replacing: old)
    }

    func rename(_ network: String, to names: [String]) throws {
        plan.rename(network, to: names)
        guard let attachment = plan.attachments.first(where: { $0.network == network }) else { return }
        members[network] = try Self.join(attachment, id, replacing: members[network])
        try openResolver()
    }

    // MARK: - The resolver

    /// Networks on which nobody has a name, such as the default one, are not asked.
    private var logic: Resolver? {
        plan.resolver.map { resolver in
            let scopes = plan.attachments.filter { !$0.names.isEmpty }.map { attachment in
                let names = NetworkNames(directory: attachment.directory)
                // A directory that cannot be read knows of nobody; the question is asked elsewhere then.
                return Resolver.Scope(domain: attachment.domain, addresses: { try? names.addresses(of: $0) }, name: { try? names.name(of: $0) })
            }
            return Resolver(plan: resolver, scopes: scopes)
        }
    }

    private func openResolver() throws {
        guard let logic else { return }
        if let resolver {
            resolver.resolver = logic
            return
        }
        let (datagrams, listener) = try sandbox.enter { try Self.resolverSockets() }
        resolver = ResolverServer(logic, datagrams: datagrams, listener: listener)
    }

    /// In the namespace that the thread is in. The port of names stays free for a server of names in the container: ours is another, and
    /// only looks like that one. A kernel that cannot do this gives up the port itself.
    private static func resolverSockets() throws -> (datagrams: OpenFile, listener: OpenFile) {
        func sockets(_ port: UInt16) throws -> (datagrams: OpenFile, listener: OpenFile, port: UInt16) {
            let datagrams = OpenFile(try InternetSocket.datagrams(at: Endpoint(ResolverServer.address, port)))
            let taken = datagrams.descriptor.localEndpoint()?.port ?? port
            return (datagrams, OpenFile(try InternetSocket.listen(Endpoint(ResolverServer.address, taken), backlog: 64)), taken)
        }
        do {
            let any = try sockets(0)
            var tables = try NetlinkSocket.netfilter()
            try tables.disguise(ResolverServer.address, bound: any.port, as: 53)
            return (any.datagrams, any.listener)
        } catch {
            let own = try sockets(53)
            return (own.datagrams, own.listener)
        }
    }

    // MARK: - Ports

    /// Gives those that are published now and were not before.
    func publish(_ ports: [PortPlan]) throws -> [PublishedPort] {
        let added = try announce(ports)
        plan.ports += ports
        return added
    }

    func withdraw(_ ports: [PublishedPort]) throws {
        let leaving = Set(ports)
        try sandbox.withdraw(leaving)
        plan.withdraw(ports)
        try relay.remove(where: leaving.contains)
    }

    /// The kernel's rules lead most of it; the relay takes what still arrives at the sockets.
    @discardableResult
    private func announce(_ ports: [PortPlan]) throws -> [PublishedPort] {
        let added = try Self.conflicts { try sandbox.publish(ports) }
        for publication in added where publication.port.transport != .sctp {
            if let socket = publication.socket, let target = relayTarget(publication.port, publication.target) { try relay.add(publication.port, socket, to: target) }
        }
        return added.map(\.port)
    }

    /// Ports that are in use have a type of their own.
    private static func conflicts<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch PlumbingError.port(let transport, let address, let port, let errno, let owner) {
            throw PortConflict(transport: transport, hostAddress: address, hostPort: port, errno: errno.rawValue, owner: owner)
        }
    }

    /// Where the relay leads to: where the rules do, or, where those cannot, to the address that comes first.
    private func relayTarget(_ port: PublishedPort, _ target: IPAddress?) -> Endpoint? {
        let bridged = plan.attachments.filter { if case .bridge = $0.link { true } else { false } }
        let attachment = bridged.first { !$0.gateways.isEmpty } ?? bridged.first
        guard let address = target ?? attachment?.addresses.min(by: { $0.address < $1.address })?.address else { return nil }
        return Endpoint(address, port.containerPort)
    }

    /// After the interfaces have changed.
    private func relayPorts() {
        let targets = Dictionary(sandbox.publications.map { ($0.port, $0.target) }) { $1 }
        relay.retarget { relayTarget($0, targets[$0] ?? nil) }
    }

    // MARK: - Live changes

    func connect(_ attachment: Attachment, resolver: ResolverPlan?) throws {
        let before = plan
        plan.connect(attachment, resolver: resolver)
        do {
            // The default routes that there are must go before there can be others.
            var bare = attachment
            bare.gateways = []
            try sandbox.add(bare)
            if !attachment.gateways.isEmpty { try sandbox.setGateways(attachment.gateways, network: attachment.network) }
            try openResolver()
            members[attachment.network] = try Self.join(attachment, id)
        } catch {
            plan = before
            // Why it failed is what counts; an interface that stays goes with the namespace.
            try? sandbox.remove(network: attachment.network)
            throw error
        }
        relayPorts()
    }

    /// A network that it is not connected to is right.
    func disconnect(_ network: String, gateways: [IPAddress], resolver: ResolverPlan?) throws {
        guard plan.attachments.contains(where: { $0.network == network }) else { return }
        try members.removeValue(forKey: network)?.leave()
        try sandbox.remove(network: network)
        // A network whose interface the container has broken is no reason to stay on this one.
        if let heir = plan.disconnect(network, gateways: gateways, resolver: resolver) { try? sandbox.setGateways(gateways, network: heir) }
        try openResolver()
        relayPorts()
    }

    // MARK: - The loop

    var due: Duration? { [resolver?.due, relay.due].compactMap(\.self).min() }

    private var relayBase = 0

    /// Tokens count from `token` on.
    func register(in set: inout PollSet, token: Int) {
        relayBase = resolver?.register(in: &set, token: token) ?? 0
        _ = relay.register(in: &set, token: token + relayBase)
    }

    /// Acts on what came of the files just registered, and on what is due.
    func handle(_ events: [(part: Int, event: PollSet.Ready)]) {
        let now = MonotonicClock.now
        resolver?.handle(events.filter { $0.part < relayBase }, now: now)
        relay.handle(events.filter { $0.part >= relayBase }.map { ($0.part - relayBase, $0.event) }, now: now)
    }
}
