internal import JSON

/// A value while a template runs: JSON, or one of Go's nils, which print differently though all are `null` in JSON.
enum Value {
    case json(JSONValue)
    /// What Go prints by a method of its type, and is a number or text otherwise.
    case printed(JSONValue, as: String)
    case nilList
    case nilMap
    /// A nil pointer: `<nil>`.
    case nilPointer
    /// Nothing at all: `<no value>`.
    case none

    var json: JSONValue {
        switch self {
        case .json(let value), .printed(let value, _): value
        default: .null
        }
    }

    /// Without its own way to be printed: what functions work on.
    var plain: Value { if case .printed(let value, _) = self { .json(value) } else { self } }

    /// Go's idea of true: not zero and not empty.
    var isTrue: Bool {
        switch json {
        case .null: false
        case .bool(let value): value
        case .number: json.double != 0
        case .string(let text): !text.isEmpty
        case .array(let items): !items.isEmpty
        case .object(let object): !object.members.isEmpty
        }
    }

    /// As `fmt.Print` shows it.
    var text: String {
        switch self {
        case .json(.null), .none: "<no value>"
        case .nilList: "[]"
        case .nilMap: "map[]"
        case .nilPointer: "<nil>"
        case .json(let value): Value.show(value)
        case .printed(_, let text): text
        }
    }

    static func show(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): text
        case .array(let items): "[\(items.map(show).joined(separator: " "))]"
        case .object(let object): "map[\(sorted(object).map { "\($0.name):\(show($0.value))" }.joined(separator: " "))]"
        }
    }

    /// Members in the order that Go ranges over and prints maps.
    static func sorted(_ object: JSONObject) -> [JSONObject.Member] {
        object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    var typeName: String {
        switch self {
        case .json(.string): "string"
        case .json(.bool): "bool"
        case .json(.number): "int"
        case .json(.array), .nilList: "[]interface {}"
        case .json(.object), .nilMap: "map[string]interface {}"
        default: "nil"
        }
    }
}
