import Diagnostics
import DockerAPI
import Linux
import OCI

extension DockerAPI.Resources {
    /// The same limits in the runtime's terms. Devices of the host are looked up here.
    func linuxResources(devices: [LinuxDeviceCgroup]) throws(Fault) -> LinuxResources {
        var result = LinuxResources(devices: devices)
        var memory = LinuxMemory()
        if self.memory > 0 { memory.limit = Int64(self.memory) }
        if memorySwap != 0 { memory.swap = Int64(memorySwap) }
        if memoryReservation > 0 { memory.reservation = Int64(memoryReservation) }
        if let memorySwappiness, memorySwappiness >= 0 { memory.swappiness = UInt64(memorySwappiness) }
        if oomKillDisable == true { memory.disableOOMKiller = true }
        if memory != LinuxMemory() { result.memory = memory }

        var cpu = LinuxCPU()
        if cpuShares > 0 { cpu.shares = UInt64(cpuShares) }
        if nanoCpus > 0 {
            cpu.period = 100_000
            cpu.quota = Int64(nanoCpus / 10_000)
        }
        if cpuPeriod > 0 { cpu.period = UInt64(cpuPeriod) }
        if cpuQuota != 0 { cpu.quota = Int64(cpuQuota) }
        if cpuRealtimePeriod > 0 { cpu.realtimePeriod = UInt64(cpuRealtimePeriod) }
        if cpuRealtimeRuntime > 0 { cpu.realtimeRuntime = Int64(cpuRealtimeRuntime) }
        if !cpusetCpus.isEmpty { cpu.cpus = cpusetCpus }
        if !cpusetMems.isEmpty { cpu.mems = cpusetMems }
        if cpu != LinuxCPU() { result.cpu = cpu }

        if let pidsLimit, pidsLimit != 0 { result.pids = LinuxPids(limit: Int64(pidsLimit)) }

        var block = LinuxBlockIO()
        if blkioWeight > 0 { block.weight = UInt16(clamping: blkioWeight) }
        block.weightDevice = try blkioWeightDevice?.map { device throws(Fault) in
            let number = try Self.blockDevice(device.path)
            return LinuxWeightDevice(major: Int64(number.major), minor: Int64(number.minor), weight: UInt16(clamping: device.weight))
        }
        block.throttleReadBpsDevice = try Self.throttles(blkioDeviceReadBps)
        block.throttleWriteBpsDevice = try Self.throttles(blkioDeviceWriteBps)
        block.throttleReadIOPSDevice = try Self.throttles(blkioDeviceReadIOps)
        block.throttleWriteIOPSDevice = try Self.throttles(blkioDeviceWriteIOps)
        if block != LinuxBlockIO() { result.blockIO = block }
        return result
    }

    private static func throttles(_ devices: [ThrottleDevice]?) throws(Fault) -> [LinuxThrottleDevice]? {
        guard let devices, !devices.isEmpty else { return nil }
        return try devices.map { device throws(Fault) in
            let number = try blockDevice(device.path)
            return LinuxThrottleDevice(major: Int64(number.major), minor: Int64(number.minor), rate: device.rate)
        }
    }

    private static func blockDevice(_ path: String) throws(Fault) -> DeviceNumber {
        do throws(SyscallError) {
            if let status = try FileSystem.status(path), status.kind == .blockDevice { return status.deviceNumber }
        } catch { throw Fault(.invalid, "look up device \(path)", cause: error) }
        throw Fault(.invalid, "no such block device: \(path)")
    }
}

/// Devices of the host that a container gets.
struct DeviceGrants {
    var nodes: [LinuxDevice] = []
    var rules: [LinuxDeviceCgroup] = []

    init(_ host: HostConfig) throws(Fault) {
        if host.privileged {
            rules = [LinuxDeviceCgroup(allow: true, access: "rwm")]
            try addTree("/dev", to: "/dev", access: "rwm", quietly: true)
            return
        }
        rules = DefaultSpec.devices
        for device in host.resources.devices ?? [] {
            let access = device.cgroupPermissions.isEmpty ? "rwm" : device.cgroupPermissions
            guard !access.isEmpty, access.allSatisfy({ "rwm".contains($0) }) else { throw Fault(.invalid, "invalid device mode: \(access)") }
            let target = device.pathInContainer.isEmpty ? device.pathOnHost : device.pathInContainer
            let count = nodes.count
            try addTree(device.pathOnHost, to: target, access: access, quietly: false)
            if nodes.count == count { throw Self.noNode(device.pathOnHost) }
        }
        for rule in host.resources.deviceCgroupRules ?? [] { rules.append(try Self.parse(rule)) }
    }

    private mutating func addTree(_ path: String, to target: String, access: String, quietly: Bool) throws(Fault) {
        let status: FileStatus
        do throws(SyscallError) {
            guard let found = try FileSystem.status(path) else { throw SyscallError("stat", path, errno: .noEntry) }
            status = found
        } catch {
            // A link to nowhere in /dev is no reason to refuse a privileged container.
            if quietly { return }
            throw Fault(.invalid, "error gathering device information while adding custom device \"\(path)\": \(error.errno == .noEntry ? "no such file or directory" : "\(error.errno)")")
        }
        switch status.kind {
        case .characterDevice, .blockDevice:
            let type = status.kind == .blockDevice ? "b" : "c"
            let (major, minor) = (Int64(status.deviceNumber.major), Int64(status.deviceNumber.minor))
            nodes.append(
                LinuxDevice(
                    path: target, type: type, major: major, minor: minor, fileMode: status.permissions, uid: status.user, gid: status.group))
            if !quietly { rules.append(LinuxDeviceCgroup(allow: true, type: type, major: major, minor: minor, access: access)) }
        case .directory:
            let names: [String]
            do throws(SyscallError) { names = try FileDescriptor.open(path, [.directory]).entries() } catch {
                throw Fault(.invalid, "read device directory \(path)", cause: error)
            }
            // These are the container's own.
            for name in names where !["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console", "tty"].contains(name) {
                try addTree("\(path)/\(name)", to: "\(target)/\(name)", access: access, quietly: true)
                if !quietly, let last = nodes.last {
                    rules.append(LinuxDeviceCgroup(allow: true, type: last.type, major: last.major, minor: last.minor, access: access))
                }
            }
        default:
            if !quietly { throw Self.noNode(path) }
        }
    }

    private static func noNode(_ path: String) -> Fault {
        Fault(.invalid, "error gathering device information while adding custom device \"\(path)\": not a device node")
    }

    /// `c 42:* rmw`.
    private static func parse(_ rule: String) throws(Fault) -> LinuxDeviceCgroup {
        let parts = rule.split(separator: " ")
        let numbers = parts.count == 3 ? parts[1].split(separator: ":", omittingEmptySubsequences: false) : []
        guard parts.count == 3, numbers.count == 2, ["a", "b", "c"].contains(parts[0]), parts[2].allSatisfy({ "rwm".contains($0) }) else {
            throw Fault(.invalid, "invalid device cgroup rule format: '\(rule)'")
        }
        func number(_ text: Substring) throws(Fault) -> Int64? {
            if text == "*" { return nil }
            guard let value = Int64(text), value >= 0 else { throw Fault(.invalid, "invalid device cgroup rule format: '\(rule)'") }
            return value
        }
        return LinuxDeviceCgroup(
            allow: true, type: String(parts[0]), major: try number(numbers[0]), minor: try number(numbers[1]), access: String(parts[2]))
    }
}
