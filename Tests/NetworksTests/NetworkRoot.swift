import Database
import Diagnostics
import DockerAPI
import Linux
import NetworkPlumbing
import Synchronization
import Testing
import Values

@testable import Networks

/// A data root for one test, removed with it, with a host that only notes what it is asked for.
final class NetworkRoot: Sendable {
    let paths: StatePaths
    let database: Database
    let networks: Networks
    let notes: Notes
    private let isOwner: Bool

    /// What the host was asked for.
    final class Notes: Sendable {
        let ensured = Mutex<[HostSide]>([])
        let removed = Mutex<[HostSide]>([])
        let bridges = Mutex<[String: String]>([:])
        let obstacles = Mutex<[String]>([])
        let addresses = Mutex<[String: [IPPrefix]]>([:])
        let failure = Mutex<Fault?>(nil)
    }

    init(occupied: [IPPrefix] = [], root: String? = nil, flags: NetworkDefaults? = nil) throws {
        isOwner = root == nil
        let root = root ?? "/tmp/davit-networks-\(Identifier.random().short)"
        try FileSystem.makeDirectories(root)
        paths = StatePaths(dataRoot: root, runRoot: root)
        database = try Database.open(paths.database, components: [("networks", Networks.migrations)])
        let notes = Notes()
        self.notes = notes
        networks = Networks(
            paths: paths, database: database, flags: flags,
            host: NetworkHost(
                ensure: { side in
                    if let failure = notes.failure.withLock({ $0 }) { throw failure }
                    notes.ensured.withLock { $0.append(side) }
                    return true
                }, remove: { side in notes.removed.withLock { $0.append(side) } }, occupied: { _ in occupied }, addresses: { bridge in notes.addresses.withLock { $0[bridge] } },
                bridges: { notes.bridges.withLock { $0 } },
                obstacles: { notes.obstacles.withLock { $0 } }))
    }

    deinit {
        // Nothing that a test could do about it.
        if isOwner { try? FileSystem.removeTree(paths.dataRoot) }
    }

    @discardableResult
    func create(
        _ name: String, driver: String = "", subnet: String? = nil, range: String = "", gateway: String = "", options: [String: String] = [:],
        ipv6: Bool? = nil, isInternal: Bool = false, labels: [String: String] = [:]
    ) throws -> String {
        let config = subnet.map { [IPAMConfig(subnet: $0, ipRange: range, gateway: gateway)] }
        return try networks.create(
            NetworkCreateRequest(
                name: name, driver: driver, enableIPv6: ipv6, ipam: config.map { IPAM(config: $0) }, internal: isInternal, options: options, labels: labels)
        ).id
    }

    /// Makes a container with these endpoints, and starts it as far as networks are concerned.
    func start(_ name: String, on endpoints: [String: EndpointSettings], first: String = "") throws -> (Identifier, [EndpointLease]) {
        let member = NetworkMember(id: .random(), name: name, hostname: "host-of-\(name)")
        let leases = try database.transaction { t in
            try Networks.add(endpoints, first: first, of: member.id, in: t)
            return try networks.lease(member, in: t)
        }
        try networks.ensure(leases)
        return (member.id, leases)
    }

    func stop(_ container: Identifier) throws {
        try database.transaction { t in try Networks.release(container, in: t) }
    }

    func address(_ leases: [EndpointLease]) -> String? { leases.first?.settings.ipAddress }
}

/// The kind and text of what went wrong.
func fault(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let fault as Fault { return "\(fault.kind): \(fault.message)" } catch { return "\(error)" }
}
