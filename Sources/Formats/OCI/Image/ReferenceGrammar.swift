/// The character rules of references, by hand: a regular expression engine would cost more than all the rest of a start.
enum ReferenceGrammar {
    /// `host[:port]`, a host being dot-separated labels or a bracketed IPv6 address.
    static func isDomain(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = bytes[(bytes.startIndex + 1)..<end]
            guard !address.isEmpty, address.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") }) else { return false }
            bytes = bytes[(end + 1)...]
            return bytes.isEmpty || isPort(bytes)
        }
        let host = bytes.prefix { $0 != UInt8(ascii: ":") }
        let rest = bytes.dropFirst(host.count)
        guard rest.isEmpty || isPort(rest) else { return false }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last, isAlphanumeric(first), isAlphanumeric(last) else { return false }
            return label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// Slash-separated components of lower-case letters and digits, with `.`, `_`, `__` or dashes between them.
    static func isPath(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
            let bytes = Array(component)
            var index = 0
            guard let first = bytes.first, isLowerAlphanumeric(first), let last = bytes.last, isLowerAlphanumeric(last) else { return false }
            while index < bytes.count {
                if isLowerAlphanumeric(bytes[index]) {
                    index += 1
                    continue
                }
                let separator = bytes[index...].prefix { $0 == bytes[index] }
                switch bytes[index] {
                case UInt8(ascii: "."): if separator.count > 1 { return false }
                case UInt8(ascii: "_"): if separator.count > 2 { return false }
                case UInt8(ascii: "-"): break
                default: return false
                }
                index += separator.count
                guard index < bytes.count, isLowerAlphanumeric(bytes[index]) else { return false }
            }
            return true
        }
    }

    /// A word character, then up to 127 word characters, dots and dashes.
    static func isTag(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, isWord(first), bytes.count <= Reference.tagLimit else { return false }
        return bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.first == UInt8(ascii: ":") && bytes.count > 1 && bytes.dropFirst().allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 97 && byte <= 122) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowerAlphanumeric(byte) || (byte >= 65 && byte <= 90) }
    private static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
    private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70) }
}
