/// Limits of a container's cgroup. Absent means unchanged; -1 means without limit where the kernel knows that.
/// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#control-groups
package struct LinuxResources: Codable, Sendable, Hashable {
    package var devices: [LinuxDeviceCgroup]?
    package var memory: LinuxMemory?
    package var cpu: LinuxCPU?
    package var pids: LinuxPids?
    package var blockIO: LinuxBlockIO?
    package var hugepageLimits: [LinuxHugepageLimit]?
    /// Version 2 files by name, written as they are.
    package var unified: [String: String]?

    package init(
        devices: [LinuxDeviceCgroup]? = nil, memory: LinuxMemory? = nil, cpu: LinuxCPU? = nil, pids: LinuxPids? = nil,
        blockIO: LinuxBlockIO? = nil, hugepageLimits: [LinuxHugepageLimit]? = nil, unified: [String: String]? = nil
    ) {
        self.devices = devices
        self.memory = memory
        self.cpu = cpu
        self.pids = pids
        self.blockIO = blockIO
        self.hugepageLimits = hugepageLimits
        self.unified = unified
    }
}

/// One rule about device nodes; absent numbers and type mean all.
package struct LinuxDeviceCgroup: Codable, Sendable, Hashable {
    package var allow: Bool
    /// `a`, `b` or `c`.
    package var type: String?
    package var major: Int64?
    package var minor: Int64?
    /// Of `rwm`: read, write, make nodes.
    package var access: String?

    package init(allow: Bool, type: String? = nil, major: Int64? = nil, minor: Int64? = nil, access: String? = nil) {
        self.allow = allow
        self.type = type
        self.major = major
        self.minor = minor
        self.access = access
    }
}

/// Bytes, but for `swappiness` (0 to 100).
package struct LinuxMemory: Codable, Sendable, Hashable {
    package var limit: Int64?
    package var reservation: Int64?
    /// Memory and swap together.
    package var swap: Int64?
    package var kernel: Int64?
    package var kernelTCP: Int64?
    package var swappiness: UInt64?
    package var disableOOMKiller: Bool?

    package init(
        limit: Int64? = nil, reservation: Int64? = nil, swap: Int64? = nil, swappiness: UInt64? = nil, disableOOMKiller: Bool? = nil
    ) {
        self.limit = limit
        self.reservation = reservation
        self.swap = swap
        self.swappiness = swappiness
        self.disableOOMKiller = disableOOMKiller
    }
}

/// Shares are relative (1024 is normal); quota, period and runtime are microseconds.
package struct LinuxCPU: Codable, Sendable, Hashable {
    package var shares: UInt64?
    package var quota: Int64?
    package var burst: UInt64?
    package var period: UInt64?
    package var realtimeRuntime: Int64?
    package var realtimePeriod: UInt64?
    /// Lists of numbers and ranges, such as `0-2,4`.
    package var cpus: String?
    package var mems: String?
    package var idle: Int64?

    package init(
        shares: UInt64? = nil, quota: Int64? = nil, period: UInt64? = nil, realtimeRuntime: Int64? = nil, realtimePeriod: UInt64? = nil,
        cpus: String? = nil, mems: String? = nil
    ) {
        self.shares = shares
        self.quota = quota
        self.period = period
        self.realtimeRuntime = realtimeRuntime
        self.realtimePeriod = realtimePeriod
        self.cpus = cpus
        self.mems = mems
    }
}

/// The most tasks there may be.
package struct LinuxPids: Codable, Sendable, Hashable {
    package var limit: Int64?

    package init(limit: Int64? = nil) { self.limit = limit }
}

/// Weights are 10 to 1000; throttles are bytes or operations a second.
package struct LinuxBlockIO: Codable, Sendable, Hashable {
    package var weight: UInt16?
    package var leafWeight: UInt16?
    package var weightDevice: [LinuxWeightDevice]?
    package var throttleReadBpsDevice: [LinuxThrottleDevice]?
    package var throttleWriteBpsDevice: [LinuxThrottleDevice]?
    package var throttleReadIOPSDevice: [LinuxThrottleDevice]?
    package var throttleWriteIOPSDevice: [LinuxThrottleDevice]?

    package init(weight: UInt16? = nil) { self.weight = weight }
}

/// A block device's share.
package struct LinuxWeightDevice: Codable, Sendable, Hashable {
    package var major: Int64
    package var minor: Int64
    package var weight: UInt16?
    package var leafWeight: UInt16?

    package init(major: Int64, minor: Int64, weight: UInt16?) {
        self.major = major
        self.minor = minor
        self.weight = weight
    }
}

/// A block device's limit.
package struct LinuxThrottleDevice: Codable, Sendable, Hashable {
    package var major: Int64
    package var minor: Int64
    package var rate: UInt64

    package init(major: Int64, minor: Int64, rate: UInt64) {
        self.major = major
        self.minor = minor
        self.rate = rate
    }
}

/// A limit in bytes for one size of huge page, such as `2MB`.
package struct LinuxHugepageLimit: Codable, Sendable, Hashable {
    package var pageSize: String
    package var limit: UInt64
}
