import Arguments
import Cgroups
import JSON
import Linux
import OCI

extension RuntimeCommand {
    static var update: RuntimeCommand {
        RuntimeCommand(
            "update", "Change the limits of a container", usage: "[OPTIONS] CONTAINER", arity: .exactly(1),
            flags: {
                [
                    .value("resources", short: "r", "File with resources as a specification has them, or - for standard input; other flags do not count then"),
                    .int("blkio-weight", "Weight of block devices' use, 10 to 1000"),
                    .int("cpu-period", "Microseconds that a quota is for"),
                    .int("cpu-quota", "Microseconds of use within a period"),
                    .int("cpu-burst", "Microseconds of use that may be saved up"),
                    .int("cpu-share", "Relative weight, 1024 being normal"),
                    .int("cpu-rt-period", "Microseconds that a realtime quota is for"),
                    .int("cpu-rt-runtime", "Microseconds of realtime use within a period"),
                    .int("cpu-idle", "1 to run only when nobody else wants to"),
                    .value("cpuset-cpus", "Processors, such as 0-2,4"),
                    .value("cpuset-mems", "Memory nodes"),
                    .bytes("memory", allowsUnlimited: true, "Limit of memory"),
                    .bytes("memory-reservation", allowsUnlimited: true, "Memory that is kept when it gets scarce"),
                    .bytes("memory-swap", allowsUnlimited: true, "Limit of memory and swap together"),
                    .bytes("kernel-memory", "Not used").hidden(),
                    .bytes("kernel-memory-tcp", "Not used").hidden(),
                    .int("pids-limit", "The most processes"),
                    .value("l3-cache-schema", "").hidden().unsupported("there is no support for Intel RDT"),
                    .value("mem-bw-schema", "").hidden().unsupported("there is no support for Intel RDT"),
                ]
            }
        ) { call in
            let container = try call.container()
            let lock = try container.lock()
            defer { withExtendedLifetime(lock) {} }
            guard try container.process() != nil else { throw RuntimeFault("container not running") }
            var resources = try resources(call)
            // Rules about devices are not changed by an update.
            resources.devices = nil
            guard let cgroup = try container.cgroup else { throw RuntimeFault("the container has no cgroup to limit") }
            try cgroup.update(resources)
            return 0
        }
    }

    private static func resources(_ call: RuntimeInvocation) throws -> LinuxResources {
        let flags = call.flags
        if let path = flags.optional("resources"), !path.isEmpty {
            let bytes =
                try path == "-" ? FileDescriptor.lending(0) { file throws(SyscallError) in try file.readToEnd(limit: 1 << 20) } : FileSystem.read(path, limit: 1 << 20)
            do { return try JSON.decode(LinuxResources.self, from: bytes) } catch { throw RuntimeFault("\(path): \(Bundle.words(error))") }
        }
        func int(_ name: String) -> Int64? { flags.isSet(name) ? Int64(flags.int(name)) : nil }
        func bytes(_ name: String) -> Int64? { flags.isSet(name) ? Int64(flags.bytes(name)) : nil }
        func unsigned(_ name: String) throws -> UInt64? {
            guard let value = int(name) else { return nil }
            guard let result = UInt64(exactly: value) else { throw RuntimeFault("invalid value for \(name): \(value)") }
            return result
        }
        var resources = LinuxResources()
        var memory = LinuxMemory(limit: bytes("memory"), reservation: bytes("memory-reservation"), swap: bytes("memory-swap"))
        // What the limit takes away is no more than what there is together.
        if memory.limit == -1, memory.swap == nil { memory.swap = -1 }
        if memory != LinuxMemory() { resources.memory = memory }
        var cpu = LinuxCPU(
            shares: try unsigned("cpu-share"), quota: int("cpu-quota"), period: try unsigned("cpu-period"), realtimeRuntime: int("cpu-rt-runtime"),
            realtimePeriod: try unsigned("cpu-rt-period"), cpus: flags.optional("cpuset-cpus"), mems: flags.optional("cpuset-mems"))
        cpu.burst = try unsigned("cpu-burst")
        cpu.idle = int("cpu-idle")
        if cpu != LinuxCPU() { resources.cpu = cpu }
        if let limit = int("pids-limit") { resources.pids = LinuxPids(limit: limit) }
        if let weight = int("blkio-weight") {
            guard let value = UInt16(exactly: weight), (10...1000).contains(value) else { throw RuntimeFault("invalid value for blkio-weight: \(weight)") }
            resources.blockIO = LinuxBlockIO(weight: value)
        }
        return resources
    }
}
