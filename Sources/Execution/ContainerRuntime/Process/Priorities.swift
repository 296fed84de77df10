import Linux
package import OCI

/// What is asked of a process beyond its specification.
package struct ProcessExtras: Sendable {
    /// So many descriptors from 3 on are the program's.
    package var passedFiles = 0
    /// Its terminal gives lines out as the program ends them: `ONLCR` of termios(3) is off.
    package var keepsLines = false
    /// It keeps the session keyring of who starts it.
    package var keepsKeyring = false
    package var personality: LinuxPersonality?
    /// `SECCOMP_FILTER_FLAG_…` of seccomp(2).
    package var seccompFlags: UInt32 = 0

    package init() {}
}

extension ProcessSetup {
    private static let policies: [String: UInt32] = [
        "SCHED_OTHER": 0, "SCHED_FIFO": 1, "SCHED_RR": 2, "SCHED_BATCH": 3, "SCHED_ISO": 4, "SCHED_IDLE": 5, "SCHED_DEADLINE": 6,
    ]
    private static let schedulerFlags: [String: UInt64] = [
        "SCHED_FLAG_RESET_ON_FORK": 0x01, "SCHED_FLAG_RECLAIM": 0x02, "SCHED_FLAG_DL_OVERRUN": 0x04, "SCHED_FLAG_KEEP_POLICY": 0x08,
        "SCHED_FLAG_KEEP_PARAMS": 0x10, "SCHED_FLAG_UTIL_CLAMP_MIN": 0x20, "SCHED_FLAG_UTIL_CLAMP_MAX": 0x40,
    ]
    private static let ioClasses = ["IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3]

    /// How the kernel is to serve it.
    func setPriorities() throws(RuntimeError) {
        if let wanted = process.scheduler {
            var attributes = Scheduling.Attributes()
            guard let policy = Self.policies[wanted.policy] else { throw RuntimeError("invalid scheduler policy: \(wanted.policy)") }
            attributes.policy = policy
            for name in wanted.flags ?? [] {
                guard let flag = Self.schedulerFlags[name] else { throw RuntimeError("invalid scheduler flag: \(name)") }
                attributes.flags |= flag
            }
            attributes.nice = wanted.nice ?? 0
            attributes.priority = wanted.priority ?? 0
            attributes.runtime = wanted.runtime ?? 0
            attributes.deadline = wanted.deadline ?? 0
            attributes.period = wanted.period ?? 0
            try at("set scheduler") { () throws(SyscallError) in try Scheduling.set(attributes) }
        }
        if let wanted = process.ioPriority {
            guard let kind = Self.ioClasses[wanted.class] else { throw RuntimeError("invalid io priority class: \(wanted.class)") }
            guard (0...7).contains(wanted.priority) else { throw RuntimeError("io priority \(wanted.priority) is not between 0 and 7") }
            try at("set io priority") { () throws(SyscallError) in try Scheduling.setIOPriority(class: kind, level: wanted.priority) }
        }
        if let wanted = extras.personality {
            guard wanted.flags?.isEmpty ?? true else { throw RuntimeError("personality flags are not supported") }
            let values: [String: UInt] = ["LINUX": 0, "LINUX32": 8]
            guard let value = values[wanted.domain] else { throw RuntimeError("invalid personality domain \(wanted.domain)") }
            try at("set personality") { () throws(SyscallError) in try Scheduling.setPersonality(value) }
        }
    }

    /// All that the cgroup has, which the process must be in by now.
    func useAllProcessors() throws(RuntimeError) {
        try at("set processors") { () throws(SyscallError) in try Scheduling.useAllProcessors() }
    }

    /// A list such as `0-2,4`; nothing when there is none.
    func setProcessors(_ list: String?) throws(RuntimeError) {
        guard let list, !list.isEmpty else { return }
        var numbers: [Int] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first.flatMap(\.self), let last = ends.last.flatMap(\.self), 0 <= first, first <= last, last < 8192 else {
                throw RuntimeError("invalid list of processors: \(list)")
            }
            numbers += first...last
            guard numbers.count <= 8192 else { throw RuntimeError("invalid list of processors: \(list)") }
        }
        try at("set processors") { () throws(SyscallError) in try Scheduling.setProcessors(numbers) }
    }
}
