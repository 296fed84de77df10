package import JSON

/// `process.scheduler`: sched_setattr(2) for the first process.
package struct RuntimeScheduler: JSONRecord, Sendable, Hashable {
    /// `SCHED_OTHER`, `SCHED_FIFO`, …
    package var policy: String = ""
    package var nice: Int32?
    package var priority: UInt32?
    /// `SCHED_FLAG_…`
    package var flags: [String]?
    /// Nanoseconds, as are `deadline` and `period`.
    package var runtime: UInt64?
    package var deadline: UInt64?
    package var period: UInt64?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("policy", &policy, .required)
        try m("nice", &nice, .unlessNil)
        try m("priority", &priority, .unlessNil)
        try m("flags", &flags, .unlessNil)
        try m("runtime", &runtime, .unlessNil)
        try m("deadline", &deadline, .unlessNil)
        try m("period", &period, .unlessNil)
    }
}

/// `process.ioPriority`: ioprio_set(2).
package struct RuntimeIOPriority: JSONRecord, Sendable, Hashable {
    /// `IOPRIO_CLASS_RT`, `IOPRIO_CLASS_BE` or `IOPRIO_CLASS_IDLE`.
    package var `class`: String = ""
    /// 0 to 7, 0 being the first to be served.
    package var priority: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("class", &`class`, .required)
        try m("priority", &priority)
    }
}

/// `process.execCPUAffinity`: the processors of a process that joins the container, before and after it is in the container's cgroup. Lists
/// of numbers and ranges, such as `0-2,4`.
package struct RuntimeCPUAffinity: JSONRecord, Sendable, Hashable {
    package var initial: String?
    package var final: String?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("initial", &initial, .unlessNil)
        try m("final", &final, .unlessNil)
    }
}
