package import Values

/// One sample of GET /containers/{id}/stats.
package struct ContainerStats: Codable, Sendable, Hashable {
    package var name: String = ""
    package var id: String = ""
    package var read: Timestamp = .never
    package var preread: Timestamp = .never
    package var pidsStats: PidsStats = PidsStats()
    package var blkioStats: BlkioStats = BlkioStats()
    package var numProcs: Int = 0
    package var storageStats: StorageStats = StorageStats()
    package var cpuStats: CPUStats = CPUStats()
    package var precpuStats: CPUStats = CPUStats()
    package var memoryStats: MemoryStats = MemoryStats()
    package var networks: [String: NetworkStats]?

    package init(
        name: String = "",
        id: String = "",
        read: Timestamp = .never,
        preread: Timestamp = .never,
        pidsStats: PidsStats = PidsStats(),
        blkioStats: BlkioStats = BlkioStats(),
        numProcs: Int = 0,
        storageStats: StorageStats = StorageStats(),
        cpuStats: CPUStats = CPUStats(),
        precpuStats: CPUStats = CPUStats(),
        memoryStats: MemoryStats = MemoryStats(),
        networks: [String: NetworkStats]? = nil
    ) {
        self.name = name
        self.id = id
        self.read = read
        self.preread = preread
        self.pidsStats = pidsStats
        self.blkioStats = blkioStats
        self.numProcs = numProcs
        self.storageStats = storageStats
        self.cpuStats = cpuStats
        self.precpuStats = precpuStats
        self.memoryStats = memoryStats
        self.networks = networks
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case id
        case read
        case preread
        case pidsStats = "pids_stats"
        case blkioStats = "blkio_stats"
        case numProcs = "num_procs"
        case storageStats = "storage_stats"
        case cpuStats = "cpu_stats"
        case precpuStats = "precpu_stats"
        case memoryStats = "memory_stats"
        case networks
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        id = try fields.value(.id)
        read = try fields.value(.read)
        preread = try fields.value(.preread)
        pidsStats = try fields.value(.pidsStats)
        blkioStats = try fields.value(.blkioStats)
        numProcs = try fields.value(.numProcs)
        storageStats = try fields.value(.storageStats)
        cpuStats = try fields.value(.cpuStats)
        precpuStats = try fields.value(.precpuStats)
        memoryStats = try fields.value(.memoryStats)
        networks = try fields.optional(.networks)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(name, .name)
        try fields.putUnlessZero(id, .id)
        try fields.put(read, .read)
        try fields.put(preread, .preread)
        try fields.put(pidsStats, .pidsStats)
        try fields.put(blkioStats, .blkioStats)
        try fields.put(numProcs, .numProcs)
        try fields.put(storageStats, .storageStats)
        try fields.put(cpuStats, .cpuStats)
        try fields.put(precpuStats, .precpuStats)
        try fields.put(memoryStats, .memoryStats)
        try fields.putUnlessEmpty(networks, .networks)
    }
}

extension ContainerStats: GoZero { package static var zero: Self { Self() } }
