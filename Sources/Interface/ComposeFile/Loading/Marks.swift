internal import JSON
internal import YAML

/// One YAML document of a Compose file, and the places that its `!reset` and `!override` name.
struct MarkedDocument {
    var value: JSONValue
    /// What earlier files said there does not count.
    var forgotten: [[String]] = []

    private static let reset = "\u{0}reset", override = "\u{0}override"

    /// All documents of a file.
    static func parse(_ text: String) throws(YAMLError) -> [MarkedDocument] {
        try YAML.documents(Array(text.utf8)) { tag, value in
            switch tag {
            case "!reset": .object([reset: .null])
            case "!override": .object([override: value])
            // Other tags are somebody else's, and say nothing here.
            default: value
            }
        }.map { MarkedDocument(marked: $0) }
    }

    private init(marked: JSONValue) {
        value = .null
        var forgotten: [[String]] = []
        value = Self.unmarked(marked, [], &forgotten) ?? .null
        self.forgotten = forgotten
    }

    private static func unmarked(_ value: JSONValue, _ place: [String], _ forgotten: inout [[String]]) -> JSONValue? {
        switch value {
        case .array(let items):
            return .array(items.enumerated().compactMap { unmarked($1, place + ["\($0)"], &forgotten) })
        case .object(let object):
            if let member = object.members.first, object.members.count == 1, member.name == reset || member.name == override {
                forgotten.append(place)
                return member.name == reset ? nil : unmarked(member.value, place, &forgotten)
            }
            var result = JSONObject()
            for member in object.members {
                if let value = unmarked(member.value, place + [member.name], &forgotten) { result.append(member.name, value) }
            }
            return .object(result)
        default: return value
        }
    }

    /// `model` without what is to be forgotten.
    func applied(to model: JSONValue) -> JSONValue { forgotten.reduce(model) { Self.without($1[...], in: $0) } }

    private static func without(_ place: ArraySlice<String>, in value: JSONValue) -> JSONValue {
        guard let name = place.first, var object = value.object, let member = object[name] else { return value }
        object[name] = place.count == 1 ? nil : without(place.dropFirst(), in: member)
        return .object(object)
    }
}
