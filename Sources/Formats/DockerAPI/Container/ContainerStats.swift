package import JSON
package import Values

/// One sample of GET /containers/{id}/stats.
package struct ContainerStats: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("name", &name, .unlessEmpty)
        try m("id", &id, .unlessEmpty)
        try m("read", &read)
        try m("preread", &preread)
        try m("pids_stats", &pidsStats)
        try m("blkio_stats", &blkioStats)
        try m("num_procs", &numProcs)
        try m("storage_stats", &storageStats)
        try m("cpu_stats", &cpuStats)
        try m("precpu_stats", &precpuStats)
        try m("memory_stats", &memoryStats)
        try m("networks", &networks, .unlessEmpty)
    }
}
