package import JSON

/// A set of names, which Go's `map[string]struct{}` writes as `{"80/tcp": {}}`.
package struct NameSet: Sendable, Hashable, JSONCodable, ExpressibleByArrayLiteral {
    package var names: Set<String>

    package init(_ names: [String] = []) { self.names = Set(names) }
    package init(arrayLiteral names: String...) { self.names = Set(names) }

    package var isEmpty: Bool { names.isEmpty }
    package var sorted: [String] { names.sorted() }
    package func contains(_ name: String) -> Bool { names.contains(name) }

    /// Reads the map form; what stands against each name is of no account.
    package init(json: JSONValue) throws {
        names = Set(try [String: JSONValue](json: json).keys)
    }

    package var json: JSONValue {
        var object = JSONObject()
        for name in sorted { object.append(name, .object([:])) }
        return .object(object)
    }

    package var isZero: Bool { isEmpty }
}

/// Container ports (`80/tcp`) and where each is published; nil where a port is exposed but not published.
package typealias PortMap = [String: [PortBinding]?]

/// What happened to a path since the container was made; the numbers are Docker's.
package enum ChangeKind: Int, Sendable, JSONCodable {
    case modified = 0
    case added = 1
    case deleted = 2

    /// The letter that `docker diff` prints.
    package var letter: String {
        switch self {
        case .modified: "C"
        case .added: "A"
        case .deleted: "D"
        }
    }
}
