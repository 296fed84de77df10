/// Limits and devices of a container. Zero or nil means "not limited" throughout, as in Docker.
package struct Resources: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case cpuShares = "CpuShares"
        case memory = "Memory"
        case nanoCpus = "NanoCpus"
        case cgroupParent = "CgroupParent"
        case blkioWeight = "BlkioWeight"
        case blkioWeightDevice = "BlkioWeightDevice"
        case blkioDeviceReadBps = "BlkioDeviceReadBps"
        case blkioDeviceWriteBps = "BlkioDeviceWriteBps"
        case blkioDeviceReadIOps = "BlkioDeviceReadIOps"
        case blkioDeviceWriteIOps = "BlkioDeviceWriteIOps"
        case cpuPeriod = "CpuPeriod"
        case cpuQuota = "CpuQuota"
        case cpuRealtimePeriod = "CpuRealtimePeriod"
        case cpuRealtimeRuntime = "CpuRealtimeRuntime"
        case cpusetCpus = "CpusetCpus"
        case cpusetMems = "CpusetMems"
        case devices = "Devices"
        case deviceCgroupRules = "DeviceCgroupRules"
        case deviceRequests = "DeviceRequests"
        case kernelMemory = "KernelMemory"
        case kernelMemoryTCP = "KernelMemoryTCP"
        case memoryReservation = "MemoryReservation"
        case memorySwap = "MemorySwap"
        case memorySwappiness = "MemorySwappiness"
        case oomKillDisable = "OomKillDisable"
        case pidsLimit = "PidsLimit"
        case ulimits = "Ulimits"
        case cpuCount = "CpuCount"
        case cpuPercent = "CpuPercent"
        case ioMaximumIOps = "IOMaximumIOps"
        case ioMaximumBandwidth = "IOMaximumBandwidth"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        cpuShares = try fields.value(.cpuShares)
        memory = try fields.value(.memory)
        nanoCpus = try fields.value(.nanoCpus)
        cgroupParent = try fields.value(.cgroupParent)
        blkioWeight = try fields.value(.blkioWeight)
        blkioWeightDevice = try fields.optional(.blkioWeightDevice)
        blkioDeviceReadBps = try fields.optional(.blkioDeviceReadBps)
        blkioDeviceWriteBps = try fields.optional(.blkioDeviceWriteBps)
        blkioDeviceReadIOps = try fields.optional(.blkioDeviceReadIOps)
        blkioDeviceWriteIOps = try fields.optional(.blkioDeviceWriteIOps)
        cpuPeriod = try fields.value(.cpuPeriod)
        cpuQuota = try fields.value(.cpuQuota)
        cpuRealtimePeriod = try fields.value(.cpuRealtimePeriod)
        cpuRealtimeRuntime = try fields.value(.cpuRealtimeRuntime)
        cpusetCpus = try fields.value(.cpusetCpus)
        cpusetMems = try fields.value(.cpusetMems)
        devices = try fields.optional(.devices)
        deviceCgroupRules = try fields.optional(.deviceCgroupRules)
        deviceRequests = try fields.optional(.deviceRequests)
        kernelMemory = try fields.value(.kernelMemory)
        kernelMemoryTCP = try fields.value(.kernelMemoryTCP)
        memoryReservation = try fields.value(.memoryReservation)
        memorySwap = try fields.value(.memorySwap)
        memorySwappiness = try fields.optional(.memorySwappiness)
        oomKillDisable = try fields.optional(.oomKillDisable)
        pidsLimit = try fields.optional(.pidsLimit)
        ulimits = try fields.optional(.ulimits)
        cpuCount = try fields.value(.cpuCount)
        cpuPercent = try fields.value(.cpuPercent)
        ioMaximumIOps = try fields.value(.ioMaximumIOps)
        ioMaximumBandwidth = try fields.value(.ioMaximumBandwidth)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(cpuShares, .cpuShares)
        try fields.put(memory, .memory)
        try fields.put(nanoCpus, .nanoCpus)
        try fields.put(cgroupParent, .cgroupParent)
        try fields.put(blkioWeight, .blkioWeight)
        try fields.put(blkioWeightDevice, .blkioWeightDevice)
        try fields.put(blkioDeviceReadBps, .blkioDeviceReadBps)
        try fields.put(blkioDeviceWriteBps, .blkioDeviceWriteBps)
        try fields.put(blkioDeviceReadIOps, .blkioDeviceReadIOps)
        try fields.put(blkioDeviceWriteIOps, .blkioDeviceWriteIOps)
        try fields.put(cpuPeriod, .cpuPeriod)
        try fields.put(cpuQuota, .cpuQuota)
        try fields.put(cpuRealtimePeriod, .cpuRealtimePeriod)
        try fields.put(cpuRealtimeRuntime, .cpuRealtimeRuntime)
        try fields.put(cpusetCpus, .cpusetCpus)
        try fields.put(cpusetMems, .cpusetMems)
        try fields.put(devices, .devices)
        try fields.put(deviceCgroupRules, .deviceCgroupRules)
        try fields.put(deviceRequests, .deviceRequests)
        try fields.putUnlessZero(kernelMemory, .kernelMemory)
        try fields.putUnlessZero(kernelMemoryTCP, .kernelMemoryTCP)
        try fields.put(memoryReservation, .memoryReservation)
        try fields.put(memorySwap, .memorySwap)
        try fields.put(memorySwappiness, .memorySwappiness)
        try fields.put(oomKillDisable, .oomKillDisable)
        try fields.put(pidsLimit, .pidsLimit)
        try fields.put(ulimits, .ulimits)
        try fields.put(cpuCount, .cpuCount)
        try fields.put(cpuPercent, .cpuPercent)
        try fields.put(ioMaximumIOps, .ioMaximumIOps)
        try fields.put(ioMaximumBandwidth, .ioMaximumBandwidth)
    }
}

extension Resources: GoZero { package static var zero: Self { Self() } }
