import Database
import Diagnostics
import DockerAPI
import JSON
import Linux
import NetworkPlumbing
import Networks
import Supervisor
import Values

extension Containers {
    /// Publishes ports, and withdraws others, of a container that may be running: the change is of its configuration, and what runs
    /// follows at once. `remove` names bindings; a port of it with an empty list means all of that port.
    ///
    /// Throws `invalid` for what is no port and for networks that publish none, `internal` with Docker's words for a port that is taken;
    /// then nothing is changed.
    func changePorts(_ reference: String, add: PortMap, remove: PortMap) throws {
        try locked(try find(reference).id, reference: reference) { record in
            guard case .named = NetworkMode(record.hostConfig.networkMode) else {
                throw Fault(.invalid, "cannot publish ports of container \(record.name): its network mode is \(record.hostConfig.networkMode)")
            }
            for (name, bindings) in add.merging(remove, uniquingKeysWith: { ($0 ?? []) + ($1 ?? []) }) {
                guard ContainerPort(name) != nil else { throw Fault(.invalid, "invalid port specification: \"\(name)\"") }
                for binding in bindings ?? [] where binding.hostPorts == nil || !(binding.hostIp.isEmpty || IPAddress(binding.hostIp) != nil) {
                    throw Fault(.invalid, "invalid port specification: \"\(binding.hostIp):\(binding.hostPort)\"")
                }
            }
            let add = add.mapValues { $0 ?? [PortBinding()] }
            var changed = record
            changed.config.exposedPorts?.names.formUnion(add.keys)
            if changed.config.exposedPorts == nil, !add.isEmpty { changed.config.exposedPorts = NameSet(Array(add.keys)) }
            let leaving = remove.isEmpty ? nil : try withdrawal(remove, from: &changed)
            if record.running { try changeLivePorts(record, add: add, remove: leaving?.live ?? []) }
            try store(changed, was: record, ports: leaving?.left, add: add)
        }
    }

    /// What `remove` comes to: which bindings are left, and which ports of a container that runs go. `publishAll` becomes a binding for
    /// each port, of which some can go.
    private func withdrawal(_ remove: PortMap, from record: inout ContainerRecord) throws -> (left: PortMap, live: [PublishedPort]) {
        var ports = try portBindings(of: record)
        if record.hostConfig.publishAllPorts {
            for name in record.exposedPorts where ports.bindings(of: name).isEmpty { ports.updateValue([PortBinding()], forKey: name) }
            record.hostConfig.publishAllPorts = false
        }
        let published = try living(record).map { $0.pid > 0 ? try PublishedPorts.read(paths(record)) : [] } ?? []
        var live: [PublishedPort] = []
        for (name, wanted) in remove {
            let there = ports.bindings(of: name), wanted = wanted ?? []
            guard !there.isEmpty else { throw Fault(.notFound, "no public port '\(name)' published for \(record.name)") }
            let leaving = published.filter { port in
                ContainerPort(port.containerPort, port.transport).description == name && (wanted.isEmpty || wanted.contains { Self.covers($0, port) })
            }
            var left = there.filter { one in !wanted.isEmpty && !wanted.contains { Self.covers($0, one) } }
            // A port that was drawn is named by its number, which no binding has.
            if left.count == there.count, !leaving.isEmpty,
                let drawn = left.firstIndex(where: { binding in
                    binding.hostPorts.map { ports in leaving.contains { ports == 0...0 || ports.contains($0.hostPort) } } ?? false
                })
            {
                left.remove(at: drawn)
            }
            if left.count == there.count { throw Fault(.notFound, "no public port '\(name)' published for \(record.name) as named") }
            ports[name] = left.isEmpty ? nil : .some(left)
            live += leaving
        }
        record.publishes = !ports.isEmpty
        return (ports, live)
    }

    /// What a container publishes, or is to publish, beside what it publishes by `--publish-all`.
    func portBindings(of record: ContainerRecord) throws -> PortMap {
        guard record.publishes else { return [:] }
        let rows = try database.read { t in
            try t.rows("SELECT port, host_ip, host_port FROM container_ports WHERE container = ? ORDER BY rowid", .text(record.id.description))
                .map { (port: try $0.text("port"), ip: try $0.text("host_ip"), hostPort: try $0.optionalText("host_port")) }
        }
        var map: [String: [PortBinding]] = [:]
        for row in rows { map[row.port, default: []] += row.hostPort.map { [PortBinding(hostIp: row.ip, hostPort: $0)] } ?? [] }
        return map.mapValues { $0 }
    }

    /// A row for each binding.
    static func insert(_ ports: PortMap, of id: Identifier, _ t: borrowing Transaction) throws {
        let statement = "INSERT INTO container_ports (container, port, host_ip, host_port) VALUES (?, ?, ?, ?)"
        for (name, bindings) in ports {
            for binding in bindings ?? [] { try t.run(statement, .text(id.description), .text(name), .text(binding.hostIp), .text(binding.hostPort)) }
            if bindings?.isEmpty ?? true { try t.run(statement, .text(id.description), .text(name), .text(""), .null) }
        }
    }

