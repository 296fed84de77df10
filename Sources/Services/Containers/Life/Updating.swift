import Cgroups
import Database
import Diagnostics
package import DockerAPI
import JSON
import Linux
import OCI
import Supervisor
import Values

extension Containers {
    /// Changes limits and the restart policy of a container, of one that runs at once. What is zero or nil stays as it is.
    ///
    /// Throws `invalid` and `conflict` in Docker's words; then nothing is changed but what the kernel took before it refused the rest.
    package func update(_ reference: String, _ request: ContainerUpdateRequest) throws -> ContainerUpdateResponse {
        let add = request.publishAdd ?? [:], remove = request.publishRemove ?? [:]
        if !add.isEmpty || !remove.isEmpty { try changePorts(reference, add: add, remove: remove) }
        return try locked(try find(reference).id, reference: reference) { record in
            func refused(_ text: String) -> Fault { Fault(.conflict, "Cannot update container \(record.id): \(text)") }
            let changed = request.resources
            var host = record.hostConfig
            if let problem = host.resources.merge(changed) { throw refused(problem) }
            if let policy = request.restartPolicy, !policy.name.isEmpty {
                if record.hostConfig.autoRemove, policy.name != "no" {
                    throw refused("Restart policy cannot be updated because AutoRemove is enabled for the container")
                }
                host.restartPolicy = policy
            }
            let warnings = try host.validate()
            if record.running {
                let limits = try host.resources.limits(changedBy: changed)
                if limits != LinuxResources() { try Cgroup(path: record.cgroupPath).update(limits) }
                if host.restartPolicy != record.hostConfig.restartPolicy {
                    var message = SupervisorRequest(.restartPolicy)
                    message.restart = Self.restartPlan(host.restartPolicy)
                    if let error = try askLocked(record, message)?.error { throw Fault(.internal, "update restart policy: \(error)") }
                }
            }
            let bytes: [UInt8] = try JSONValue(encoding: host).compact
            try database.transaction { [host] t in
                let id = Value.text(record.id.description)
                try t.run("UPDATE container_definitions SET host_config = ? WHERE id = ?", .text(String(decoding: bytes, as: UTF8.self)), id)
                try t.run("UPDATE containers SET restart_policy = ? WHERE id = ?", .text(host.restartPolicy.name), id)
            }
            if !record.hostConfig.autoRemove { try FileSystem.replace(paths(record).hostConfig, with: bytes, mode: 0o600) }
            publish("update", record)
            return ContainerUpdateResponse(warnings: warnings)
        }
    }
}

extension DockerAPI.Resources {
    /// Takes over what `new` sets. Gives what stands against it, in Docker's words.
    fileprivate mutating func merge(_ new: Self) -> String? {
        for (isSet, was, name, other) in [
            (new.nanoCpus > 0, cpuPeriod, "Nano CPUs", "CPU Period"), (new.nanoCpus > 0, cpuQuota, "Nano CPUs", "CPU Quota"),
            (new.cpuPeriod > 0, nanoCpus, "CPU Period", "NanoCPUs"), (new.cpuQuota > 0, nanoCpus, "CPU Quota", "NanoCPUs"),
        ] where isSet && was > 0 {
            return "Conflicting options: \(name) cannot be updated as \(other) has already been set"
        }
        if new.memory != 0, new.memory > memorySwap, new.memorySwap == 0 {
            return "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
        }
        func take<Value: Equatable>(_ path: WritableKeyPath<Self, Value>, unless empty: Value) {
            if new[keyPath: path] != empty { self[keyPath: path] = new[keyPath: path] }
        }
        for path in [\Self.cpuShares, \.memory, \.nanoCpus, \.blkioWeight, \.cpuPeriod, \.cpuQuota, \.cpuRealtimePeriod, \.cpuRealtimeRuntime] { take(path, unless: 0) }
        for path in [\Self.memoryReservation, \.memorySwap] { take(path, unless: 0) }
        for path in [\Self.cpusetCpus, \.cpusetMems] { take(path, unless: "") }
        if let limit = new.pidsLimit { pidsLimit = limit }
        return nil
    }

    /// The limits that `new` has touched, as they are now: memory and swap belong together, and so do a quota and its period.
    fileprivate func limits(changedBy new: Self) throws(Fault) -> LinuxResources {
        var part = Self()
        part.cpuShares = new.cpuShares
        part.blkioWeight = new.blkioWeight
        part.memoryReservation = new.memoryReservation
        if new.memory != 0 || new.memorySwap != 0 { (part.memory, part.memorySwap) = (memory, memorySwap) }
        part.nanoCpus = new.nanoCpus
        if new.cpuPeriod != 0 || new.cpuQuota != 0 { (part.cpuPeriod, part.cpuQuota) = (cpuPeriod, cpuQuota) }
        (part.cpuRealtimePeriod, part.cpuRealtimeRuntime) = (new.cpuRealtimePeriod, new.cpuRealtimeRuntime)
        (part.cpusetCpus, part.cpusetMems) = (new.cpusetCpus, new.cpusetMems)
        // 0 means without limit here, not "as it is".
        part.pidsLimit = new.pidsLimit.map { $0 <= 0 ? -1 : $0 }
        return try part.linuxResources(devices: [])
    }
}
