/// One way in which a server asks who is there, from a `WWW-Authenticate` field. See RFC 9110 §11.6.1.
package struct Challenge: Sendable, Hashable {
    /// In small letters: `basic`, `bearer`.
    package var scheme: String
    /// Names in small letters. Where a name comes twice the first counts.
    package var parameters: [String: String] = [:]

    /// Bytes of a field that are looked at.
    static let fieldLimit = 16 << 10
    /// Challenges of all fields together, and parameters of one.
    static let countLimit = 32

    /// Every challenge in the fields' values, in order. What is malformed ends the field it stands in: what came before counts.
    package static func parse(_ values: [String]) -> [Challenge] {
        var result: [Challenge] = []
        for value in values {
            var scanner = ChallengeScanner(Array(value.utf8.prefix(fieldLimit)))
            while result.count < countLimit, let challenge = scanner.next() { result.append(challenge) }
        }
        return result
    }
}

/// Reads a list of challenges. The list's commas also stand between parameters, so that a word is a scheme unless `=` follows it.
private struct ChallengeScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func next() -> Challenge? {
        skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
        guard let scheme = token() else { return nil }
        var challenge = Challenge(scheme: scheme.lowercased())
        guard current.map(Self.isSpace) ?? true else {
            // A scheme ends with a space, a comma or the field.
            return current == UInt8(ascii: ",") ? challenge : nil
        }
        skip(Self.isSpace)
        while let (name, value) = parameter() {
            if challenge.parameters.count < Challenge.countLimit, challenge.parameters[name] == nil { challenge.parameters[name] = value }
            let end = position
            skip(Self.isSpace)
            guard current == UInt8(ascii: ",") else {
                if current != nil { position = bytes.count }
                break
            }
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            if !parameterFollows { position = end; break }
        }
        return challenge
    }

    /// `name=value`; nil, with nothing used, when something else follows.
    private mutating func parameter() -> (String, String)? {
        let start = position
        guard let name = token() else { return nil }
        skip(Self.isSpace)
        guard current == UInt8(ascii: "=") else {
            position = start
            return nil
        }
        position += 1
        skip(Self.isSpace)
        guard let value = current == UInt8(ascii: "\"") ? quoted() : token() else {
            // A token68, or half a parameter: of no use, and nothing after it can be trusted.
            position = bytes.count
            return nil
        }
        return (name.lowercased(), value)
    }

    private var parameterFollows: Bool {
        var ahead = self
        guard ahead.token() != nil else { return false }
        ahead.skip(Self.isSpace)
        return ahead.current == UInt8(ascii: "=")
    }

    private mutating func token() -> String? {
        let start = position
        skip(Self.isToken)
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// A quoted string; nil when it does not end.
    private mutating func quoted() -> String? {
        position += 1
        var value: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = current else { return nil }
                position += 1
                value.append(escaped)
            default: value.append(byte)
            }
        }
        return nil
    }

    private mutating func skip(_ fits: (UInt8) -> Bool) {
        while let byte = current, fits(byte) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
