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
            var changed = record
            var ports = changed.hostConfig.portBindings ?? [:]
            for (name, bindings) in remove {
                let there = ports.bindings(of: name)
                guard !there.isEmpty else { throw Fault(.notFound, "no public port '\(name)' published for \(record.name)") }
                let left = bindings?.isEmpty ?? true ? [] : there.filter { one in !(bindings ?? []).contains { Self.covers($0, one) } }
                if left.count == there.count { throw Fault(.notFound, "no public port '\(name)' published for \(record.name) as named") }
                ports[name] = left.isEmpty ? nil : .some(left)
            }
            for (name, bindings) in add { ports.updateValue(ports.bindings(of: name) + (bindings ?? [PortBinding()]), forKey: name) }
            changed.hostConfig.portBindings = ports
            changed.config.exposedPorts = NameSet(record.exposedPorts + add.keys)
            if record.running { try changeLivePorts(record, add: add, remove: remove) }
            try store(changed)
        }
    }

    /// Has those that run put the rules of their ports back, where somebody flushed the host's: for a daemon's start, after the networks.
    package func restorePorts() throws {
        let rows = try database.read { t in try t.rows("SELECT id FROM containers WHERE running = 1 AND publishes = 1").map { try $0.text("id") } }
        for id in rows.compactMap({ Identifier($0) }) {
            // One that is being removed, or ends just now, has no ports to be put back.
            _ = try? lockedIfFree(id, reference: id.description) { record in try ask(record, SupervisorRequest(.publish)) }
        }
    }

    /// Whether a binding that is to go means this one: what it does not name may be anything.
    private static func covers(_ wanted: PortBinding, _ binding: PortBinding) -> Bool {
        (wanted.hostIp.isEmpty || wanted.hostIp == binding.hostIp) && (wanted.hostPort.isEmpty || wanted.hostPort == binding.hostPort)
    }

    private func changeLivePorts(_ record: ContainerRecord, add: PortMap, remove: PortMap) throws {
        if !add.isEmpty {
            let plans = try portPlans(record, networks.leases(of: record.id), add)
            if plans.isEmpty { throw Fault(.invalid, "container \(record.name) is on no network that ports can be published on") }
            var request = SupervisorRequest(.publish)
            request.publish = plans
            _ = try answer(record, request)
        }
        guard !remove.isEmpty, let living = try living(record) else { return }
        var request = SupervisorRequest(.withdraw)
        request.withdraw = living.ports.filter { port in
            guard let bindings = remove["\(port.containerPort)/\(port.transport.rawValue)"] else { return false }
            return bindings?.isEmpty ?? true
                || (bindings ?? []).contains { binding in
                    (binding.hostIp.isEmpty || IPAddress(binding.hostIp) == port.hostAddress) && (binding.hostPort.isEmpty || binding.hostPorts?.contains(port.hostPort) == true)
                }
        }
        _ = try answer(record, request)
    }

    /// Sends a request to the supervisor of a container whose lock the caller holds. Throws what it says went wrong, and `conflict` when
    /// there is none.
    func answer(_ record: ContainerRecord, _ request: SupervisorRequest) throws -> SupervisorReply {
        guard let connection = try open(record, request), let reply = try reply(on: connection, of: record.id) else {
            throw Fault(.conflict, "container \(record.id) is not running")
        }
        if let conflict = reply.conflict { throw portFault(conflict, record) }
        if let error = reply.error { throw Fault(.internal, error) }
        return reply
    }

    /// Writes what has changed of a container's definition.
    private func store(_ record: ContainerRecord) throws {
        let definition = try record.definition()
        try database.transaction { t in
            try t.run(
                "UPDATE containers SET config = ?, host_config = ?, exposed = ?, publishes = ? WHERE id = ?", .text(definition.texts[0]),
                .text(definition.texts[1]), .text(record.exposedPorts.joined(separator: ",")), .bool(record.publishes), .text(record.id.description))
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
