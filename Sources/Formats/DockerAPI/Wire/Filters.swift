internal import JSON

/// The `filters` parameter of list and prune calls: for each key, the values of which one must match.
///
/// Clients send `{"status":{"running":true}}`; those older than API 1.22 and many SDKs `{"status":["running"]}`.
package struct Filters: Sendable, Hashable {
    package private(set) var values: [String: [String]]

    package init(_ values: [String: [String]] = [:]) { self.values = values }

    /// What is wrong with a set of filters, in Docker's words.
    package struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String

        package init(description: String) { self.description = description }
    }

    /// The most JSON that a filter may have.
    package static let limit = 256 * 1024

    /// Reads the parameter; nil and the empty string are no filters.
    package init(json text: String?) throws(Invalid) {
        guard let text, !text.isEmpty else { self.init(); return }
        guard text.utf8.count <= Filters.limit else { throw Invalid(description: "invalid filter: too long") }
        do {
            self = try JSON.decode(Filters.self, from: text)
        } catch {
            throw Invalid(description: "invalid filter: not a map of lists or of sets")
        }
    }

    package var isEmpty: Bool { values.isEmpty }
    package func contains(_ key: String) -> Bool { values[key] != nil }
    package subscript(key: String) -> [String] { values[key] ?? [] }

    package mutating func add(_ key: String, _ value: String) {
        if !self[key].contains(value) { values[key, default: []].append(value) }
    }

    /// Refuses keys that the call does not know.
    package func validate(_ accepted: Set<String>) throws(Invalid) {
        for key in values.keys.sorted() where !accepted.contains(key) { throw Invalid(description: "invalid filter '\(key)'") }
    }

    /// Whether `value` is one of those asked for, or nothing was asked for.
    package func matches(_ key: String, _ value: String) -> Bool {
        guard let wanted = values[key], !wanted.isEmpty else { return true }
        return wanted.contains(value)
    }

    /// Whether all of `label=key` and `label=key=value` hold of `labels`.
    package func matchesLabels(_ labels: [String: String], key: String = "label") -> Bool {
        self[key].allSatisfy { wanted in
            guard let equals = wanted.firstIndex(of: "=") else { return labels[wanted] != nil }
            return labels[String(wanted[..<equals])] == String(wanted[wanted.index(after: equals)...])
        }
    }

    /// A filter that is true or false, or nil when not given.
    package func flag(_ key: String) throws(Invalid) -> Bool? {
        guard let wanted = values[key] else { return nil }
        let yes = wanted.contains("1") || wanted.contains("true")
        let no = wanted.contains("0") || wanted.contains("false")
        guard wanted.count == 1, yes != no else { throw Invalid(description: "invalid filter '\(key)=[\(wanted.joined(separator: " "))]'") }
        return yes
    }

    /// The parameter as clients of API 1.22 and later send it, keys and values sorted.
    package var json: String {
        var text = "{"
        for (index, key) in values.keys.sorted().enumerated() {
            text += "\(index == 0 ? "" : ",")\(Filters.quoted(key)):{"
            text += self[key].sorted().map { "\(Filters.quoted($0)):true" }.joined(separator: ",") + "}"
        }
        return text + "}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 32:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Filters: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Not the map form: reading it as lists says what is wrong.
        if let sets = try? container.decode([String: [String: Bool]].self) {
            values = sets.mapValues { $0.keys.sorted() }
        } else {
            values = try container.decode([String: [String]].self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(values.mapValues { Dictionary($0.map { ($0, true) }) { a, _ in a } })
    }
}
