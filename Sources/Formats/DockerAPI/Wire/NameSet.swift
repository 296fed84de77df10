/// A set of names, which Go's `map[string]struct{}` writes as `{"80/tcp": {}}`.
package struct NameSet: Sendable, Hashable, Codable, ExpressibleByArrayLiteral, GoZero {
    package var names: Set<String>

    package init(_ names: some Sequence<String> = []) { self.names = Set(names) }
    package init(arrayLiteral names: String...) { self.names = Set(names) }

    package static var zero: NameSet { [] }

    package var isEmpty: Bool { names.isEmpty }
    package var sorted: [String] { names.sorted() }
    package func contains(_ name: String) -> Bool { names.contains(name) }

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Nothing: Encodable {
        private enum CodingKeys: CodingKey {}
        func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: CodingKeys.self) }
    }

    /// Reads the map form; what stands against each name is of no account.
    package init(from decoder: any Decoder) throws {
        names = Set(try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Name.self)
        for name in sorted { try fields.encode(Nothing(), forKey: Name(stringValue: name)) }
    }
}

/// Container ports (`80/tcp`) and where each is published; nil where a port is exposed but not published.
package typealias PortMap = [String: [PortBinding]?]

/// What happened to a path since the container was made; the numbers are Docker's.
package enum ChangeKind: Int, Sendable, Codable, GoZero {
    case modified = 0
    case added = 1
    case deleted = 2

    package static var zero: ChangeKind { .modified }

    /// The letter that `docker diff` prints.
    package var letter: String {
        switch self {
        case .modified: "C"
        case .added: "A"
        case .deleted: "D"
        }
    }
}
