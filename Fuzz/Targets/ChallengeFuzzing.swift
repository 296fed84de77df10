import RegistryClient

/// What a server says in `WWW-Authenticate`.
enum ChallengeFuzzing {
    /// A field a line. What is read can be written down again and is then read as the same.
    static func challenges(_ input: [UInt8]) throws {
        let found = Challenge.parse(input.split(separator: 10).map { String(decoding: $0, as: UTF8.self) })
        let text = found.map { challenge in
            let parameters = challenge.parameters.sorted { $0.key < $1.key }.map { "\($0)=\"\(escaped($1))\"" }
            return "\(challenge.scheme) \(parameters.joined(separator: ", "))"
        }
        // Longer fields are not looked at to their end.
        guard text.allSatisfy({ $0.utf8.count < 16 << 10 }) else { return }
        precondition(Challenge.parse(text) == found, "a challenge comes back changed")
        precondition(found.allSatisfy { !$0.scheme.isEmpty && $0.scheme == $0.scheme.lowercased() }, "a scheme that is none")
    }

    /// By bytes: a mark that combines with a backslash would hide it.
    private static func escaped(_ value: String) -> String {
        String(decoding: value.utf8.flatMap { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") ? [UInt8(ascii: "\\"), $0] : [$0] }, as: UTF8.self)
    }
}
