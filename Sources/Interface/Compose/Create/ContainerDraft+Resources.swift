internal import ComposeFile
internal import DockerAPI

extension ContainerDraft {
    func resources() -> Resources {
        var resources = Resources()
        resources.cgroupParent = service.cgroupParent
        resources.memory = bytes(service.memLimit)
        resources.memorySwap = bytes(service.memswapLimit)
        resources.memorySwappiness = service.memSwappiness.isEmpty ? nil : bytes(service.memSwappiness)
        resources.memoryReservation = bytes(service.memReservation)
        resources.oomKillDisable = service.oomKillDisable ? true : nil
        resources.cpuCount = service.cpuCount
        resources.cpuPeriod = service.cpuPeriod
        resources.cpuQuota = service.cpuQuota
        resources.cpuRealtimePeriod = service.cpuRtPeriod
        resources.cpuRealtimeRuntime = service.cpuRtRuntime
        resources.cpuShares = service.cpuShares
        resources.nanoCpus = billionths(service.cpus)
        resources.cpusetCpus = service.cpuset
        resources.deviceCgroupRules = service.deviceCgroupRules
        resources.pidsLimit = service.pidsLimit == 0 ? nil : service.pidsLimit
        resources.ulimits = service.ulimits.sorted { $0.key < $1.key }.map { name, limit in
            Ulimit(name: name, hard: limit.hard == 0 ? limit.single : limit.hard, soft: limit.soft == 0 ? limit.single : limit.soft)
        }
        resources.devices = service.devices.map {
            DeviceMapping(pathOnHost: $0.source, pathInContainer: $0.target.isEmpty ? $0.source : $0.target, cgroupPermissions: $0.permissions.isEmpty ? "rwm" : $0.permissions)
        }
        if let block = service.blkioConfig { add(block, to: &resources) }
        if let limits = service.deploy?.resources.limits {
            if !limits.memory.isEmpty { resources.memory = bytes(limits.memory) }
            if limits.cpus != 0 { resources.nanoCpus = billionths(limits.cpus) }
            if limits.pids > 0 { resources.pidsLimit = limits.pids }
        }
        let reserved = service.deploy?.resources.reservations
        if let reserved, !reserved.memory.isEmpty { resources.memoryReservation = bytes(reserved.memory) }
        let requests = (reserved?.devices ?? []).map { deviceRequest($0, $0.capabilities) } + service.gpus.map { deviceRequest($0, $0.capabilities + ["gpu"]) }
        resources.deviceRequests = requests.isEmpty ? nil : requests
        return resources
    }

    private func billionths(_ processors: Double) -> Int { Int(exactly: (processors * 1e9).rounded()) ?? 0 }

    private func deviceRequest(_ request: ComposeDeviceRequest, _ capabilities: [String]) -> DeviceRequest {
        DeviceRequest(
            driver: request.driver, count: request.count, deviceIDs: request.deviceIds, capabilities: [capabilities], options: request.options)
    }

    private func add(_ block: ComposeBlockIO, to resources: inout Resources) {
        func rates(_ list: [ComposeThrottle]) -> [ThrottleDevice] { list.map { ThrottleDevice(path: $0.path, rate: UInt64($0.rate) ?? 0) } }
        resources.blkioWeight = block.weight
        resources.blkioWeightDevice = block.weightDevice.map { WeightDevice(path: $0.path, weight: $0.weight) }
        resources.blkioDeviceReadBps = rates(block.deviceReadBps)
        resources.blkioDeviceReadIOps = rates(block.deviceReadIops)
        resources.blkioDeviceWriteBps = rates(block.deviceWriteBps)
        resources.blkioDeviceWriteIOps = rates(block.deviceWriteIops)
    }
}
