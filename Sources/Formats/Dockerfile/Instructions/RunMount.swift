/// `RUN --mount=…`.
package struct RunMount: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable { case bind, cache, tmpfs, secret, ssh }
    package enum Sharing: String, Sendable { case shared, `private`, locked }

    private static let keys = [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid", "src", "dst", "destination", "ro", "rw", "readwrite", "env",
    ]

    package var kind = Kind.bind
    /// Empty for a secret or socket in its usual place, or only in a variable.
    package var target = ""
    package var source = ""
    package var from: String?
    package var id = ""
    package var isReadOnly = false
    package var sharing = Sharing.shared
    package var isRequired = false
    package var mode: UInt32?
    package var user: UInt32?
    package var group: UInt32?
    /// Bytes; 0 is without limit.
    package var size: Int64 = 0
    /// The variable that a secret is given in.
    package var variable: String?

    /// Reads `type=…,target=…`. Throws BuildKit's words.
    init(_ text: String) throws(DockerfileError) {
        var isWritable: Bool?
        var hasTarget = false
        let fields = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for field in fields where field.hasPrefix("type=") {
            guard let kind = Kind(rawValue: String(field.dropFirst(5)).lowercased()) else {
                throw DockerfileError("unsupported mount type \(Words.quoted(String(field.dropFirst(5))))")
            }
            self.kind = kind
        }
        for field in fields {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let key = parts[0].lowercased()
            guard parts.count == 2 else {
                switch key {
                case "readonly", "ro": isWritable = false
                case "readwrite", "rw": isWritable = true
                case "required" where kind == .secret || kind == .ssh: isRequired = true
                default: throw DockerfileError("invalid field '\(field)' must be a key=value pair")
                }
                continue
            }
            let value = parts[1]
            func flag() throws(DockerfileError) -> Bool {
                switch value.lowercased() {
                case "true", "1", "t": return true
                case "false", "0", "f": return false
                default: throw DockerfileError("invalid value for \(key): \(value)")
                }
            }
            func number(_ radix: Int = 10) throws(DockerfileError) -> UInt32 {
                guard let number = UInt32(value, radix: radix) else { throw DockerfileError("invalid value \(value) for \(key)") }
                return number
            }
            switch key {
            case "type": break
            case "from": from = value
            case "source", "src": source = value
            case "target", "dst", "destination":
                target = value
                hasTarget = true
            case "readonly", "ro": isWritable = try !flag()
            case "readwrite", "rw": isWritable = try flag()
            case "id": id = value
            case "sharing":
                guard let sharing = Sharing(rawValue: value.lowercased()) else { throw DockerfileError("unsupported sharing value \(Words.quoted(value))") }
                self.sharing = sharing
            case "required": isRequired = try flag()
            case "mode": mode = try number(8)
            case "uid": user = try number()
            case "gid": group = try number()
            case "size":
                guard let size = Self.bytes(value) else { throw DockerfileError("invalid value for size: \(value)") }
                self.size = size
            case "env" where kind == .secret: variable = value
            default: throw DockerfileError("unexpected key '\(key)' in '\(field)'" + Checker.suggestion(key, among: Self.keys))
            }
        }
        isReadOnly = isWritable.map { !$0 } ?? (kind == .bind)
        if kind == .secret || kind == .ssh {
            if from != nil { throw DockerfileError("cannot mount \(kind.rawValue) with from") }
            if isWritable == true { throw DockerfileError("cannot mount \(kind.rawValue) writable") }
        } else if !hasTarget || target.isEmpty {
            throw DockerfileError("must specify a target for \(kind.rawValue) mount")
        }
        if kind == .tmpfs, !source.isEmpty || from != nil { throw DockerfileError("cannot mount tmpfs with \(from == nil ? "source" : "from")") }
        if kind == .secret, id.isEmpty, target.isEmpty, source.isEmpty { throw DockerfileError("invalid secret mount. one of source, target required") }
    }

    mutating func expand(_ word: (String) throws(DockerfileError) -> String) throws(DockerfileError) {
        target = try word(target)
        source = try word(source)
        id = try word(id)
    }

    /// `64m`, a number of bytes with a unit; nil for what is none.
    private static func bytes(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units: [String: Int64] = ["": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30, "gb": 1 << 30, "t": 1 << 40, "tb": 1 << 40]
        guard let number = Int64(digits), let unit = units[text.dropFirst(digits.count).lowercased()] else { return nil }
        let (size, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : size
    }
}
