internal import Arguments
internal import Values

/// Why a value cannot be used, in Docker's words.
struct Invalid: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Checks that Docker makes while it reads flags; nil means that the value is good.
enum Problems {
    /// Turns a parser that throws into a check.
    static func text(_ parse: @escaping @Sendable (String) throws -> some Any) -> @Sendable (String) -> String? {
        { value in
            do {
                _ = try parse(value)
                return nil
            } catch { return "\(error)" }
        }
    }

    @Sendable static func attach(_ value: String) -> String? {
        ["stdin", "stdout", "stderr"].contains(value.lowercased()) ? nil : "valid streams are STDIN, STDOUT and STDERR"
    }

    @Sendable static func env(_ value: String) -> String? {
        value.isEmpty || value.first == "=" ? "invalid environment variable: \(value)" : nil
    }

    @Sendable static func label(_ value: String) -> String? {
        let name = value.cut("=")?.0 ?? value
        if name.trimmed.isEmpty { return "invalid label '\(value)': empty name" }
        return name.contains(where: \.isWhitespace) ? "label '\(name)' contains whitespaces" : nil
    }

    @Sendable static func sysctl(_ value: String) -> String? {
        let known: Set = [
            "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni",
            "kernel.shm_rmid_forced",
        ]
        let name = value.cut("=")?.0
        if let name, known.contains(name) || name.hasPrefix("net.") || name.hasPrefix("fs.mqueue.") { return nil }
        return "sysctl '\(value)' is not allowed"
    }

    @Sendable static func extraHost(_ value: String) -> String? {
        do throws(Invalid) {
            _ = try HostFlag.parse(value)
            return nil
        } catch { return "\(error)" }
    }

    @Sendable static func address(_ value: String) -> String? {
        IPAddress(value.trimmed) != nil ? nil : "IP address is not correctly formatted: \(value)"
    }

    @Sendable static func searchDomain(_ value: String) -> String? {
        if value.trimmed == "." { return nil }
        let labels = (value.trimmed.hasSuffix(".") ? String(value.trimmed.dropLast()) : value.trimmed).split(separator: ".", omittingEmptySubsequences: false)
        let isDomain = labels.allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-" && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
        return isDomain && value.utf8.count < 255 ? nil : "\(value) is not a valid domain"
    }

    @Sendable static func link(_ value: String) -> String? {
        if value.isEmpty { return "empty string specified for links" }
        return value.split(separator: ":", omittingEmptySubsequences: false).count > 2 ? "bad format for links: \(value)" : nil
    }

    @Sendable static func cpus(_ value: String) -> String? {
        if Syntax.nanoCPUs(value) != nil { return nil }
        let isNumber = Double(value) != nil
        return isNumber ? "value is too precise" : "failed to parse \(value) as a rational number"
    }

    /// `a 1:3 mr`.
    @Sendable static func deviceRule(_ value: String) -> String? {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        let wrong = "invalid device cgroup format '\(value)'"
        guard parts.count == 3, ["a", "b", "c"].contains(parts[0]), let (major, minor) = parts[1].cut(":") else { return wrong }
        let numbers = [major, minor].allSatisfy { $0 == "*" || (!$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) }) }
        return numbers && (1...3).contains(parts[2].count) && parts[2].allSatisfy { "rwm".contains($0) } ? nil : wrong
    }

    /// Whether `text` is six or eight bytes in hexadecimal with `:` or `-` between them.
    static func isHardwareAddress(_ text: String) -> Bool {
        let parts = text.split(whereSeparator: { $0 == ":" || $0 == "-" })
        return (parts.count == 6 || parts.count == 8) && parts.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
    }
}
