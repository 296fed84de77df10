internal import CLinux

/// Calls that say how a process is served by the kernel: its priority, its processors, its personality. All are for the calling thread and
/// what it starts.
package enum Scheduling {
    /// sched(7): the fields of `struct sched_attr`. Times are nanoseconds.
    package struct Attributes: Sendable {
        package var policy: UInt32 = 0
        package var flags: UInt64 = 0
        package var nice: Int32 = 0
        package var priority: UInt32 = 0
        package var runtime: UInt64 = 0
        package var deadline: UInt64 = 0
        package var period: UInt64 = 0

        package init() {}
    }

    /// sched_setattr(2). Least kernel 3.14.
    package static func set(_ attributes: Attributes) throws(SyscallError) {
        // Policy and flags, nice and priority share a word of 64 bits each; the size tells the kernel which version of the struct this is.
        let low = UInt64(48) | UInt64(attributes.policy) << 32
        let middle = UInt64(UInt32(bitPattern: attributes.nice)) | UInt64(attributes.priority) << 32
        let words = [low, attributes.flags, middle, attributes.runtime, attributes.deadline, attributes.period]
        if clinux_sched_setattr(0, words) != 0 { throw SyscallError("sched_setattr") }
    }

    /// ioprio_set(2): the class is 1 (real time), 2 (best effort) or 3 (idle), the level 0 to 7.
    package static func setIOPriority(class: Int, level: Int) throws(SyscallError) {
        if clinux_ioprio_set(CInt(truncatingIfNeeded: `class` << 13 | level)) != 0 { throw SyscallError("ioprio_set") }
    }

    /// sched_setaffinity(2): the processors to run on, by their numbers, which must be below 8192.
    package static func setProcessors(_ numbers: [Int]) throws(SyscallError) {
        var mask = [UInt64](repeating: 0, count: 128)
        for number in numbers {
            guard (0..<8192).contains(number) else { throw SyscallError("sched_setaffinity", "processor \(number)", errno: .invalid) }
            mask[number / 64] |= 1 << UInt64(number % 64)
        }
        if clinux_sched_setaffinity(mask.count * 8, mask) != 0 { throw SyscallError("sched_setaffinity") }
    }

    /// Every processor that the cgroup allows, whichever ones whoever started this process had to do with.
    package static func useAllProcessors() throws(SyscallError) {
        let mask = [UInt64](repeating: .max, count: 128)
        if clinux_sched_setaffinity(mask.count * 8, mask) != 0 { throw SyscallError("sched_setaffinity") }
    }

    /// personality(2).
    package static func setPersonality(_ value: UInt) throws(SyscallError) {
        if clinux_personality(value) < 0 { throw SyscallError("personality") }
    }
}
