internal import Arguments
internal import DockerAPI
internal import Linux
internal import Values

/// `--mount type=bind,source=…,target=…`.
enum MountFlag {
    static func parse(_ text: String) throws -> Mount {
        let text = text.trimmed
        guard !text.isEmpty else { throw Invalid("value is empty") }
        var mount = Mount(type: "volume")
        for field in try commaSeparated(text) {
            let (name, value) = field.cut("=") ?? (field, "")
            let hasValue = field.contains("=")
            if name.trimmed != name { throw Invalid("invalid option '\(name.trimmed)' in '\(field)': option should not have whitespace") }
            if hasValue, value.trimmed.isEmpty { throw Invalid("invalid value for '\(name)': value is empty") }
            if hasValue, value.trimmed != value { throw Invalid("invalid value for '\(name)' in '\(field)': value should not have whitespace") }
            let key = name.lowercased()
            if !hasValue, !["readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src"].contains(key) {
                throw Invalid("invalid field '\(field)' must be a key=value pair")
            }
            func flag() throws -> Bool {
                guard hasValue else { return true }
                switch value {
                case "true", "1": return true
                case "false", "0": return false
                default:
                    throw Invalid(
                        "invalid value for '\(key)': invalid boolean value (\(Syntax.quoted(value))): must be one of \"true\", \"1\", \"false\", or \"0\" (default \"true\")")
                }
            }
            try set(key, value, field, &mount, flag)
        }
        try check(mount)
        return mount
    }

    /// Whether it has `bind-nonrecursive`, the old word for `bind-recursive=disabled`, with a value: without one Docker says nothing.
    static func isOutdated(_ text: String) throws -> Bool {
        try commaSeparated(text.trimmed).contains { $0.cut("=")?.0.lowercased() == "bind-nonrecursive" }
    }

    /// Docker Desktop's path of the user's ssh-agent stands for that agent here too, where the host has no such file.
    private static func agentSocket(for path: String) -> String? {
        guard path == "/run/host-services/ssh-auth.sock", !FileSystem.exists(path), let own = Environment.value("SSH_AUTH_SOCK"), !own.isEmpty else { return nil }
        return own
    }

    private static func set(_ key: String, _ value: String, _ field: String, _ mount: inout Mount, _ flag: () throws -> Bool) throws {
        switch key {
        case "type": mount.type = value.lowercased()
        case "source", "src": mount.source = value.first == "." ? try absolutePath(value) : agentSocket(for: value) ?? value
        case "target", "dst", "destination": mount.target = value
        case "readonly", "ro": mount.readOnly = try flag()
        case "consistency": mount.consistency = value.lowercased()
        case "bind-propagation": mount.bindOptions = mount.bindOptions ?? BindOptions(); mount.bindOptions?.propagation = value.lowercased()
        case "bind-nonrecursive": mount.bindOptions = mount.bindOptions ?? BindOptions(); mount.bindOptions?.nonRecursive = try flag()
        case "bind-create-src": mount.bindOptions = mount.bindOptions ?? BindOptions(); mount.bindOptions?.createMountpoint = try flag()
        case "bind-recursive":
            if value == "enabled" { return }
            mount.bindOptions = mount.bindOptions ?? BindOptions()
            switch value {
            case "disabled": mount.bindOptions?.nonRecursive = true
            case "writable": mount.bindOptions?.readOnlyNonRecursive = true
            case "readonly": mount.bindOptions?.readOnlyForceRecursive = true
            default: throw Invalid("invalid value for \(key): \(value) (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")")
            }
        case "volume-subpath": mount.volumeOptions = mount.volumeOptions ?? VolumeOptions(); mount.volumeOptions?.subpath = value
        case "volume-nocopy": mount.volumeOptions = mount.volumeOptions ?? VolumeOptions(); mount.volumeOptions?.noCopy = try flag()
        case "volume-label":
            var options = mount.volumeOptions ?? VolumeOptions()
            let (name, text) = value.cut("=") ?? (value, "")
            options.labels = (options.labels ?? [:]).merging([name: text]) { $1 }
            mount.volumeOptions = options
        case "volume-driver", "volume-opt":
            var driver = mount.volumeOptions?.driverConfig ?? VolumeDriverConfig()
            if key == "volume-driver" {
                driver.name = value
            } else {
                let (name, text) = value.cut("=") ?? (value, "")
                driver.options = (driver.options ?? [:]).merging([name: text]) { $1 }
            }
            mount.volumeOptions = mount.volumeOptions ?? VolumeOptions()
            mount.volumeOptions?.driverConfig = driver
        case "image-subpath": mount.imageOptions = ImageOptions(subpath: value)
        case "tmpfs-size":
            guard let size = Syntax.bytes(value) else { throw Invalid("invalid value for \(key): \(value)") }
            mount.tmpfsOptions = mount.tmpfsOptions ?? TmpfsOptions()
            mount.tmpfsOptions?.sizeBytes = size
        case "tmpfs-mode":
            guard let mode = UInt32(value, radix: 8) else { throw Invalid("invalid value for \(key): \(value)") }
            mount.tmpfsOptions = mount.tmpfsOptions ?? TmpfsOptions()
            mount.tmpfsOptions?.mode = Int(mode)
        default: throw Invalid("unknown option '\(key)' in '\(field)'")
        }
    }

