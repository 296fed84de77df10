package import Diagnostics
internal import JSON

/// Where steps of builds are kept outside of this engine, as `--cache-from` and `--cache-to` say.
package struct CachePlace: Sendable, Hashable {
    package var type: String
    package var attributes: [String: String]

    /// Throws for a kind that is not there.
    package init(type: String, attributes: [String: String]) throws(Fault) {
        guard ["registry", "local", "inline"].contains(type) else {
            throw Fault(.invalid, "caches of type \(type) are not supported: there are registry, local and inline")
        }
        if type == "registry", attributes["ref"] ?? "" == "" { throw Fault(.invalid, "ref not set for registry cache") }
        (self.type, self.attributes) = (type, attributes)
    }

    /// `type=registry,ref=a/b:c`, or `a/b:c` alone.
    package init(_ text: String) throws(Fault) {
        guard text.contains("=") else {
            try self.init(type: "registry", attributes: ["ref": text])
            return
        }
        var fields: [String: String] = [:]
        for field in text.split(separator: ",") {
            guard let equals = field.firstIndex(of: "=") else { throw Fault(.invalid, "invalid value \(field)") }
            fields[field[..<equals].lowercased()] = String(field[field.index(after: equals)...])
        }
        guard let type = fields.removeValue(forKey: "type") else { throw Fault(.invalid, "type required form> \"\(text)\"") }
        try self.init(type: type, attributes: fields)
    }

    /// `[{"Type": "registry", "Attrs": {"ref": "…"}}]`, as clients of BuildKit say it.
    package static func list(_ text: String) throws -> [CachePlace] {
        guard case .array(let list) = try JSONValue(parsing: Array(text.utf8)) else { throw Fault(.invalid, "invalid cache-imports") }
        return try list.map { item throws in
            var attributes: [String: String] = [:]
            for member in item["Attrs"]?.object?.members ?? [] { attributes[member.name] = member.value.string ?? "" }
            return try CachePlace(type: item["Type"]?.string ?? "", attributes: attributes)
        }
    }

    /// As progress has it.
    var name: String { type == "registry" ? attributes["ref"] ?? "" : "\(type):\(attributes["digest"] ?? attributes["src"] ?? "")" }
    /// Steps of all stages go there, not only those of the last one.
    var isWhole: Bool { attributes["mode"] == "max" }
}
