internal import Values

/// An absolute `http` or `https` URL: RFC 3986. What names a place in two ways that two readers might take differently is refused:
/// user names, backslashes, control characters, hosts with escapes.
package struct URL: Sendable, Hashable {
    /// The two schemes that there are here.
    package enum Scheme: String, Sendable, Hashable {
        case http, https

        package var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    /// Scheme, host and port: whom credentials belong to (RFC 6454).
    package struct Origin: Sendable, Hashable, CustomStringConvertible {
        package var scheme: Scheme
        package var host: String
        package var port: UInt16

        package init(_ scheme: Scheme, _ host: String, _ port: UInt16) {
            self.scheme = scheme
            self.host = host
            self.port = port
        }

        /// As it stands in a `Host` field: brackets round an IPv6 address, no port where it is the scheme's own.
        package var authority: String { port == scheme.defaultPort ? bracketed : "\(bracketed):\(port)" }
        /// With the port in any case.
        package var hostAndPort: String { "\(bracketed):\(port)" }
        private var bracketed: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

        package var description: String { "\(scheme.rawValue)://\(authority)" }
    }

    package var origin: Origin
    /// Still encoded, beginning with a slash, without dot segments.
    package private(set) var path: String
    /// What follows `?`, still encoded.
    package private(set) var query: String?

    /// In small letters; of an IPv6 address without its brackets.
    package var host: String { origin.host }
    package var port: UInt16 { origin.port }
    package var scheme: Scheme { origin.scheme }
    /// What goes onto a request's first line.
    package var target: String { query.map { "\(path)?\($0)" } ?? path }

    /// Of parts; `path` and `query` are encoded. Throws as `init(_:)` does.
    package init(_ origin: Origin, path: String = "/", query: Query = [:]) throws(HTTPError) {
        self = try URL("\(origin)\(path)" + (query.items.isEmpty ? "" : "?\(query.encoded)"))
    }

    /// Reads a URL of at most 64 KiB. A fragment is dropped; bytes that may not stand in a URL are encoded. Throws 400.
    package init(_ text: String) throws(HTTPError) {
        guard text.utf8.count <= HeadLimits.targetBytes else { throw HTTPError(400, "URL too long") }
        guard let colon = text.firstRange(of: "://"), let scheme = Scheme(rawValue: text[..<colon.lowerBound].lowercased()) else {
            throw HTTPError(400, "unsupported protocol scheme in URL \(quoted(text))")
        }
        let rest = text[colon.upperBound...]
        let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? rest.endIndex
        self.init(origin: try Self.origin(scheme, rest[..<end]), path: "/", query: nil)
        try setTarget(rest[end...])
    }

    private init(origin: Origin, path: String, query: String?) {
        self.origin = origin
        self.path = path
        self.query = query
    }

    /// Reads `host`, `host:port`, `[address]` and `[address]:port`. Throws 400.
    package static func origin(_ scheme: Scheme, _ authority: some StringProtocol) throws(HTTPError) -> Origin {
        var host = Substring(authority), port = scheme.defaultPort
        if host.utf8.contains(UInt8(ascii: "@")) { throw HTTPError(400, "user information in URL") }
        if let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")), !host[colon...].utf8.contains(UInt8(ascii: "]")) {
            let digits = host[colon...].dropFirst()
            if !digits.isEmpty {
                guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(digits), number > 0 else {
                    throw HTTPError(400, "invalid port \(quoted(String(host[colon...]))) after host")
                }
                port = number
            }
            host = host[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(host.dropFirst().dropLast()), address.family == .v6 else {
                throw HTTPError(400, "invalid host in URL: \(quoted(String(host)))")
            }
            return Origin(scheme, "\(address)", port)
        }
        guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(isHostByte) else {
            throw HTTPError(400, host.isEmpty ? "no host in request URL" : "invalid host in URL: \(quoted(String(host)))")
        }
        return Origin(scheme, host.lowercased(), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// What `reference`, such as a `Location` field, means when this URL gave it: RFC 3986 §5.2. Throws 400.
    package func resolving(_ reference: String) throws(HTTPError) -> URL {
        guard reference.utf8.count <= HeadLimits.targetBytes else { throw HTTPError(400, "URL too long") }
        if let scheme = Self.scheme(of: reference) {
            guard reference[scheme...].hasPrefix("://") else { throw HTTPError(400, "unsupported URL \(quoted(reference))") }
            return try URL(reference)
        }
        if reference.hasPrefix("//") { return try URL("\(scheme.rawValue):\(reference)") }
        var url = self
        if reference.hasPrefix("/") {
            try url.setTarget(reference[...])
        } else if reference.isEmpty || reference.hasPrefix("#") {
            return self
        } else if reference.hasPrefix("?") {
            try url.setTarget(path + reference)
        } else {
            let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
            try url.setTarget(path[..<slash] + "/" + reference)
        }
        return url
    }

    /// The colon that ends a scheme; nil when the reference has none.
    private static func scheme(of reference: String) -> String.Index? {
        guard let first = reference.utf8.first, first < 128, Character(UnicodeScalar(first)).isLetter else { return nil }
        let colon = reference.utf8.firstIndex { byte in
            !(byte < 128 && (isHostByte(byte) || byte == UInt8(ascii: "+"))) || byte == UInt8(ascii: "_")
        }
        return colon.flatMap { reference.utf8[$0] == UInt8(ascii: ":") ? $0 : nil }
    }

    /// The query with one more parameter.
    package mutating func appendQuery(_ name: String, _ value: String) {
        let item = "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        query = query.map { $0.isEmpty ? item : "\($0)&\(item)" } ?? item
    }

    private mutating func setTarget(_ text: some StringProtocol) throws(HTTPError) {
        var rest = Substring(text)
        if let fragment = rest.utf8.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        guard rest.utf8.allSatisfy({ $0 >= 32 && $0 != 127 && $0 != UInt8(ascii: "\\") }) else {
            throw HTTPError(400, "invalid character in URL")
        }
        let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = Self.withoutDots(Self.encoded(rest[..<(mark ?? rest.endIndex)]))
        query = mark.map { Self.encoded(rest[$0...].dropFirst()) }
    }

    /// Bytes that may not stand in a target are encoded; escapes stay as they are.
    private static func encoded(_ text: Substring) -> String {
        PercentEncoding.encode(String(text), keeping: "/:@!$&'()*+,;=%?[]|^")
    }

    /// RFC 3986 §5.2.4.
    private static func withoutDots(_ path: String) -> String {
        var segments: [Substring] = []
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, part) in zip(parts.indices, parts) {
            let isLast = index == parts.index(before: parts.endIndex)
            switch part {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        return "/" + segments.joined(separator: "/")
    }
}

extension URL: CustomStringConvertible {
    package var description: String { "\(origin)\(target)" }
}

/// As Go's `%q` has it, shortened.
private func quoted(_ text: String) -> String { "\"\(text.prefix(200).filter { !$0.isNewline })\"" }
