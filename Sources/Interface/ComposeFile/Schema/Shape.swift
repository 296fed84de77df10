internal import JSON

/// What may stand at one place of a Compose file: how it is checked, brought into its long form, and joined with what another file says.
///
/// The canonical form is JSON in which each thing is written in one way only: sizes are digits as text, durations Go's text, lists of
/// `NAME=value` maps, short forms long ones.
indirect enum Shape: Sendable {
    case text
    /// Text, or nothing.
    case textOrNull
    /// Text for which the function is true; `pattern` is how the schema says that.
    case matching(pattern: String, @Sendable (String) -> Bool)
    case choice([String])
    /// `true`, `false` or text that says so.
    case flag
    /// Only `true` or `false`.
    case strictFlag
    case whole
    /// A number that may be text; `cpus`.
    case decimal
    /// Bytes: a number, or text with a unit.
    case size
    case duration
    /// The permissions of a file in octal.
    case permissions
    /// Text or a number, which stays as it was spelt.
    case spelling
    case anything
    case list(Shape, Identity = .none)
    /// One text or a list of them.
    case words(Identity = .none)
    /// A command line: text that is cut into words, or the words. Another file's replaces it.
    case command
    /// Free names; null stands for a value where it is allowed.
    case map(Shape, allowsNull: Bool = false)
    /// A map, or a list of `NAME=value`. Names alone stay without a value when that is allowed, else it is empty.
    case pairs(allowsNull: Bool)
    case record(Record, allowsNull: Bool = false)
    /// Something of the short form is made long before it is read as the shape. `or` is what the schema calls the short form, where that is
    /// what it wants first.
    case short(@Sendable (JSONValue, Place) throws(ComposeFileError) -> JSONValue?, Shape, or: String? = nil)
    /// The same for a list, of whose elements one may become several.
    case shortList(@Sendable (JSONValue, Place) throws(ComposeFileError) -> [JSONValue]?, Shape, Identity)
    /// Another file's value replaces it whole.
    case replaced(Shape)

    /// What makes two elements of a list the same thing, of which the later counts.
    enum Identity: Sendable {
        case none, whole
        case key(@Sendable (JSONValue) -> String)

        func name(_ value: JSONValue) -> String? {
            switch self {
            case .none: nil
            case .whole: value.string ?? value.compactText
            case .key(let name): name(value)
            }
        }
    }

    /// A mapping with known keys. Those that begin with `x-` are the user's own.
    final class Record: Sendable {
        let fields: [String: Shape]
        let required: [String]
        /// Names are the user's, and all have this shape.
        let free: Shape?
        /// Where this member differs in another file, that file's mapping replaces all of this one.
        let discriminator: String?

        init(_ fields: [String: Shape], required: [String] = [], free: Shape? = nil, discriminator: String? = nil) {
            self.fields = fields
            self.required = required
            self.free = free
            self.discriminator = discriminator
        }

        subscript(name: String) -> Shape? { fields[name] ?? (free != nil && Record.isName(name) ? free : nil) }

        private static func isName(_ name: String) -> Bool {
            !name.isEmpty && name.utf8.allSatisfy { ($0 | 32 >= 97 && $0 | 32 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 46 || $0 == 95 || $0 == 45 }
        }
    }

    /// What the JSON schema of the specification calls it.
    var wanted: String {
        switch self {
        case .text, .choice, .duration, .words, .matching: "string"
        case .textOrNull: "null or string"
        case .flag: "boolean or string"
        case .strictFlag: "boolean"
        case .whole: "integer or string"
        case .decimal, .size, .permissions, .spelling: "number or string"
        case .list, .shortList: "array"
        case .command: "null"
        case .map, .pairs: "mapping"
        case .record(_, let allowsNull): allowsNull ? "mapping or null" : "mapping"
        case .short(_, let shape, let short): short ?? shape.wanted
        case .replaced(let shape): shape.wanted
        case .anything: ""
        }
    }
}

/// Where in a file something stands: `services.web.ports.0`.
struct Place: Sendable, CustomStringConvertible {
    var names: [String] = []

    init(_ names: String...) { self.names = names }

    func at(_ name: String) -> Place {
        var place = self
        place.names.append(name)
        return place
    }

    func at(_ index: Int) -> Place { at("\(index)") }

    var description: String { names.joined(separator: ".") }

    /// The names as errors about values have them, in which elements of lists have no number.
    var inTree: String { names.map { Int($0) == nil ? $0 : "[]" }.joined(separator: ".") }

    /// As errors about reading values have it: `services[web].ports[0]`.
    var inStructure: String {
        var text = names.first ?? ""
        for (index, name) in names.enumerated().dropFirst() { text += index == 1 || Int(name) != nil ? "[\(name)]" : ".\(name)" }
        return text
    }
}
