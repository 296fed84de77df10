internal import Arguments
internal import DockerAPI
internal import Linux
internal import Values

/// `--device`, `--ulimit` and the limits of single block devices.
enum DeviceFlags {
    /// `path[:path in the container][:permissions]`.
    static func device(_ text: String) throws -> DeviceMapping {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3 else { throw Invalid("bad format for path: \(text)") }
        var mapping = DeviceMapping(pathOnHost: parts[0], cgroupPermissions: "rwm")
        if parts.count == 3 {
            guard isMode(parts[2]) else { throw Invalid("bad mode specified: \(parts[2])") }
            mapping.pathInContainer = parts[1]
            mapping.cgroupPermissions = parts[2]
        } else if parts.count == 2 {
            if isMode(parts[1]) { mapping.cgroupPermissions = parts[1] } else { mapping.pathInContainer = parts[1] }
        }
        if mapping.pathInContainer.isEmpty { mapping.pathInContainer = mapping.pathOnHost }
        guard mapping.pathInContainer.hasPrefix("/") else { throw Invalid("\(mapping.pathInContainer) is not an absolute path") }
        return mapping
    }

    private static func isMode(_ text: String) -> Bool {
        !text.isEmpty && Set(text).count == text.count && text.allSatisfy { "rwm".contains($0) }
    }

    /// `name=soft[:hard]`.
    static func ulimit(_ text: String) throws -> Ulimit {
        guard let (name, values) = text.cut("=") else { throw Invalid("invalid ulimit argument: \(text)") }
        guard resources.contains(name) else { throw Invalid("invalid ulimit type: \(name)") }
        let parts = values.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw Invalid("too many limit value arguments - \(values), can only have up to two, `soft[:hard]`") }
        var numbers: [Int] = []
        for part in parts {
            guard let number = Int(part) else { throw Invalid("strconv.ParseInt: parsing \(Syntax.quoted(String(part))): invalid syntax") }
            numbers.append(number)
        }
        let soft = numbers[0], hard = numbers.count > 1 ? numbers[1] : soft
        if soft > hard, hard != -1 || soft == -1 && hard != -1 { throw Invalid("ulimit soft limit must be less than or equal to hard limit: \(soft) > \(hard)") }
        if soft == -1, hard != -1 { throw Invalid("ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: \(hard)") }
        return Ulimit(name: name, hard: hard, soft: soft)
    }

    private static let resources: Set = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ]

    /// `path:weight`.
    static func weight(_ text: String) throws -> WeightDevice {
        guard let (path, number) = text.cut(":"), !path.isEmpty else { throw Invalid("bad format: \(text)") }
        guard path.hasPrefix("/dev/") else { throw Invalid("bad format for device path: \(text)") }
        guard let weight = Int(number), weight == 0 || (10...1000).contains(weight) else { throw Invalid("invalid weight for device: \(text)") }
        return WeightDevice(path: path, weight: weight)
    }

    /// `path:number[unit]`.
    static func rate(_ text: String, inBytes: Bool) throws -> ThrottleDevice {
        guard let (path, number) = text.cut(":"), !path.isEmpty else { throw Invalid("bad format: \(text)") }
        guard path.hasPrefix("/dev/") else { throw Invalid("bad format for device path: \(text)") }
        guard let rate = inBytes ? Syntax.bytes(number) : Int(number), rate >= 0 else {
            let unit = inBytes ? "[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb" : ". Number must be a positive integer"
            throw Invalid("invalid rate for device: \(text). The correct format is <device-path>:<number>\(unit)")
        }
        return ThrottleDevice(path: path, rate: UInt64(rate))
    }
}
