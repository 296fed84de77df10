/// CPU time in nanoseconds.
package struct CPUUsage: Codable, Sendable, Hashable {
    package var totalUsage: UInt64 = 0
    package var percpuUsage: [UInt64]?
    package var usageInKernelmode: UInt64 = 0
    package var usageInUsermode: UInt64 = 0

    package init(totalUsage: UInt64 = 0, percpuUsage: [UInt64]? = nil, usageInKernelmode: UInt64 = 0, usageInUsermode: UInt64 = 0) {
        self.totalUsage = totalUsage
        self.percpuUsage = percpuUsage
        self.usageInKernelmode = usageInKernelmode
        self.usageInUsermode = usageInUsermode
    }

    private enum CodingKeys: String, CodingKey {
        case totalUsage = "total_usage"
        case percpuUsage = "percpu_usage"
        case usageInKernelmode = "usage_in_kernelmode"
        case usageInUsermode = "usage_in_usermode"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        totalUsage = try fields.value(.totalUsage)
        percpuUsage = try fields.optional(.percpuUsage)
        usageInKernelmode = try fields.value(.usageInKernelmode)
        usageInUsermode = try fields.value(.usageInUsermode)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(totalUsage, .totalUsage)
        try fields.putUnlessEmpty(percpuUsage, .percpuUsage)
        try fields.put(usageInKernelmode, .usageInKernelmode)
        try fields.put(usageInUsermode, .usageInUsermode)
    }
}

/// How often the CPU limit held a container back; times in nanoseconds.
package struct ThrottlingData: Codable, Sendable, Hashable {
    package var periods: UInt64 = 0
    package var throttledPeriods: UInt64 = 0
    package var throttledTime: UInt64 = 0

    package init(periods: UInt64 = 0, throttledPeriods: UInt64 = 0, throttledTime: UInt64 = 0) {
        self.periods = periods
        self.throttledPeriods = throttledPeriods
        self.throttledTime = throttledTime
    }

    private enum CodingKeys: String, CodingKey {
        case periods
        case throttledPeriods = "throttled_periods"
        case throttledTime = "throttled_time"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        periods = try fields.value(.periods)
        throttledPeriods = try fields.value(.throttledPeriods)
        throttledTime = try fields.value(.throttledTime)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(periods, .periods)
        try fields.put(throttledPeriods, .throttledPeriods)
        try fields.put(throttledTime, .throttledTime)
    }
}

/// CPU use at one moment.
package struct CPUStats: Codable, Sendable, Hashable {
    package var cpuUsage: CPUUsage = CPUUsage()
    /// The host's, in nanoseconds.
    package var systemUsage: UInt64 = 0
    package var onlineCPUs: Int = 0
    package var throttlingData: ThrottlingData = ThrottlingData()

    package init(cpuUsage: CPUUsage = CPUUsage(), systemUsage: UInt64 = 0, onlineCPUs: Int = 0, throttlingData: ThrottlingData = ThrottlingData()) {
        self.cpuUsage = cpuUsage
        self.systemUsage = systemUsage
        self.onlineCPUs = onlineCPUs
        self.throttlingData = throttlingData
    }

    private enum CodingKeys: String, CodingKey {
        case cpuUsage = "cpu_usage"
        case systemUsage = "system_cpu_usage"
        case onlineCPUs = "online_cpus"
        case throttlingData = "throttling_data"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        cpuUsage = try fields.value(.cpuUsage)
        systemUsage = try fields.value(.systemUsage)
        onlineCPUs = try fields.value(.onlineCPUs)
        throttlingData = try fields.value(.throttlingData)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(cpuUsage, .cpuUsage)
        try fields.putUnlessZero(systemUsage, .systemUsage)
        try fields.putUnlessZero(onlineCPUs, .onlineCPUs)
        try fields.put(throttlingData, .throttlingData)
    }
}

/// Memory use in bytes; `stats` is memory.stat.
package struct MemoryStats: Codable, Sendable, Hashable {
    package var usage: UInt64 = 0
    package var maxUsage: UInt64 = 0
    package var stats: [String: UInt64]?
    package var failcnt: UInt64 = 0
    package var limit: UInt64 = 0

    package init(usage: UInt64 = 0, maxUsage: UInt64 = 0, stats: [String: UInt64]? = nil, failcnt: UInt64 = 0, limit: UInt64 = 0) {
        self.usage = usage
        self.maxUsage = maxUsage
        self.stats = stats
        self.failcnt = failcnt
        self.limit = limit
    }

    private enum CodingKeys: String, CodingKey {
        case usage
        case maxUsage = "max_usage"
        case stats
        case failcnt
        case limit
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        usage = try fields.value(.usage)
        maxUsage = try fields.value(.maxUsage)
        stats = try fields.optional(.stats)
        failcnt = try fields.value(.failcnt)
        limit = try fields.value(.limit)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(usage, .usage)
        try fields.putUnlessZero(maxUsage, .maxUsage)
        try fields.putUnlessEmpty(stats, .stats)
        try fields.putUnlessZero(failcnt, .failcnt)
        try fields.putUnlessZero(limit, .limit)
    }
}

/// Number of tasks and their limit.
package struct PidsStats: Codable, Sendable, Hashable {
    package var current: UInt64 = 0
    package var limit: UInt64 = 0

    package init(current: UInt64 = 0, limit: UInt64 = 0) {
        self.current = current
        self.limit = limit
    }

    private enum CodingKeys: String, CodingKey {
        case current
        case limit
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        current = try fields.value(.current)
        limit = try fields.value(.limit)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(current, .current)
        try fields.putUnlessZero(limit, .limit)
    }
}

extension CPUUsage: GoZero { package static var zero: Self { Self() } }
extension ThrottlingData: GoZero { package static var zero: Self { Self() } }
extension CPUStats: GoZero { package static var zero: Self { Self() } }
extension MemoryStats: GoZero { package static var zero: Self { Self() } }
extension PidsStats: GoZero { package static var zero: Self { Self() } }
