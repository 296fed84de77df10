internal import Diagnostics
internal import DockerAPI
internal import Linux
internal import OCI
internal import Values

/// `HEALTHCHECK NONE` and `HEALTHCHECK [--interval=…] CMD …`.
enum HealthChange {
    static func isSignal(_ text: String) -> Bool { Signal.number(text) != nil }

    static func parse(_ text: String) throws(Fault) -> OCI.HealthConfig {
        var result = OCI.HealthConfig()
        var rest = text[...]
        while rest.hasPrefix("--") {
            let flag = rest.prefix { !$0.isWhitespace }
            rest = rest.dropFirst(flag.count).drop(while: \.isWhitespace)
            let parts = flag.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Fault(.invalid, "Missing a value on flag: \(parts.first ?? "")") }
            switch parts[0] {
            case "interval": result.interval = try duration(parts)
            case "timeout": result.timeout = try duration(parts)
            case "start-period": result.startPeriod = try duration(parts)
            case "start-interval": result.startInterval = try duration(parts)
            case "retries":
                guard let count = Int(parts[1]), count >= 0, count <= 1 << 30 else { throw Fault(.invalid, "--retries must be at least 0 (not \(parts[1]))") }
                result.retries = count
            default: throw Fault(.invalid, "Unknown flag: \(parts[0])")
            }
        }
        let type = rest.prefix { !$0.isWhitespace }.uppercased()
        let command = String(rest.dropFirst(type.count).drop(while: \.isWhitespace))
        switch type {
        case "NONE":
            guard command.isEmpty else { throw Fault(.invalid, "HEALTHCHECK NONE takes no arguments") }
            result.test = ["NONE"]
        case "CMD":
            guard !command.isEmpty else { throw Fault(.invalid, "Missing command after HEALTHCHECK CMD") }
            if let words = ChangeWords.json(command) { result.test = ["CMD"] + words } else { result.test = ["CMD-SHELL", command] }
        default: throw Fault(.invalid, "Unknown type \"\(type)\" in HEALTHCHECK (try CMD)")
        }
        return result
    }

    /// At least a millisecond, or 0 for the default.
    private static func duration(_ flag: [String]) throws(Fault) -> Int64 {
        // The moment that long after 1970 is the duration.
        guard flag[1].last?.isLetter == true, flag[1].first != "-", let past = Timestamp(filter: flag[1], now: Timestamp(nanoseconds: 0)) else {
            throw Fault(.invalid, "time: invalid duration \"\(flag[1])\"")
        }
        let value = -past.nanoseconds
        guard value == 0 || value >= 1_000_000 else { throw Fault(.invalid, "Interval \"\(flag[0])\" cannot be less than 1ms") }
        return value
    }
}

/// What `EXPOSE` names: `80`, `53/udp`, `8000-8010/tcp`.
enum ExposedPort {
    static func all(_ text: String) throws(Fault) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let kind = parts.count > 1 ? parts[1].lowercased() : "tcp"
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count <= 2, ["tcp", "udp", "sctp"].contains(kind), (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
            first <= last
        else { throw Fault(.invalid, "invalid containerPort: \(text)") }
        return (first...last).map { "\($0)/\(kind)" }
    }
}
