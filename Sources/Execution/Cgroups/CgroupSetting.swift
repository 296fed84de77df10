import OCI

/// One write to one cgroup file. A limit is planned as a list of these, apart from doing it.
struct CgroupSetting: Sendable, Hashable {
    var controller: CgroupController
    var file: String
    var value: String
    /// The kernel may be built or booted without the file (swap accounting, realtime groups, weights); Docker leaves such limits out with a warning.
    var isOptional = false
}

extension CgroupSetting {
    /// The files that these limits mean in version 1 trees. Linux: Documentation/admin-guide/cgroup-v1.
    static func version1(_ resources: LinuxResources) throws -> [CgroupSetting] {
        var settings: [CgroupSetting] = []
        func set(_ controller: CgroupController, _ file: String, _ value: (some LosslessStringConvertible)?, optional: Bool = false) {
            if let value { settings.append(CgroupSetting(controller: controller, file: file, value: "\(value)", isOptional: optional)) }
        }
        if let memory = resources.memory {
            set(.memory, "memory.limit_in_bytes", memory.limit.flatMap { $0 == 0 ? nil : $0 })
            set(.memory, "memory.memsw.limit_in_bytes", memory.swap.flatMap { $0 == 0 ? nil : $0 }, optional: true)
            set(.memory, "memory.soft_limit_in_bytes", memory.reservation.flatMap { $0 == 0 ? nil : $0 })
            set(.memory, "memory.kmem.tcp.limit_in_bytes", memory.kernelTCP.flatMap { $0 == 0 ? nil : $0 }, optional: true)
            set(.memory, "memory.swappiness", memory.swappiness, optional: true)
            set(.memory, "memory.oom_control", memory.disableOOMKiller == true ? "1" : nil)
        }
        if let cpu = resources.cpu {
            set(.cpu, "cpu.shares", cpu.shares.flatMap { $0 == 0 ? nil : $0 })
            set(.cpu, "cpu.cfs_period_us", cpu.period.flatMap { $0 == 0 ? nil : $0 })
            set(.cpu, "cpu.cfs_quota_us", cpu.quota.flatMap { $0 == 0 ? nil : $0 })
            set(.cpu, "cpu.cfs_burst_us", cpu.burst)
            set(.cpu, "cpu.rt_period_us", cpu.realtimePeriod.flatMap { $0 == 0 ? nil : $0 })
            set(.cpu, "cpu.rt_runtime_us", cpu.realtimeRuntime.flatMap { $0 == 0 ? nil : $0 })
            set(.cpu, "cpu.idle", cpu.idle)
            set(.cpuset, "cpuset.cpus", cpu.cpus.flatMap { $0.isEmpty ? nil : $0 })
            set(.cpuset, "cpuset.mems", cpu.mems.flatMap { $0.isEmpty ? nil : $0 })
        }
        if let limit = resources.pids?.limit { set(.pids, "pids.max", limit < 0 ? "max" : "\(max(limit, 1))") }
        if let block = resources.blockIO {
            let weight = block.weight.flatMap { $0 == 0 ? nil : $0 }
            // Whether it is called so or `blkio.bfq.weight` depends on the scheduler.
            set(.blkio, "blkio.weight", weight, optional: true)
            set(.blkio, "blkio.bfq.weight", weight, optional: true)
            for device in block.weightDevice ?? [] {
                guard let weight = device.weight else { continue }
                set(.blkio, "blkio.weight_device", "\(device.major):\(device.minor) \(weight)", optional: true)
            }
            for (file, list) in [
                ("read_bps", block.throttleReadBpsDevice), ("write_bps", block.throttleWriteBpsDevice),
                ("read_iops", block.throttleReadIOPSDevice), ("write_iops", block.throttleWriteIOPSDevice),
            ] {
                for device in list ?? [] { set(.blkio, "blkio.throttle.\(file)_device", "\(device.major):\(device.minor) \(device.rate)") }
            }
        }
        for page in resources.hugepageLimits ?? [] {
            set(.hugetlb, "hugetlb.\(try checked(page.pageSize)).limit_in_bytes", page.limit)
        }
        return settings
    }

