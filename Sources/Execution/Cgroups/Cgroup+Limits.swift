import Linux
import OCI

extension Cgroup {
    /// The writes that set these limits, each for the version of the tree that its controller is in. Throws when a controller is missing that
    /// a limit needs.
    func plan(_ resources: LinuxResources) throws -> [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if hierarchies.all.contains(where: { !$0.isVersion2 }) {
            settings += try CgroupSetting.version1(resources).filter { hierarchies[$0.controller]?.isVersion2 == false }
        }
        if hierarchies.all.contains(where: \.isVersion2) {
            settings += try CgroupSetting.version2(resources).filter { hierarchies[$0.controller]?.isVersion2 == true }
        }
        settings += try CgroupSetting.unified(resources.unified ?? [:])
        // Asked of the version 2 list, whose names need no knowledge of trees that are not there.
        for setting in try CgroupSetting.version2(resources) where hierarchies[setting.controller] == nil && !setting.isOptional {
            throw missing(setting.controller, setting.file)
        }
        return settings
    }

    func apply(_ settings: [CgroupSetting]) throws {
        var later: [CgroupSetting] = []
        for setting in settings {
            // Version 1 wants memory ≤ memory and swap at every moment, and a share of time that the group above allows: when the new memory
            // limit does not fit below the old sum, or the new period not to the old quota, the other goes first.
            let partner = ["memory.limit_in_bytes": "memory.memsw.limit_in_bytes", "cpu.cfs_period_us": "cpu.cfs_quota_us"][setting.file]
            do {
                try apply(setting)
            } catch let error as SyscallError where error.errno == .invalid && settings.contains(where: { $0.file == partner }) {
                later.append(setting)
            }
        }
        for setting in later { try apply(setting) }
    }

    private func apply(_ setting: CgroupSetting) throws {
        guard let place = directory(of: setting.controller) else {
            if setting.isOptional { return }
            throw missing(setting.controller, setting.file)
        }
        do throws(SyscallError) {
            try write(setting.value, to: "\(place.path)/\(setting.file)")
        } catch {
            let isMissing = error.errno == .noEntry || error.errno == .access || error.errno == .notSupported
            if setting.isOptional && isMissing { return }
            throw error
        }
    }

    // MARK: - Devices

    /// Applies rules in their order, the last that fits counting. With `replacing`, version 2 drops the program that was there before;
    /// version 1 changes what is in force, so a complete list begins by denying everything.
    func applyDevices(_ rules: [LinuxDeviceCgroup], replacing: Bool) throws {
        guard !rules.isEmpty else { return }
        guard let place = directory(of: .devices) else { throw missing(.devices, "device rules") }
        if place.isVersion2 {
            let cgroup = try FileDescriptor.open(place.path, [.readOnly, .directory])
            let old = replacing ? try DeviceProgram.attached(to: cgroup) : []
            let program = try DeviceProgram.load(try DeviceRules.compile(rules))
            try DeviceProgram.attach(program, to: cgroup)
            for identifier in old {
                if let program = try DeviceProgram.open(identifier) { try DeviceProgram.detach(program, from: cgroup) }
            }
        } else {
            // Opened once: Docker's own list has more than ten rules.
            let allow = try FileDescriptor.open("\(place.path)/devices.allow", .writeOnly)
            let deny = try FileDescriptor.open("\(place.path)/devices.deny", .writeOnly)
            for rule in rules {
                let text = try DeviceRules.version1(rule)
                do throws(SyscallError) {
                    if rule.allow { try allow.writeAll(text.utf8) } else { try deny.writeAll(text.utf8) }
                } catch {
                    throw SyscallError("write \(text) to", "\(place.path)/devices.\(rule.allow ? "allow" : "deny")", errno: error.errno)
                }
            }
        }
    }
}
