internal import Arguments
internal import JSON

/// One context, as `meta.json` tells of it: a name for an engine and the way there.
struct EngineContext: Sendable, Equatable {
    /// Where Docker's engine is, without the keys to it. An empty host stands for the program's own choice.
    struct Endpoint: Sendable, Equatable {
        var host = ""
        var skipsVerification = false
    }

    /// The name of the built-in one.
    static let builtIn = "default"
    /// The largest `meta.json`, and the largest archive of a context, in bytes.
    static let limit = 10 << 20

    var name: String
    var description = ""
    /// What else other programs keep in it, and endpoints of other kinds: both stay as they are.
    var fields = JSONObject()
    var others = JSONObject()
    /// Nil where there is none for Docker.
    var endpoint: Endpoint?

    init(name: String, description: String = "", endpoint: Endpoint?) {
        (self.name, self.description, self.endpoint) = (name, description, endpoint)
    }

    /// Reads a `meta.json`. As in Go, members may be spelt in any case and be missing.
    init(parsing bytes: [UInt8]) throws {
        let value = try JSONValue(parsing: bytes)
        guard let object = value.object else { throw Invalid("it is no JSON object") }
        name = try Self.text(object, "Name")
        for (key, value) in try Self.members(object, "Metadata") {
            if key != "Description" {
                fields[key] = value
            } else if let text = value.string {
                description = text
            } else {
                throw Invalid("Metadata.Description is no string")
            }
        }
        for (key, value) in try Self.members(object, "Endpoints") {
            guard key == "docker" else {
                others[key] = value
                continue
            }
            if value.isNull { continue }
            guard let endpoint = value.object else { throw Invalid("Endpoints.docker is no object") }
            let skips = Self.member(endpoint, "SkipTLSVerify") ?? .bool(false)
            guard let skips = skips.isNull ? false : skips.bool else { throw Invalid("Endpoints.docker.SkipTLSVerify is no boolean") }
            self.endpoint = Endpoint(host: try Self.text(endpoint, "Host"), skipsVerification: skips)
        }
    }

    private static func member(_ object: JSONObject, _ name: String) -> JSONValue? {
        object[name] ?? object.members.last { $0.name.lowercased() == name.lowercased() }?.value
    }

    private static func text(_ object: JSONObject, _ name: String) throws -> String {
        guard let value = member(object, name), !value.isNull else { return "" }
        guard let text = value.string else { throw Invalid("\(name) is no string") }
        return text
    }

    private static func members(_ object: JSONObject, _ name: String) throws -> [(String, JSONValue)] {
        guard let value = member(object, name), !value.isNull else { return [] }
        guard let object = value.object else { throw Invalid("\(name) is no object") }
        return object.members.map { ($0.name, $0.value) }
    }

    /// As Docker writes it: maps in the order of their keys.
    var document: JSONObject {
        var metadata = fields, endpoints = others
        if !description.isEmpty { metadata["Description"] = .string(description) }
        if let endpoint {
            var object: JSONObject = endpoint.host.isEmpty ? [:] : ["Host": .string(endpoint.host)]
            object.append("SkipTLSVerify", .bool(endpoint.skipsVerification))
            endpoints["docker"] = .object(object)
        }
        var document: JSONObject = ["Name": .string(name), "Metadata": Self.sorted(.object(metadata))]
        if !endpoints.members.isEmpty { document.append("Endpoints", Self.sorted(.object(endpoints))) }
        return document
    }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var result = JSONObject()
            for name in Set(object.members.map(\.name)).sorted() { result.append(name, sorted(object[name] ?? .null)) }
            return .object(result)
        case .array(let items): return .array(items.map(sorted))
        default: return value
        }
    }

    /// What `meta.json` holds.
    var bytes: [UInt8] { JSONValue.object(document).compact.escapedForHTML }

    /// Throws in Docker's words for a name that none can be given.
    static func check(_ name: String) throws {
        if name.isEmpty { throw Invalid("context name cannot be empty") }
        if name == builtIn { throw Invalid("\"default\" is a reserved context name") }
        guard name.wholeMatch(of: #/[a-zA-Z0-9][a-zA-Z0-9_.+\-]+/#) != nil else {
            throw Invalid("context name \(Syntax.quoted(name)) is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"")
        }
    }
}

extension [UInt8] {
    /// JSON as Go's `json.Marshal` writes it: `<`, `>` and `&`, which stand in strings alone, by their numbers.
    var escapedForHTML: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for byte in self {
            switch byte {
            case UInt8(ascii: "<"): result += "\\u003c".utf8
            case UInt8(ascii: ">"): result += "\\u003e".utf8
            case UInt8(ascii: "&"): result += "\\u0026".utf8
            default: result.append(byte)
            }
        }
        return result
    }
}
