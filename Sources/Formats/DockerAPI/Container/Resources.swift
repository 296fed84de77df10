package import JSON

/// Limits and devices of a container. Zero or nil means "not limited" throughout, as in Docker.
package struct Resources: JSONRecord, Sendable, Hashable {
    package var cpuShares: Int = 0
    /// Bytes.
    package var memory: Int = 0
    /// Billionths of a CPU.
    package var nanoCpus: Int = 0
    package var cgroupParent: String = ""
    package var blkioWeight: Int = 0
    package var blkioWeightDevice: [WeightDevice]?
    package var blkioDeviceReadBps: [ThrottleDevice]?
    package var blkioDeviceWriteBps: [ThrottleDevice]?
    package var blkioDeviceReadIOps: [ThrottleDevice]?
    package var blkioDeviceWriteIOps: [ThrottleDevice]?
    /// Microseconds.
    package var cpuPeriod: Int = 0
    /// Microseconds of CPU time in each period; -1 unlimited.
    package var cpuQuota: Int = 0
    package var cpuRealtimePeriod: Int = 0
    package var cpuRealtimeRuntime: Int = 0
    package var cpusetCpus: String = ""
    package var cpusetMems: String = ""
    package var devices: [DeviceMapping]?
    /// `c 42:* rmw`.
    package var deviceCgroupRules: [String]?
    package var deviceRequests: [DeviceRequest]?
    package var kernelMemory: Int = 0
    package var kernelMemoryTCP: Int = 0
    package var memoryReservation: Int = 0
    /// Bytes of memory and swap together; -1 unlimited.
    package var memorySwap: Int = 0
    /// 0–100; clients send -1 for "not set".
    package var memorySwappiness: Int?
    package var oomKillDisable: Bool?
    /// nil, 0 or -1: unlimited.
    package var pidsLimit: Int?
    package var ulimits: [Ulimit]?
    package var cpuCount: Int = 0
    package var cpuPercent: Int = 0
    package var ioMaximumIOps: Int = 0
    package var ioMaximumBandwidth: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("CpuShares", &cpuShares)
        try m("Memory", &memory)
        try m("NanoCpus", &nanoCpus)
        try m("CgroupParent", &cgroupParent)
        try m("BlkioWeight", &blkioWeight)
        try m("BlkioWeightDevice", &blkioWeightDevice)
        try m("BlkioDeviceReadBps", &blkioDeviceReadBps)
        try m("BlkioDeviceWriteBps", &blkioDeviceWriteBps)
        try m("BlkioDeviceReadIOps", &blkioDeviceReadIOps)
        try m("BlkioDeviceWriteIOps", &blkioDeviceWriteIOps)
        try m("CpuPeriod", &cpuPeriod)
        try m("CpuQuota", &cpuQuota)
        try m("CpuRealtimePeriod", &cpuRealtimePeriod)
        try m("CpuRealtimeRuntime", &cpuRealtimeRuntime)
        try m("CpusetCpus", &cpusetCpus)
        try m("CpusetMems", &cpusetMems)
        try m("Devices", &devices)
        try m("DeviceCgroupRules", &deviceCgroupRules)
        try m("DeviceRequests", &deviceRequests)
        try m("KernelMemory", &kernelMemory, .unlessEmpty)
        try m("KernelMemoryTCP", &kernelMemoryTCP, .unlessEmpty)
        try m("MemoryReservation", &memoryReservation)
        try m("MemorySwap", &memorySwap)
        try m("MemorySwappiness", &memorySwappiness)
        try m("OomKillDisable", &oomKillDisable)
        try m("PidsLimit", &pidsLimit)
        try m("Ulimits", &ulimits)
        try m("CpuCount", &cpuCount)
        try m("CpuPercent", &cpuPercent)
        try m("IOMaximumIOps", &ioMaximumIOps)
        try m("IOMaximumBandwidth", &ioMaximumBandwidth)
    }
}