    /// Has those that run put the rules of their ports back, where somebody flushed the host's: for a daemon's start, after the networks.
    package func restorePorts() throws {
        let rows = try database.read { t in try t.rows("SELECT id FROM containers WHERE running = 1 AND publishes = 1").map { try $0.text("id") } }
        for id in rows.compactMap({ Identifier($0) }) {
            // One that is being removed, or ends just now, has no ports to be put back.
            _ = try? lockedIfFree(id, reference: id.description) { record in try askLocked(record, SupervisorRequest(.publish)) }
        }
    }

    /// Whether a binding that is to go means this one: what it does not name may be anything.
    private static func covers(_ wanted: PortBinding, _ binding: PortBinding) -> Bool {
        (wanted.hostIp.isEmpty || wanted.hostIp == binding.hostIp) && (wanted.hostPort.isEmpty || wanted.hostPort == binding.hostPort)
    }

    private static func covers(_ wanted: PortBinding, _ port: PublishedPort) -> Bool {
        (wanted.hostIp.isEmpty || IPAddress(wanted.hostIp) == port.hostAddress)
            && (wanted.hostPort.isEmpty || port.hostPort == 0 || wanted.hostPorts?.contains(port.hostPort) == true)
    }

    private func changeLivePorts(_ record: ContainerRecord, add: PortMap, remove: [PublishedPort]) throws {
        if !add.isEmpty {
            let plans = try portPlans(record, networks.leases(of: record.id), add)
            if plans.isEmpty { throw Fault(.invalid, "container \(record.name) is on no network that ports can be published on") }
            var request = SupervisorRequest(.publish)
            request.publish = plans
            _ = try answer(record, request)
        }
        if remove.isEmpty { return }
        var request = SupervisorRequest(.withdraw)
        request.withdraw = remove
        _ = try answer(record, request)
    }

    /// Sends a request to the supervisor of a container whose lock the caller holds. Throws what it says went wrong, and `conflict` when
    /// there is none.
    func answer(_ record: ContainerRecord, _ request: SupervisorRequest) throws -> SupervisorReply {
        guard let reply = try askLocked(record, request) else { throw Fault(.conflict, "container \(record.id) is not running") }
        if let conflict = reply.conflict { throw portFault(conflict, record) }
        if let error = reply.error { throw Fault(.internal, error) }
        return reply
    }

    /// Writes what has changed of a container's definition; all its bindings are replaced only where they are given.
    private func store(_ record: ContainerRecord, was: ContainerRecord, ports: PortMap?, add: PortMap) throws {
        let id = Value.text(record.id.description)
        let definition = record.config == was.config && record.hostConfig == was.hostConfig ? nil : try record.definition()
        try database.transaction { t in
            if let definition {
                try t.run(
                    "UPDATE container_definitions SET config = ?, host_config = ? WHERE id = ?", .text(definition.texts[0]), .text(definition.texts[1]), id)
                try t.run("UPDATE containers SET exposed = ? WHERE id = ?", .text(record.exposedPorts.joined(separator: ",")), id)
            }
            try t.run("UPDATE containers SET publishes = ? WHERE id = ?", .bool(record.publishes || !add.isEmpty), id)
            if let ports {
                try t.run("DELETE FROM container_ports WHERE container = ?", id)
                try Self.insert(ports, of: record.id, t)
            }
            try Self.insert(add, of: record.id, t)
        }
    }

    /// A port that could not be had, in Docker's words, and who has it.
    func portFault(_ conflict: PortConflict, _ record: ContainerRecord) -> Fault {
        let address = conflict.hostAddress.family == .v6 ? "[\(conflict.hostAddress)]" : "\(conflict.hostAddress)"
        let place = "\(address):\(conflict.hostPort)"
        // Without endpoint or holder the message is less complete, but still says what is wrong.
        let endpoint = (try? networks.endpoints(of: record.id).values.first { !$0.endpointID.isEmpty }?.endpointID) ?? ""
        let why: String
        switch Errno(rawValue: conflict.errno) {
        case .addressInUse:
            let holder = (try? portHolder(conflict)) ?? nil
            why = "Bind for \(place) failed: port is already allocated" + (holder.map { ": it is held by \($0)" } ?? "")
        case let other: why = "failed to bind host port for \(place)/\(conflict.transport.rawValue): \(other)"
        }
        return Fault(
            .internal,
            "failed to set up container networking: driver failed programming external connectivity on endpoint \(record.name) (\(endpoint)): \(why)")
    }

    private func portHolder(_ conflict: PortConflict) throws -> PortHolder? {
        if let id = conflict.owner.flatMap({ Identifier($0) }), let record = try find(id) { return .container(record.name) }
        return try PortHolder.process(holding: conflict)
    }
}
