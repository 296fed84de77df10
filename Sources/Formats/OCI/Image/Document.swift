internal import JSON

/// JSON documents to and from bytes, with the limits and the form that content addressing needs.
package enum Document {
    /// The largest document that we read: what registries and Docker allow a manifest or a configuration to be, in bytes.
    package static let limit = 4 << 20

    /// Reads a document. `what` names it in the error: `image manifest`.
    package static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, from bytes: [UInt8], what: String, limit: Int = limit
    ) throws(DocumentError) -> Value {
        guard bytes.count <= limit else { throw DocumentError(what: what, reason: "\(bytes.count) bytes, more than the limit of \(limit)") }
        do {
            return try JSONValue(parsing: bytes).decode(type)
        } catch let error as DecodingError {
            throw DocumentError(what: what, reason: reason(error))
        } catch {
            throw DocumentError(what: what, reason: "\(error)")
        }
    }

    /// Writes a document: no white space, members always in the same order, so that equal values give equal digests.
    package static func encode(_ value: some Encodable) throws(DocumentError) -> [UInt8] {
        do { return try JSONValue(encoding: value).compact } catch { throw DocumentError(what: "\(type(of: value))", reason: "\(error)") }
    }

    private static func reason(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return path.isEmpty ? "" : " at \(path)"
        }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context): return context.debugDescription + place(context)
        case .keyNotFound(let key, let context): return "missing field \"\(key.stringValue)\"" + place(context)
        case .dataCorrupted(let context):
            return context.debugDescription + (context.underlyingError.map { " (\($0))" } ?? "") + place(context)
        @unknown default: return "\(error)"
        }
    }
}

/// A document that is not what it should be.
package struct DocumentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which document: `image manifest`.
    package var what: String
    package var reason: String

    package var description: String { "invalid \(what): \(reason)" }
}
