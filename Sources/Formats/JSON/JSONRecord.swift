/// An object whose members are listed once, for reading and writing alike:
///
///     package mutating func members(_ m: inout JSONMembers) throws {
///         try m("Image", &image)
///         try m("Labels", &labels, .unlessEmpty)
///     }
///
/// As Go reads: what is absent or null leaves a member as `init()` made it, and members that are not listed are passed over.
package protocol JSONRecord: JSONCodable {
    init()
    /// Shows `m` each member. Writing does not change them.
    mutating func members(_ m: inout JSONMembers) throws
}

extension JSONRecord {
    package init(json: JSONValue) throws {
        guard let object = json.object else {
            throw DecodingError.typeMismatch(
                Self.self, DecodingError.Context(codingPath: [], debugDescription: "cannot read a JSON \(json.kind) as an object"))
        }
        self.init()
        var reader = JSONMembers(reading: object)
        try members(&reader)
    }

    package var json: JSONValue {
        var copy = self
        var writer = JSONMembers()
        // Writing throws only for types that are not `JSONCodable` and refuse to be written; records have none of those.
        try? copy.members(&writer)
        return .object(writer.object)
    }
}

extension JSONRecord where Self: Equatable {
    package var isZero: Bool { self == Self() }
}

/// Reads the members of one object, or writes them.
package struct JSONMembers {
    /// When a member is there.
    package enum Presence {
        case always
        /// Not written when nil.
        case unlessNil
        /// Go's `omitempty`. Of what may be nil, collections are left out when they are empty, too.
        case unlessEmpty
        /// Always written; its absence is an error of whoever wrote the document.
        case required
    }

    fileprivate(set) var object: JSONObject
    private let isReading: Bool

    fileprivate init(reading object: JSONObject) {
        self.object = object
        isReading = true
    }

    fileprivate init() {
        object = JSONObject()
        isReading = false
    }

    /// One member. What nil means is up to `presence`.
    package mutating func callAsFunction<T: JSONCodable>(_ name: String, _ value: inout T, _ presence: Presence = .always) throws {
        if isReading {
            guard let json = try find(name, presence) else { return }
            do { value = try T(json: json) } catch let error as DecodingError { throw error.at(name) }
        } else if presence == .always || presence == .required || !value.isZero {
            object.append(name, value.json)
        }
    }

    /// What is written and never read.
    package mutating func tell(_ name: String, _ value: some JSONCodable) {
        if !isReading { object.append(name, value.json) }
    }

    /// A list or table that may be absent, of which an empty one counts as such.
    package mutating func callAsFunction<T: JSONCodable & Collection>(_ name: String, _ value: inout T?, _ presence: Presence = .always) throws {
        if !isReading, presence == .unlessEmpty, value?.isEmpty ?? true { return }
        try member(name, &value, presence)
    }

    /// One of a type that is only Codable.
    package mutating func callAsFunction<T: Codable>(_ name: String, _ value: inout T?, _ presence: Presence = .always) throws {
        if isReading {
            guard let json = try find(name, presence) else { return }
            do { value = try json.decode(T.self) } catch let error as DecodingError { throw error.at(name) }
        } else if let value {
            object.append(name, try JSONValue(encoding: value))
        } else if presence == .always {
            object.append(name, .null)
        }
    }

    private mutating func member<T: JSONCodable>(_ name: String, _ value: inout T, _ presence: Presence) throws { try self(name, &value, presence) }

    /// A list of words, which may also be given as one string: Docker's `strslice`.
    package mutating func words(_ name: String, _ value: inout [String]?, _ presence: Presence = .always) throws {
        if isReading, case .string(let word) = try find(name, presence) { value = [word] } else { try self(name, &value, presence) }
    }

    /// The last of that name counts, as in Go; nil when absent or null.
    private func find(_ name: String, _ presence: Presence) throws -> JSONValue? {
        if let value = object.members.last(where: { $0.name == name })?.value, !value.isNull { return value }
        if presence == .required {
            let context = DecodingError.Context(codingPath: [], debugDescription: "the member \(name) is missing")
            throw DecodingError.keyNotFound(MemberName(name), context)
        }
        return nil
    }
}
