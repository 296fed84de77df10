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
            try addAll(in: "/dev", to: "/dev")
            return
        }
        rules = DefaultSpec.devices
        for device in host.resources.devices ?? [] {
            let access = device.cgroupPermissions.isEmpty ? "rwm" : device.cgroupPermissions
            guard !access.isEmpty, access.allSatisfy({ "rwm".contains($0) }) else { throw Fault(.invalid, "invalid device mode: \(access)") }
            let target = device.pathInContainer.isEmpty ? device.pathOnHost : device.pathInContainer
            let count = nodes.count
            try add(device.pathOnHost, to: target)
            if nodes.count == count { throw Self.noNode(device.pathOnHost) }
            rules += nodes[count...].map { LinuxDeviceCgroup(allow: true, type: $0.type, major: $0.major, minor: $0.minor, access: access) }
        }
        for rule in host.resources.deviceCgroupRules ?? [] { rules.append(try Self.parse(rule)) }
    }

    /// A device, or all of a directory, where a link leads.
    private mutating func add(_ path: String, to target: String) throws(Fault) {
        do throws(SyscallError) {
            guard let status = try FileSystem.status(path) else { throw SyscallError("stat", path, errno: .noEntry) }
            if addNode(status, to: target) || status.kind != .directory { return }
        } catch {
            throw Fault(
                .invalid, "error gathering device information while adding custom device \"\(path)\": \(error.errno == .noEntry ? "no such file or directory" : "\(error.errno)")")
        }
        try addAll(in: path, to: target)
    }

    /// Links are no devices: those to open files, such as /dev/stdin, would be looked up as this process has them.
    private mutating func addAll(in path: String, to target: String) throws(Fault) {
        var directories: [String] = []
        do throws(SyscallError) {
            // These are the container's own.
            for name in try FileDescriptor.open(path, [.directory]).entries()
            where !["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console", "tty"].contains(name) {
                guard let status = try FileSystem.status("\(path)/\(name)", followingLink: false) else { continue }
                if !addNode(status, to: "\(target)/\(name)"), status.kind == .directory { directories.append(name) }
            }
        } catch { throw Fault(.invalid, "read device directory \(path)", cause: error) }
        for name in directories { try addAll(in: "\(path)/\(name)", to: "\(target)/\(name)") }
    }

    private mutating func addNode(_ status: FileStatus, to target: String) -> Bool {
        guard [.characterDevice, .blockDevice].contains(status.kind) else { return false }
        let number = status.deviceNumber
        nodes.append(
            LinuxDevice(
                path: target, type: status.kind == .blockDevice ? "b" : "c", major: Int64(number.major), minor: Int64(number.minor), fileMode: status.permissions,
                uid: status.user, gid: status.group))
        return true
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
