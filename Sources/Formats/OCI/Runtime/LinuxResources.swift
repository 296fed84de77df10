package import JSON

/// Limits of a container's cgroup. Absent means unchanged; -1 means without limit where the kernel knows that.
/// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#control-groups
package struct LinuxResources: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("devices", &devices, .unlessNil)
        try m("memory", &memory, .unlessNil)
        try m("cpu", &cpu, .unlessNil)
        try m("pids", &pids, .unlessNil)
        try m("blockIO", &blockIO, .unlessNil)
        try m("hugepageLimits", &hugepageLimits, .unlessNil)
        try m("unified", &unified, .unlessNil)
    }
}

/// One rule about device nodes; absent numbers and type mean all.
package struct LinuxDeviceCgroup: JSONRecord, Sendable, Hashable {
    package var allow: Bool = false
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("allow", &allow, .required)
        try m("type", &type, .unlessNil)
        try m("major", &major, .unlessNil)
        try m("minor", &minor, .unlessNil)
        try m("access", &access, .unlessNil)
    }
}

/// Bytes, but for `swappiness` (0 to 100).
package struct LinuxMemory: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("limit", &limit, .unlessNil)
        try m("reservation", &reservation, .unlessNil)
        try m("swap", &swap, .unlessNil)
        try m("kernel", &kernel, .unlessNil)
        try m("kernelTCP", &kernelTCP, .unlessNil)
        try m("swappiness", &swappiness, .unlessNil)
        try m("disableOOMKiller", &disableOOMKiller, .unlessNil)
    }
}

/// Shares are relative (1024 is normal); quota, period and runtime are microseconds.
package struct LinuxCPU: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("shares", &shares, .unlessNil)
        try m("quota", &quota, .unlessNil)
        try m("burst", &burst, .unlessNil)
        try m("period", &period, .unlessNil)
        try m("realtimeRuntime", &realtimeRuntime, .unlessNil)
        try m("realtimePeriod", &realtimePeriod, .unlessNil)
        try m("cpus", &cpus, .unlessNil)
        try m("mems", &mems, .unlessNil)
        try m("idle", &idle, .unlessNil)
    }
}

/// The most tasks there may be.
package struct LinuxPids: JSONRecord, Sendable, Hashable {
    package var limit: Int64?

    package init(limit: Int64? = nil) { self.limit = limit }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("limit", &limit, .unlessNil)
    }
}

/// Weights are 10 to 1000; throttles are bytes or operations a second.
package struct LinuxBlockIO: JSONRecord, Sendable, Hashable {
    package var weight: UInt16?
    package var leafWeight: UInt16?
    package var weightDevice: [LinuxWeightDevice]?
    package var throttleReadBpsDevice: [LinuxThrottleDevice]?
    package var throttleWriteBpsDevice: [LinuxThrottleDevice]?
    package var throttleReadIOPSDevice: [LinuxThrottleDevice]?
    package var throttleWriteIOPSDevice: [LinuxThrottleDevice]?

    package init(weight: UInt16? = nil) { self.weight = weight }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("weight", &weight, .unlessNil)
        try m("leafWeight", &leafWeight, .unlessNil)
        try m("weightDevice", &weightDevice, .unlessNil)
        try m("throttleReadBpsDevice", &throttleReadBpsDevice, .unlessNil)
        try m("throttleWriteBpsDevice", &throttleWriteBpsDevice, .unlessNil)
        try m("throttleReadIOPSDevice", &throttleReadIOPSDevice, .unlessNil)
        try m("throttleWriteIOPSDevice", &throttleWriteIOPSDevice, .unlessNil)
    }
}

/// A block device's share.
package struct LinuxWeightDevice: JSONRecord, Sendable, Hashable {
    package var major: Int64 = 0
    package var minor: Int64 = 0
    package var weight: UInt16?
    package var leafWeight: UInt16?

    package init(major: Int64, minor: Int64, weight: UInt16?) {
        self.major = major
        self.minor = minor
        self.weight = weight
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("major", &major, .required)
        try m("minor", &minor, .required)
        try m("weight", &weight, .unlessNil)
        try m("leafWeight", &leafWeight, .unlessNil)
    }
}

/// A block device's limit.
package struct LinuxThrottleDevice: JSONRecord, Sendable, Hashable {
    package var major: Int64 = 0
    package var minor: Int64 = 0
    package var rate: UInt64 = 0

    package init(major: Int64, minor: Int64, rate: UInt64) {
        self.major = major
        self.minor = minor
        self.rate = rate
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("major", &major, .required)
        try m("minor", &minor, .required)
        try m("rate", &rate, .required)
    }
}

/// A limit in bytes for one size of huge page, such as `2MB`.
package struct LinuxHugepageLimit: JSONRecord, Sendable, Hashable {
    package var pageSize: String = ""
    package var limit: UInt64 = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("pageSize", &pageSize, .required)
        try m("limit", &limit, .required)
    }
}
