internal import Diagnostics
internal import HTTP
internal import JSON

/// A section of a configuration file. What is never asked for is warned about.
final class Settings {
    private let path: String
    private let values: JSONObject
    private var unused: Set<String>
    private var children: [Settings] = []

    init(_ values: JSONObject, path: String = "") {
        self.values = values
        self.path = path
        unused = Set(values.members.filter { !$0.value.isNull }.map(\.name))
    }

    var names: [String] { values.members.map(\.name) }

    private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func wrong(_ key: String, _ expected: String) -> Fault { Fault(.invalid, "configuration: \(name(key)) must be \(expected)") }

    /// The value as it stands; nil for null too.
    func value(_ key: String) -> JSONValue? {
        unused.remove(key)
        return values[key].flatMap { $0.isNull ? nil : $0 }
    }

    /// A section; nil when it is not there. A single word stands for a section of that name with nothing in it.
    func section(_ key: String) throws -> Settings? {
        let object: JSONObject
        switch value(key) {
        case nil: return nil
        case .object(let members): object = members
        case .string(let word): object = [word: .object([:])]
        default: throw wrong(key, "a section")
        }
        let child = Settings(object, path: name(key))
        children.append(child)
        return child
    }

    func sections(_ key: String) throws -> [Settings] {
        guard let value = value(key) else { return [] }
        guard let elements = value.array else { throw wrong(key, "a list") }
        return try elements.enumerated().map { index, element in
            guard let object = element.object else { throw wrong("\(key)[\(index)]", "a section") }
            let child = Settings(object, path: "\(name(key))[\(index)]")
            children.append(child)
            return child
        }
    }

    func string(_ key: String) throws -> String? {
        switch value(key) {
        case nil: nil
        case .string(let text): text
        case .number(let text): text
        case .bool(let isTrue): isTrue ? "true" : "false"
        default: throw wrong(key, "text")
        }
    }

    func strings(_ key: String) throws -> [String]? {
        guard let value = value(key) else { return nil }
        if let text = value.string { return [text] }
        guard let elements = value.array else { throw wrong(key, "a list") }
        return try elements.map { element in
            switch element {
            case .string(let text), .number(let text): text
            default: throw wrong(key, "a list of texts")
            }
        }
    }

    /// Header fields, each with a list of values or a single one; empty when there are none.
    func headers(_ key: String) throws -> HeaderFields {
        var fields: HeaderFields = [:]
        guard let section = try section(key) else { return fields }
        for name in section.names { for value in try section.strings(name) ?? [] { fields.append(name, value) } }
        return fields
    }

    /// YAML 1.1's words too, which files for Docker's registry use.
    func bool(_ key: String) throws -> Bool? {
        switch value(key) {
        case nil: return nil
        case .bool(let isTrue): return isTrue
        case .string(let text):
            switch text.lowercased() {
            case "true", "yes", "on", "y", "1", "t": return true
            case "false", "no", "off", "n", "0", "f", "": return false
            default: break
            }
        default: break
        }
        throw wrong(key, "true or false")
    }

    func int(_ key: String) throws -> Int? {
        guard let text = try string(key) else { return nil }
        guard let number = Int(text), number >= 0 else { throw wrong(key, "a whole number") }
        return number
    }

    /// `1h30m`, `500ms`; a bare number counts nanoseconds, as in Go.
    func duration(_ key: String) throws -> Duration? {
        guard let text = try string(key) else { return nil }
        guard let duration = Self.duration(text) else { throw wrong(key, "a duration such as 24h") }
        return duration
    }

    static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        if let nanoseconds = Int64(text) { return nanoseconds < 0 ? nil : .nanoseconds(nanoseconds) }
        let units: [(String, Double)] = [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)]
        var rest = text[...], total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let seconds = units.first(where: { $0.0 == unit })?.1 else { return nil }
            total += number * seconds
        }
        return total < 1e9 ? .seconds(total) : nil
    }

    /// Keys of this section and those below that nobody asked for.
    var leftovers: [String] { unused.sorted().map(name) + children.flatMap(\.leftovers) }
}
