import Diagnostics
import DockerAPI
import Linux
import OCI

extension HostConfig {
    /// Refuses what cannot work, in Docker's words, and completes what follows from other fields. Gives warnings for the user.
    mutating func validate() throws(Fault) -> [String] {
        try ContainerDefaults.read().complete(&self)
        var warnings: [String] = []
        try validateMemory(&warnings)
        try validateCPU()
        try validateModes()
        if !["", "default"].contains(isolation.lowercased()) { throw Fault(.invalid, "invalid isolation '\(isolation)' on linux") }
        if annotations?.keys.contains("") == true {
            throw Fault(.invalid, "invalid Annotations: the empty string is not permitted as an annotation key")
        }
        // Below nothing there is no limit either.
        if let limit = resources.pidsLimit, limit < 0 { resources.pidsLimit = 0 }
        if resources.blkioWeight != 0, !(10...1000).contains(resources.blkioWeight) {
            throw Fault(.invalid, "Range of blkio weight is from 10 to 1000")
        }
        if shmSize < 0 { throw Fault(.invalid, "SHM size can not be less than 0") }
        if !(-1000...1000).contains(oomScoreAdj) {
            throw Fault(.invalid, "Invalid value \(oomScoreAdj), range for oom score adj is [-1000, 1000]")
        }
        // Some clients write them in full, others as they were typed.
        capAdd = capAdd?.map(Self.fullName(ofCapability:))
        capDrop = capDrop?.map(Self.fullName(ofCapability:))
        for (field, names) in [("CapAdd", capAdd), ("CapDrop", capDrop)] {
            if let name = names?.first(where: { $0 != "ALL" && CapabilitySet(name: $0) == nil }) {
                throw Fault(.invalid, "invalid \(field): unknown capability: \"\(name)\"")
            }
        }
        for ulimit in resources.ulimits ?? [] {
            guard UlimitName.resource(ulimit.name) != nil else { throw Fault(.invalid, "invalid ulimit type: \(ulimit.name)") }
            if ulimit.hard != -1, ulimit.soft > ulimit.hard || ulimit.soft == -1 {
                throw Fault(.invalid, "ulimit soft limit must be less than or equal to hard limit: \(ulimit.soft) > \(ulimit.hard)")
            }
        }
        try validateRestartPolicy()
        try logConfig.validate()
        _ = try SecurityOptions(securityOpt ?? [])
        return warnings
    }

    private mutating func validateMemory(_ warnings: inout [String]) throws(Fault) {
        let minimum = 6 << 20
        if resources.memory != 0, resources.memory < minimum { throw Fault(.invalid, "Minimum memory limit allowed is 6MB") }
        if resources.memorySwap > 0 {
            if resources.memory == 0 {
                throw Fault(.invalid, "You should always set the Memory limit when using Memoryswap limit, see usage")
            }
            if resources.memorySwap < resources.memory {
                throw Fault(.invalid, "Minimum memoryswap limit should be larger than memory limit, see usage")
            }
        }
        if resources.memoryReservation > 0 {
            if resources.memoryReservation < minimum { throw Fault(.invalid, "Minimum memory reservation allowed is 6MB") }
            if resources.memory > 0, resources.memoryReservation > resources.memory {
                throw Fault(.invalid, "Minimum memory limit can not be less than memory reservation limit, see usage")
            }
        }
        if resources.memorySwappiness == -1 { resources.memorySwappiness = nil }
        if let swappiness = resources.memorySwappiness, !(0...100).contains(swappiness) {
            throw Fault(.invalid, "Invalid value: \(swappiness), valid memory swappiness range is 0-100")
        }
        if resources.memory > 0, resources.memorySwap == 0 { resources.memorySwap = resources.memory.multipliedReportingOverflow(by: 2).overflow ? -1 : resources.memory * 2 }
    }

    private func validateCPU() throws(Fault) {
        if resources.cpuShares < 0 { throw Fault(.invalid, "invalid CPU shares (\(resources.cpuShares)): value must be a positive integer") }
        if resources.nanoCpus != 0 {
            for (value, name) in [(resources.cpuPeriod, "Period"), (resources.cpuQuota, "Quota")] where value > 0 {
                throw Fault(.invalid, "Conflicting options: Nano CPUs and CPU \(name) cannot both be set")
            }
            let count = Machine.processors
            if resources.nanoCpus < 0 || resources.nanoCpus > count * 1_000_000_000 {
                throw Fault(.invalid, "range of CPUs is from 0.01 to \(count).00, as there are only \(count) CPUs available")
            }
        }
        if resources.cpuPeriod != 0, !(1000...1_000_000).contains(resources.cpuPeriod) {
            throw Fault(.invalid, "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")
        }
        if resources.cpuQuota > 0, resources.cpuQuota < 1000 { throw Fault(.invalid, "CPU cfs quota can not be less than 1ms (i.e. 1000)") }
        for (list, name, kind, path) in [
            (resources.cpusetCpus, "cpus", "CPUs", "/sys/devices/system/cpu/online"), (resources.cpusetMems, "mems", "memory nodes", "/sys/devices/system/node/online"),
        ] where !list.isEmpty {
            guard let wanted = Self.numbers(list) else { throw Fault(.invalid, "Invalid value \(list) for cpuset \(name)") }
            // A host that does not tell has the one.
            let text = ((try? FileSystem.readIfPresent(path, limit: 4096)) ?? nil).map { String(decoding: $0, as: UTF8.self).split(separator: "\n").joined() } ?? "0"
            guard Self.numbers(text)?.isSuperset(of: wanted) != false else {
                throw Fault(.invalid, "Requested \(kind) are not available - requested \(list), available: \(text)")
            }
        }
    }

