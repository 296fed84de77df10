/// `$NAME` and `${NAME…}` in the values of a Compose file or an environment file, by the rules of the Compose specification.
package struct Interpolation: Sendable {
    /// The value of a variable; nil when it is not set.
    package var lookup: @Sendable (String) -> String?
    /// Told of each variable that is not set and has no default.
    package var missing: @Sendable (String) -> Void

    /// How deep defaults nest in defaults.
    private static let depthLimit = 64

    package init(lookup: @escaping @Sendable (String) -> String?, missing: @escaping @Sendable (String) -> Void = { _ in }) {
        self.lookup = lookup
        self.missing = missing
    }

    /// What stops a text from being read.
    package enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// Braces that make no sense.
        case invalid(String)
        /// A variable that must have a value has none.
        case required(String, reason: String)

        package var description: String {
            switch self {
            case .invalid(let text): "Invalid template: \(text.debugDescription)"
            case .required(let name, let reason): "required variable \(name) is missing a value" + (reason.isEmpty ? "" : ": \(reason)")
            }
        }
    }

    /// The text with everything put in.
    package func substitute(_ text: String) throws(Failure) -> String { try substitute(text, depth: 0) }

    private func substitute(_ text: String, depth: Int) throws(Failure) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        guard depth < Self.depthLimit else { throw .invalid(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "$") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if next == UInt8(ascii: "$") {
                result.append(next)
                index += 2
            } else if next == UInt8(ascii: "{") {
                guard let end = Self.closingBrace(bytes, from: index + 2) else { throw .invalid(text) }
                guard let value = try braced(bytes[(index + 2)..<end], depth) else { throw .invalid(text) }
                result += value.utf8
                index = end + 1
            } else {
                let name = Self.name(bytes[(index + 1)...])
                // One that begins nothing is a dollar.
                result += name.isEmpty ? [bytes[index]] : Array(value(String(decoding: name, as: UTF8.self)).utf8)
                index = name.isEmpty ? index + 1 : name.endIndex
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func value(_ name: String) -> String {
        if let value = lookup(name) { return value }
        missing(name)
        return ""
    }

    /// What stands between braces; nil for what makes no sense.
    private func braced(_ inside: ArraySlice<UInt8>, _ depth: Int) throws(Failure) -> String? {
        let nameBytes = Self.name(inside)
        guard !nameBytes.isEmpty else { return nil }
        let name = String(decoding: nameBytes, as: UTF8.self)
        var rest = inside[nameBytes.endIndex...]
        if rest.isEmpty { return value(name) }
        let minds = rest.first == UInt8(ascii: ":")
        if minds { rest = rest.dropFirst() }
        guard let mark = rest.first else { return nil }
        let word = String(decoding: rest.dropFirst(), as: UTF8.self)
        let found = lookup(name)
        let isThere = minds ? found.map { !$0.isEmpty } ?? false : found != nil
        switch mark {
        case UInt8(ascii: "-"): return isThere ? found : try substitute(word, depth: depth + 1)
        case UInt8(ascii: "+"): return isThere ? try substitute(word, depth: depth + 1) : ""
        case UInt8(ascii: "?"):
            guard isThere else { throw .required(name, reason: try substitute(word, depth: depth + 1)) }
            return found
        default: return nil
        }
    }

    private static func name(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = bytes.first, isLetter(first) else { return bytes.prefix(0) }
        return bytes.prefix { isLetter($0) || ($0 >= 48 && $0 <= 57) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 32 >= UInt8(ascii: "a") && byte | 32 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
    }

    private static func closingBrace(_ bytes: [UInt8], from start: Int) -> Int? {
        var open = 1, index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "{") { open += 1 } else if bytes[index] == UInt8(ascii: "}") { open -= 1 }
            if open == 0 { return index }
            index += 1
        }
        return nil
    }
}
