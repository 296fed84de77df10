import Arguments
import Cgroups
import JSON
import Linux

extension RuntimeCommand {
    static var events: RuntimeCommand {
        RuntimeCommand(
            "events", "Tell what a container uses, and when memory runs out", usage: "[OPTIONS] CONTAINER", arity: .exactly(1),
            flags: {
                [
                    .duration("interval", "Time between two (default 5s)"),
                    .bool("stats", "Tell what it uses once"),
                ]
            }
        ) { call in
            let interval = call.flags.isSet("interval") ? call.flags.nanoseconds("interval") / 1_000_000 : 5000
            guard interval > 0 else { throw RuntimeFault("duration interval must be greater than 0") }
            let container = try call.container()
            guard let process = try container.process() else { throw RuntimeFault("container with id \(call.id) is not running") }
            guard let cgroup = try container.cgroup else { throw RuntimeFault("the container has no cgroup to count in") }
            func tell(_ type: String, _ data: JSONObject? = nil) {
                var event: JSONObject = ["type": .string(type), "id": .string(call.id)]
                if let data { event.append("data", .object(data)) }
                RuntimeProgram.say(String(decoding: JSONValue.object(event).compact, as: UTF8.self) + "\n")
            }
            if call.flags.bool("stats") {
                tell("stats", try cgroup.statistics().event)
                return 0
            }
            var kills = try cgroup.oomKills()
            while true {
                var set = PollSet()
                set.add(process, read: true, token: 0)
                if try !set.wait(timeoutMilliseconds: interval).isEmpty { return 0 }
                let now = try cgroup.oomKills()
                if now > kills { tell("oom") }
                kills = now
                tell("stats", try cgroup.statistics().event)
            }
        }
    }
}

extension CgroupStatistics {
    /// In runc's words, zeros left out as there.
    fileprivate var event: JSONObject {
        func object(_ members: [(String, UInt64)]) -> JSONValue {
            var result = JSONObject()
            for (name, value) in members where value > 0 { result.append(name, value.json) }
            return .object(result)
        }
        func entries(_ list: [BlockIO]) -> JSONValue {
            .array(
                list.map { entry in
                    ["major": entry.major.json, "minor": entry.minor.json, "op": .string(entry.operation), "value": entry.value.json] as JSONObject
                }.map { .object($0) })
        }
        var usage: JSONObject = ["total": cpu.total.json]
        if !cpu.perProcessor.isEmpty { usage.append("percpu", cpu.perProcessor.json) }
        usage.append("kernel", cpu.system.json)
        usage.append("user", cpu.user.json)
        var block = JSONObject()
        if !ioBytes.isEmpty { block.append("ioServiceBytesRecursive", entries(ioBytes)) }
        if !ioOperations.isEmpty { block.append("ioServicedRecursive", entries(ioOperations)) }
        let used: JSONObject = [
            "limit": (memory.limit ?? .max).json, "usage": memory.usage.json, "max": memory.maximumUsage.json, "failcnt": memory.failures.json,
        ]
        return [
            "cpu": .object([
                "usage": .object(usage),
                "throttling": object([("periods", cpu.periods), ("throttledPeriods", cpu.throttledPeriods), ("throttledTime", cpu.throttledTime)]),
            ]),
            "memory": .object([
                "cache": (memory.details["cache"] ?? memory.details["file"] ?? 0).json, "usage": .object(used), "raw": memory.details.json,
            ]),
            "pids": object([("current", pids.current), ("limit", pids.limit ?? 0)]), "blkio": .object(block), "hugetlb": .object([:]),
            "intel_rdt": .object([:]), "network_interfaces": .null,
        ]
    }
}
