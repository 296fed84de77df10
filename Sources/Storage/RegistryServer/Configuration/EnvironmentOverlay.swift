internal import Diagnostics
internal import JSON
internal import Values
internal import YAML

/// `REGISTRY_HTTP_ADDR=:5001` is `addr: :5001` in the section `http`: each `_` goes one section down, numbers count list elements.
enum EnvironmentOverlay {
    private static let prefix = "REGISTRY_"
    private static let depthLimit = 16

    /// Puts the variables over a configuration, those with shorter names first.
    static func apply(_ environment: [String], to value: inout JSONValue) throws {
        for entry in environment.filter({ $0.hasPrefix(prefix) }).sorted() {
            guard let (name, text) = entry.cut("=") else { continue }
            let path = name.dropFirst(prefix.count).split(separator: "_", omittingEmptySubsequences: false)
            guard !path.isEmpty, path.count <= depthLimit, path.allSatisfy({ !$0.isEmpty }) else { continue }
            do {
                value = try setting(value, path[...], try payload(text))
            } catch { throw Fault(.invalid, "parsing environment variable \(name): \(error)") }
        }
    }

    /// Lists and sections are YAML; a word is text, whatever it looks like: who reads it knows what it must be.
    private static func payload(_ text: String) throws -> JSONValue {
        let value = try YAML.parse(Array(text.utf8))
        switch value {
        case .array, .object: return value
        default: return .string(text)
        }
    }

    private static func setting(_ value: JSONValue, _ path: ArraySlice<Substring>, _ payload: JSONValue) throws -> JSONValue {
        guard let key = path.first else { return payload }
        let rest = path.dropFirst()
        if case .array(var elements) = value {
            guard let index = Int(key), index >= 0, index <= elements.count else { throw Fault(.invalid, "undefined index: \(key)") }
            if index == elements.count { elements.append(.null) }
            elements[index] = try setting(elements[index], rest, payload)
            return .array(elements)
        }
        if value.isNull, let index = Int(key) {
            guard index == 0 else { throw Fault(.invalid, "undefined index: \(key)") }
            return .array([try setting(.null, rest, payload)])
        }
        var object = value.object ?? [:]
        // `auth: htpasswd` is a section of that name.
        if let word = value.string, !word.isEmpty { object = [word: .object([:])] }
        let name = object.members.first { $0.name.uppercased() == key.uppercased() }?.name ?? key.lowercased()
        object[name] = try setting(object[name] ?? .null, rest, payload)
        return .object(object)
    }
}
