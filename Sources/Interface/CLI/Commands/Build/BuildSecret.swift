internal import Linux
internal import Values

/// `--secret id=…[,src=file|env=variable]`.
struct BuildSecret {
    /// Bytes of one secret, as BuildKit has it.
    private static let limit = 500 << 10

    private(set) var id = ""
    private var file: String?
    private var variable: String?

    /// Throws buildx's words.
    init(_ text: String) throws {
        var type: String?
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let (key, value) = String(field).cut("=") else { throw Exit(1, "ERROR: invalid field \(field) must be a key=value pair") }
            switch key.lowercased() {
            case "id": id = value
            case "src", "source": file = value
            case "env": variable = value
            case "type": type = value
            default: throw Exit(1, "ERROR: unexpected key '\(key)' in '\(field)'")
            }
        }
        guard !id.isEmpty else { throw Exit(1, "ERROR: secret missing id") }
        // Without a word where it is, the variable of that name wins.
        if type == "env" { (variable, file) = (variable ?? file ?? id, nil) }
        if variable == nil, file == nil { if type != "file", Environment.value(id) != nil { variable = id } else { file = id } }
    }

    func value() throws -> [UInt8] {
        if let variable { return Array((Environment.value(variable) ?? "").utf8) }
        let path = file ?? id
        do throws(SyscallError) { return try FileSystem.read(path, limit: Self.limit) } catch {
            throw Exit(1, "ERROR: failed to stat \(path): stat \(path): \(error.errno)")
        }
    }
}
