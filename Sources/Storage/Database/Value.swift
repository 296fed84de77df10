package import Diagnostics
internal import Synchronization

/// What a column holds or a parameter is given, in SQLite's storage classes (real numbers are not used here).
package enum Value: Sendable, Hashable {
    case null
    case int(Int64)
    case text(String)
    case blob([UInt8])

    /// Text, or null when there is none.
    package static func optional(_ value: String?) -> Value { if let value { .text(value) } else { .null } }
    /// A number, or null when there is none.
    package static func optional(_ value: Int64?) -> Value { if let value { .int(value) } else { .null } }
    package static func int(_ value: some FixedWidthInteger) -> Value { .int(Int64(clamping: value)) }
    package static func bool(_ value: Bool) -> Value { .int(value ? 1 : 0) }
}

/// The names of an answer's columns, the same for all its rows.
final class Columns: Sendable {
    private let names: [String]
    /// Where the next one is looked for first: rows are read mostly in the order of their columns.
    private let next = Atomic(0)

    init(_ names: [String]) { self.names = names }

    func index(of name: String) -> Int? {
        let expected = next.load(ordering: .relaxed)
        guard let index = names[min(expected, names.count)...].firstIndex(of: name) ?? names.firstIndex(of: name) else { return nil }
        next.store(index + 1, ordering: .relaxed)
        return index
    }
}

/// One row of an answer; columns are read by the names that the statement gave them.
package struct Row: Sendable {
    let columns: Columns
    let values: [Value]

    /// The value as it is stored. Throws when the statement has no such column.
    package func value(_ column: String) throws(Fault) -> Value {
        guard let index = columns.index(of: column) else {
            throw Fault(.internal, "database: no column \(column) in the answer")
        }
        return values[index]
    }

    /// Throws when the column holds anything else, null included. So do the others.
    package func text(_ column: String) throws(Fault) -> String {
        guard case .text(let text) = try value(column) else { throw mismatch(column, "text") }
        return text
    }

    /// A number, see `text`.
    package func int(_ column: String) throws(Fault) -> Int64 {
        guard case .int(let number) = try value(column) else { throw mismatch(column, "a number") }
        return number
    }

    package func bool(_ column: String) throws(Fault) -> Bool { try int(column) != 0 }

    /// Bytes, see `text`.
    package func blob(_ column: String) throws(Fault) -> [UInt8] {
        guard case .blob(let bytes) = try value(column) else { throw mismatch(column, "bytes") }
        return bytes
    }

    /// Nil when the column is null.
    package func optionalText(_ column: String) throws(Fault) -> String? {
        switch try value(column) {
        case .text(let text): return text
        case .null: return nil
        default: throw mismatch(column, "text")
        }
    }

    /// Nil when the column is null.
    package func optionalInt(_ column: String) throws(Fault) -> Int64? {
        switch try value(column) {
        case .int(let number): return number
        case .null: return nil
        default: throw mismatch(column, "a number")
        }
    }

    private func mismatch(_ column: String, _ wanted: String) -> Fault {
        Fault(.internal, "database: column \(column) does not hold \(wanted)")
    }
}
