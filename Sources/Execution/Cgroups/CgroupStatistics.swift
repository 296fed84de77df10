import Linux

/// What a cgroup has used; times in nanoseconds, sizes in bytes. What the machine does not count is zero or empty.
package struct CgroupStatistics: Sendable, Hashable {
    /// Docker's JSON has other fields for each version.
    package var isVersion2 = false
    package var memory = Memory()
    package var cpu = CPU()
    package var pids = Pids()
    /// Bytes and operations, a device and direction each.
    package var ioBytes: [BlockIO] = []
    package var ioOperations: [BlockIO] = []

    package struct Memory: Sendable, Hashable {
        package var usage: UInt64 = 0
        package var maximumUsage: UInt64 = 0
        /// Nil when there is no limit.
        package var limit: UInt64?
        /// How often the limit was hit.
        package var failures: UInt64 = 0
        /// `memory.stat`, by the kernel's names.
        package var details: [String: UInt64] = [:]
    }

    package struct CPU: Sendable, Hashable {
        package var total: UInt64 = 0
        package var user: UInt64 = 0
        package var system: UInt64 = 0
        /// Version 1 only.
        package var perProcessor: [UInt64] = []
        package var periods: UInt64 = 0
        package var throttledPeriods: UInt64 = 0
        package var throttledTime: UInt64 = 0
    }

    package struct Pids: Sendable, Hashable {
        package var current: UInt64 = 0
        /// Nil when there is no limit.
        package var limit: UInt64?
    }

    package struct BlockIO: Sendable, Hashable {
        package var major: UInt64
        package var minor: UInt64
        /// `Read` or `Write`, and on version 1 `Sync`, `Async`, `Discard`, `Total`.
        package var operation: String
        package var value: UInt64
    }
}

extension Cgroup {
    /// What it has used until now. A tree that this cgroup is not in leaves its part empty; throws only when there is no such cgroup at all.
    package func statistics() throws -> CgroupStatistics {
        guard exists else { throw SyscallError("open", path, errno: .noEntry) }
        var result = CgroupStatistics()
        if let place = directory(of: .memory) {
            result.isVersion2 = place.isVersion2
            result.memory = place.isVersion2 ? memory2(place.path) : memory1(place.path)
        }
        if let place = directory(of: .cpuacct) {
            result.cpu = place.isVersion2 ? processor2(place.path) : processor1(place.path)
        }
        if let place = directory(of: .cpu), !place.isVersion2 {
            let values = values("\(place.path)/cpu.stat")
            result.cpu.periods = values["nr_periods"] ?? 0
            result.cpu.throttledPeriods = values["nr_throttled"] ?? 0
            result.cpu.throttledTime = values["throttled_time"] ?? 0
        }
        if let place = directory(of: .pids) {
            result.pids.current = number("\(place.path)/pids.current") ?? 0
            result.pids.limit = number("\(place.path)/pids.max")
        }
        if let place = directory(of: .blkio) {
            if place.isVersion2 {
                (result.ioBytes, result.ioOperations) = CgroupStatistics.blockIO(version2: text("\(place.path)/io.stat"))
            } else {
                result.ioBytes = CgroupStatistics.blockIO(version1: text("\(place.path)/blkio.throttle.io_service_bytes_recursive"))
                result.ioOperations = CgroupStatistics.blockIO(version1: text("\(place.path)/blkio.throttle.io_serviced_recursive"))
            }
        }
        return result
    }

    private func memory1(_ directory: String) -> CgroupStatistics.Memory {
        // The kernel's "no limit" is the largest multiple of the page size.
        let limit = number("\(directory)/memory.limit_in_bytes").flatMap { $0 >= 1 << 62 ? nil : $0 }
        return CgroupStatistics.Memory(
            usage: number("\(directory)/memory.usage_in_bytes") ?? 0, maximumUsage: number("\(directory)/memory.max_usage_in_bytes") ?? 0,
            limit: limit, failures: number("\(directory)/memory.failcnt") ?? 0, details: values("\(directory)/memory.stat"))
    }

    private func memory2(_ directory: String) -> CgroupStatistics.Memory {
        CgroupStatistics.Memory(
            usage: number("\(directory)/memory.current") ?? 0, maximumUsage: number("\(directory)/memory.peak") ?? 0,
            limit: number("\(directory)/memory.max"), failures: values("\(directory)/memory.events")["max"] ?? 0,
            details: values("\(directory)/memory.stat"))
    }

    private func processor1(_ directory: String) -> CgroupStatistics.CPU {
        var result = CgroupStatistics.CPU()
        result.total = number("\(directory)/cpuacct.usage") ?? 0
        result.user = number("\(directory)/cpuacct.usage_user") ?? 0
        result.system = number("\(directory)/cpuacct.usage_sys") ?? 0
        result.perProcessor = text("\(directory)/cpuacct.usage_percpu").split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
        return result
    }

    private func processor2(_ directory: String) -> CgroupStatistics.CPU {
        let values = values("\(directory)/cpu.stat")
        func nanoseconds(_ key: String) -> UInt64 { (values[key] ?? 0).multipliedReportingOverflow(by: 1000).partialValue }
        var result = CgroupStatistics.CPU()
        result.total = nanoseconds("usage_usec")
        result.user = nanoseconds("user_usec")
        result.system = nanoseconds("system_usec")
        result.periods = values["nr_periods"] ?? 0
        result.throttledPeriods = values["nr_throttled"] ?? 0
        result.throttledTime = nanoseconds("throttled_usec")
        return result
    }

    // A counter that cannot be read (not in this kernel, or its cgroup just went) is one that counts nothing.

    private func text(_ file: String) -> String { String(decoding: (try? FileSystem.read(file)) ?? [], as: UTF8.self) }

    /// Nil for `max` and for what is not a number.
    private func number(_ file: String) -> UInt64? { UInt64(text(file).prefix { !$0.isWhitespace }) }

    private func values(_ file: String) -> [String: UInt64] {
        Dictionary(((try? keyed(file)) ?? []).map { ($0.key, $0.value) }) { first, _ in first }
    }
}

extension CgroupStatistics {
    /// Lines `8:0 Read 4096`; the line with the sum of all devices is left out.
    static func blockIO(version1 text: String) -> [BlockIO] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let device = device(words[0]), let value = UInt64(words[2]) else { return nil }
            return BlockIO(major: device.major, minor: device.minor, operation: String(words[1]), value: value)
        }
    }

    /// Lines `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`.
    static func blockIO(version2 text: String) -> (bytes: [BlockIO], operations: [BlockIO]) {
        var bytes: [BlockIO] = [], operations: [BlockIO] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first, let device = device(first) else { continue }
            for word in words.dropFirst() {
                let pair = word.split(separator: "=")
                guard pair.count == 2, let value = UInt64(pair[1]) else { continue }
                func entry(_ operation: String) -> BlockIO { BlockIO(major: device.major, minor: device.minor, operation: operation, value: value) }
                switch pair[0] {
                case "rbytes": bytes.append(entry("Read"))
                case "wbytes": bytes.append(entry("Write"))
                case "rios": operations.append(entry("Read"))
                case "wios": operations.append(entry("Write"))
                default: continue
                }
            }
        }
        return (bytes, operations)
    }

    private static func device(_ text: Substring) -> (major: UInt64, minor: UInt64)? {
        let numbers = text.split(separator: ":")
        guard numbers.count == 2, let major = UInt64(numbers[0]), let minor = UInt64(numbers[1]) else { return nil }
        return (major, minor)
    }
}