    /// The files that these limits mean in the version 2 tree. Linux: Documentation/admin-guide/cgroup-v2.rst; conversions of what has
    /// other units there as in the runtime specification's reference implementation.
    static func version2(_ resources: LinuxResources) throws -> [CgroupSetting] {
        var settings: [CgroupSetting] = []
        func set(_ controller: CgroupController, _ file: String, _ value: (some LosslessStringConvertible)?, optional: Bool = false) {
            if let value { settings.append(CgroupSetting(controller: controller, file: file, value: "\(value)", isOptional: optional)) }
        }
        if let memory = resources.memory {
            set(.memory, "memory.max", memory.limit.flatMap(bytes))
            if let swap = memory.swap, swap != 0 {
                // Swap is counted alone here, and together with memory in the specification.
                if swap < 0 {
                    set(.memory, "memory.swap.max", "max", optional: true)
                } else if let limit = memory.limit, limit > 0 {
                    guard swap >= limit else { throw CgroupError.invalidSetting("memory and swap together (\(swap)) less than memory (\(limit))") }
                    set(.memory, "memory.swap.max", swap - limit, optional: true)
                } else {
                    throw CgroupError.invalidSetting("a limit of memory and swap together needs a limit of memory")
                }
            }
            set(.memory, "memory.low", memory.reservation.flatMap(bytes))
        }
        if let cpu = resources.cpu {
            set(.cpu, "cpu.idle", cpu.idle)
            set(.cpu, "cpu.weight", cpu.shares.flatMap { $0 == 0 || cpu.idle == 1 ? nil : weight(shares: $0) })
            let quota = cpu.quota.flatMap { $0 == 0 ? nil : $0 }, period = cpu.period.flatMap { $0 == 0 ? nil : $0 }
            if quota != nil || period != nil {
                set(.cpu, "cpu.max", "\(quota.map { $0 > 0 ? "\($0)" : "max" } ?? "max") \(period ?? 100_000)")
            }
            set(.cpu, "cpu.max.burst", cpu.burst)
            set(.cpuset, "cpuset.cpus", cpu.cpus.flatMap { $0.isEmpty ? nil : $0 })
            set(.cpuset, "cpuset.mems", cpu.mems.flatMap { $0.isEmpty ? nil : $0 })
        }
        if let limit = resources.pids?.limit { set(.pids, "pids.max", limit < 0 ? "max" : "\(max(limit, 1))") }
        if let block = resources.blockIO {
            if let weight = block.weight, weight != 0 {
                set(.blkio, "io.bfq.weight", weight, optional: true)
                set(.blkio, "io.weight", "default \(ioWeight(weight))", optional: true)
            }
            for device in block.weightDevice ?? [] {
                guard let weight = device.weight else { continue }
                set(.blkio, "io.bfq.weight", "\(device.major):\(device.minor) \(weight)", optional: true)
            }
            for (key, list) in [
                ("rbps", block.throttleReadBpsDevice), ("wbps", block.throttleWriteBpsDevice), ("riops", block.throttleReadIOPSDevice),
                ("wiops", block.throttleWriteIOPSDevice),
            ] {
                for device in list ?? [] {
                    set(.blkio, "io.max", "\(device.major):\(device.minor) \(key)=\(device.rate == 0 ? "max" : "\(device.rate)")")
                }
            }
        }
        for page in resources.hugepageLimits ?? [] { set(.hugetlb, "hugetlb.\(try checked(page.pageSize)).max", page.limit) }
        return settings
    }

    /// The files of `unified`, which name themselves; the part before the dot tells the controller.
    static func unified(_ files: [String: String]) throws -> [CgroupSetting] {
        try files.sorted { $0.key < $1.key }.map { file, value in
            let name = try checked(file).split(separator: ".").first.map(String.init) ?? ""
            let controller = CgroupController.allCases.first { $0.version2Name == name } ?? .freezer
            return CgroupSetting(controller: controller, file: file, value: value)
        }
    }

    /// Shares 2…262144 (1024 is normal) to weight 1…10000 (100 is normal), linearly.
    static func weight(shares: UInt64) -> UInt64 { 1 + (min(max(shares, 2), 262_144) - 2) * 9999 / 262_142 }

    /// Block weight 10…1000 to 1…10000, linearly.
    static func ioWeight(_ weight: UInt16) -> UInt64 { 1 + (UInt64(min(max(weight, 10), 1000)) - 10) * 9999 / 990 }

    private static func bytes(_ value: Int64) -> String? { value == 0 ? nil : value < 0 ? "max" : "\(value)" }

    /// A word that becomes part of a file name: no path, nothing odd.
    private static func checked(_ name: String) throws -> String {
        let isFine = name.utf8.allSatisfy { byte in
            (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 46 || byte == 95 || byte == 45
        }
        guard isFine, !name.isEmpty, name.utf8.count <= 128, !name.hasPrefix(".") else { throw CgroupError.invalidSetting("no such file: \(name)") }
        return name
    }
}
