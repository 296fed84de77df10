import Cgroups
import Diagnostics
package import DockerAPI
import Linux
import Supervisor
import Values

extension Containers {
    /// What a container uses just now. One that does not run has a name, an id and nothing else, as in Docker.
    package func statistics(_ reference: String) throws -> ContainerStats {
        let record = try refreshed(reference)
        var stats = ContainerStats(name: "/\(record.name)", id: record.id.description)
        guard let living = try living(record), living.pid > 0 else { return stats }
        let used: CgroupStatistics
        do {
            used = try Cgroup(path: record.cgroupPath).statistics()
        } catch let error as SyscallError where error.errno == .noEntry { return stats }
        stats.read = .now
        stats.take(used)
        stats.cpuStats.systemUsage = try Self.processorTime()
        if record.hostConfig.networkMode != "host" { stats.networks = Self.interfaces(of: living.pid) }
        return stats
    }

    /// What all processors of the machine have done since boot, in nanoseconds: proc(5), stat.
    private static func processorTime() throws(SyscallError) -> UInt64 {
        let line = String(decoding: try FileSystem.read("/proc/stat", limit: 4 << 20).prefix { $0 != 10 }, as: UTF8.self)
        // user, nice, system, idle, iowait, irq, softirq; the time of guests is within the first two. In hundredths of a second.
        return line.split(separator: " ").dropFirst().prefix(7).reduce(UInt64(0)) { $0 &+ (UInt64($1) ?? 0) &* 10_000_000 }
    }

    /// Counters of the interfaces that a process sees, but the loopback: proc(5), net/dev. Nil when it has ended.
    private static func interfaces(of process: Int32) -> [String: NetworkStats]? {
        // That it has ended is the answer.
        guard let bytes = try? FileSystem.read("/proc/\(process)/net/dev", limit: 1 << 20) else { return nil }
        var result: [String: NetworkStats] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst(2) {
            let parts = line.split(separator: ":", maxSplits: 1)
            let numbers = parts.count == 2 ? parts[1].split(separator: " ").map { UInt64($0) ?? 0 } : []
            let name = String(parts[0].drop { $0 == " " })
            guard numbers.count >= 12, name != "lo" else { continue }
            var counters = NetworkStats()
            (counters.rxBytes, counters.rxPackets, counters.rxErrors, counters.rxDropped) = (numbers[0], numbers[1], numbers[2], numbers[3])
            (counters.txBytes, counters.txPackets, counters.txErrors, counters.txDropped) = (numbers[8], numbers[9], numbers[10], numbers[11])
            result[name] = counters
        }
        return result.isEmpty ? nil : result
    }
}

extension ContainerStats {
    /// The kernel's counters in Docker's fields.
    fileprivate mutating func take(_ used: CgroupStatistics) {
        cpuStats.cpuUsage = CPUUsage(
            totalUsage: used.cpu.total, percpuUsage: used.cpu.perProcessor.isEmpty ? nil : used.cpu.perProcessor, usageInKernelmode: used.cpu.system,
            usageInUsermode: used.cpu.user)
        cpuStats.onlineCPUs = Machine.processors
        cpuStats.throttlingData = ThrottlingData(
            periods: used.cpu.periods, throttledPeriods: used.cpu.throttledPeriods, throttledTime: used.cpu.throttledTime)
        memoryStats.usage = used.memory.usage
        memoryStats.maxUsage = used.isVersion2 ? 0 : used.memory.maximumUsage
        memoryStats.failcnt = used.isVersion2 ? 0 : used.memory.failures
        memoryStats.stats = used.memory.details
        memoryStats.limit = min(used.memory.limit ?? .max, UInt64(Machine.memory))
        pidsStats.current = used.pids.current
        pidsStats.limit = used.pids.limit ?? 0
        func entries(_ counters: [CgroupStatistics.BlockIO]) -> [BlkioEntry] {
            counters.map { BlkioEntry(major: $0.major, minor: $0.minor, op: used.isVersion2 ? $0.operation.lowercased() : $0.operation, value: $0.value) }
        }
        blkioStats.ioServiceBytesRecursive = entries(used.ioBytes)
        blkioStats.ioServicedRecursive = entries(used.ioOperations)
    }
}