    private static func check(_ mount: Mount) throws {
        if mount.type.isEmpty { throw Invalid("type is required") }
        if mount.target.isEmpty { throw Invalid("target is required") }
        func only(_ type: String, _ isGiven: Bool, _ option: String) throws {
            if isGiven, mount.type != type { throw Invalid("cannot mix '\(option)' options with mount type '\(mount.type)'") }
        }
        try only("bind", mount.bindOptions != nil, "bind-*")
        try only("volume", mount.volumeOptions != nil, "volume-*")
        try only("image", mount.imageOptions != nil, "image-*")
        try only("tmpfs", mount.tmpfsOptions != nil, "tmpfs-*")
        guard let options = mount.bindOptions else { return }
        let word = options.readOnlyForceRecursive ? "readonly" : options.readOnlyNonRecursive ? "writable" : ""
        if !word.isEmpty, !mount.readOnly { throw Invalid("option 'bind-recursive=\(word)' requires 'readonly' to be specified in conjunction") }
        if word == "readonly", options.propagation != "rprivate" {
            throw Invalid("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction")
        }
    }

    /// The fields of one line of CSV, quotes and all; errors are encoding/csv's.
    static func commaSeparated(_ text: String) throws -> [String] {
        func wrong(_ rest: Substring, _ why: String) -> Invalid {
            Invalid("parse error on line 1, column \(text.utf8.count - rest.utf8.count): \(why) in \(why.hasPrefix("bare") ? "non-" : "")quoted-field")
        }
        let odd = #"extraneous or missing ""#
        var fields: [String] = [], field = "", isQuoted = false, isClosed = false
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if isQuoted {
                if character != "\"" {
                    field.append(character)
                } else if rest.first == "\"" {
                    field.append("\"")
                    rest.removeFirst()
                } else {
                    (isQuoted, isClosed) = (false, true)
                    if let next = rest.first, next != "," { throw wrong(rest, odd) }
                }
            } else if character == "\"" {
                guard field.isEmpty, !isClosed else { throw wrong(rest, #"bare ""#) }
                isQuoted = true
            } else if character == "," {
                fields.append(field)
                (field, isClosed) = ("", false)
            } else {
                field.append(character)
            }
        }
        if isQuoted { throw Invalid("parse error on line 1, column \(text.utf8.count + 1): \(odd) in quoted-field") }
        return fields + [field]
    }

    /// `path` from this process's working directory, without `.` and `..`.
    static func absolutePath(_ path: String) throws -> String {
        let whole = path.hasPrefix("/") ? path : try FileSystem.workingDirectory() + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// `-v [source:]target[:options]`.
enum VolumeFlag {
    enum Parsed: Hashable {
        /// Only a path in the container.
        case anonymous(String)
        /// Ready for the engine: relative sources made absolute.
        case bind(String)
    }

    static func parse(_ text: String) throws -> Parsed {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if text.isEmpty { throw Invalid("invalid empty volume spec") }
        if parts.count == 1 || text.utf8.count <= 2 { return .anonymous(text) }
        if parts.contains(where: \.isEmpty) { throw Invalid("invalid spec: \(text): empty section between colons") }
        // A letter alone is a drive of Windows to Docker, and its colon part of a path.
        let drives = parts.dropLast().filter { $0.count == 1 && $0.allSatisfy(\.isLetter) }.count
        if parts.count - drives > 3 { throw Invalid("invalid spec: \(text): too many colons") }
        guard parts[0].first == "." else { return .bind(text) }
        return .bind(([try MountFlag.absolutePath(String(parts[0]))] + parts.dropFirst().map(String.init)).joined(separator: ":"))
    }
}
