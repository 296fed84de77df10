package import JSON

/// CPU time in nanoseconds.
package struct CPUUsage: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("total_usage", &totalUsage)
        try m("percpu_usage", &percpuUsage, .unlessEmpty)
        try m("usage_in_kernelmode", &usageInKernelmode)
        try m("usage_in_usermode", &usageInUsermode)
    }
}

/// How often the CPU limit held a container back; times in nanoseconds.
package struct ThrottlingData: JSONRecord, Sendable, Hashable {
    package var periods: UInt64 = 0
    package var throttledPeriods: UInt64 = 0
    package var throttledTime: UInt64 = 0

    package init(periods: UInt64 = 0, throttledPeriods: UInt64 = 0, throttledTime: UInt64 = 0) {
        self.periods = periods
        self.throttledPeriods = throttledPeriods
        self.throttledTime = throttledTime
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("periods", &periods)
        try m("throttled_periods", &throttledPeriods)
        try m("throttled_time", &throttledTime)
    }
}

/// CPU use at one moment.
package struct CPUStats: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("cpu_usage", &cpuUsage)
        try m("system_cpu_usage", &systemUsage, .unlessEmpty)
        try m("online_cpus", &onlineCPUs, .unlessEmpty)
        try m("throttling_data", &throttlingData)
    }
}

/// Memory use in bytes; `stats` is memory.stat.
package struct MemoryStats: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("usage", &usage, .unlessEmpty)
        try m("max_usage", &maxUsage, .unlessEmpty)
        try m("stats", &stats, .unlessEmpty)
        try m("failcnt", &failcnt, .unlessEmpty)
        try m("limit", &limit, .unlessEmpty)
    }
}

/// Number of tasks and their limit.
package struct PidsStats: JSONRecord, Sendable, Hashable {
    package var current: UInt64 = 0
    package var limit: UInt64 = 0

    package init(current: UInt64 = 0, limit: UInt64 = 0) {
        self.current = current
        self.limit = limit
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("current", &current, .unlessEmpty)
        try m("limit", &limit, .unlessEmpty)
    }
}