    /// `0-2,7`: what cpuset(7) calls the list format. Numbers below 8192, as in Docker.
    private static func numbers(_ list: String) -> Set<Int>? {
        var result: Set<Int> = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, 0 <= first, first <= last, last < 8192 else { return nil }
            result.formUnion(first...last)
        }
        return result
    }

    private static func fullName(ofCapability name: String) -> String {
        let upper = name.uppercased()
        return upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_\(upper)"
    }

    private mutating func validateModes() throws(Fault) {
        if !["", "host"].contains(pidMode), !pidMode.hasPrefix("container:") { throw Fault(.invalid, "invalid PID mode: \(pidMode)") }
        if !["", "host", "private", "shareable", "none"].contains(ipcMode), !ipcMode.hasPrefix("container:") {
            throw Fault(.invalid, "invalid IPC mode: \(ipcMode)")
        }
        if !["", "host"].contains(utsMode) { throw Fault(.invalid, "invalid UTS mode: \(utsMode)") }
        if !["", "host", "private"].contains(cgroupnsMode) { throw Fault(.invalid, "invalid cgroup namespace mode: \(cgroupnsMode)") }
        if !["", "host"].contains(usernsMode) { throw Fault(.invalid, "invalid user namespace mode: \(usernsMode)") }
        if !(resources.deviceRequests ?? []).isEmpty {
            throw Fault(
                .invalid,
                "could not select device driver \"\(resources.deviceRequests?.first?.driver ?? "")\" with capabilities: \(resources.deviceRequests?.first?.capabilities ?? [])")
        }
        // Empty lists are wishes, none is not.
        if maskedPaths == nil, !privileged { maskedPaths = DefaultSpec.maskedPaths }
        if readonlyPaths == nil, !privileged { readonlyPaths = DefaultSpec.readonlyPaths }
    }

    private func validateRestartPolicy() throws(Fault) {
        switch restartPolicy.name {
        case "", "no", "always", "unless-stopped":
            if restartPolicy.maximumRetryCount != 0 {
                throw Fault(.invalid, "invalid restart policy: maximum retry count can only be used with 'on-failure'")
            }
        case "on-failure":
            if restartPolicy.maximumRetryCount < 0 { throw Fault(.invalid, "invalid restart policy: maximum retry count cannot be negative") }
        default: throw Fault(.invalid, "invalid restart policy: unknown policy '\(restartPolicy.name)'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'")
        }
        if autoRemove, !["", "no"].contains(restartPolicy.name) {
            throw Fault(.invalid, "can't create 'AutoRemove' container with restart policy")
        }
    }
}

extension LogConfig {
    /// Throws for drivers that are not there, and options that they do not have.
    func validate() throws(Fault) {
        guard ["json-file", "local", "none"].contains(type) else { throw Fault(.invalid, "error looking up logging plugin \(type): plugin \"\(type)\" not found") }
        _ = try LogOptions(self)
    }
}

/// getrlimit(2)'s names as `--ulimit` has them.
enum UlimitName {
    static func resource(_ name: String) -> String? {
        let known: Set<String> = [
            "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
        ]
        return known.contains(name) ? "RLIMIT_\(name.uppercased())" : nil
    }
}

/// `--security-opt`, taken apart.
struct SecurityOptions {
    var noNewPrivileges = false
    /// Nil is the default profile.
    var seccomp: String?
    var unconfinedPaths = false
    /// Nil is up to `--privileged`.
    var writableCgroups: Bool?

    init(_ options: [String], _ defaults: ContainerDefaults = ContainerDefaults()) throws(Fault) {
        noNewPrivileges = defaults.noNewPrivileges
        for option in options {
            if option == "no-new-privileges" {
                noNewPrivileges = true
                continue
            }
            if option == "writable-cgroups" {
                writableCgroups = true
                continue
            }
            guard let separator = option.firstIndex(where: { $0 == "=" || $0 == ":" }) else { throw Fault(.invalid, "invalid --security-opt 1: \"\(option)\"") }
            let value = String(option[option.index(after: separator)...])
            switch option[..<separator] {
            case "seccomp": seccomp = value
            case "no-new-privileges", "writable-cgroups":
                guard value == "true" || value == "false" else { throw Fault(.invalid, "invalid --security-opt 2: \"\(option)\"") }
                if option.hasPrefix("n") { noNewPrivileges = value == "true" } else { writableCgroups = value == "true" }
            case "systempaths":
                guard value == "unconfined" else { throw Fault(.invalid, "invalid --security-opt 2: \"\(option)\"") }
                unconfinedPaths = true
            // Without these modules in the kernel there is nothing to confine by.
            case "apparmor", "label": break
            default: throw Fault(.invalid, "invalid --security-opt 2: \"\(option)\"")
            }
        }
        if seccomp == nil { seccomp = try defaults.seccompProfile() }
    }
}
