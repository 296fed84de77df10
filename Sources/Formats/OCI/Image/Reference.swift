/// The name of an image, as people type it and as registries know it. See github.com/distribution/reference.
///
/// Always held in full (`docker.io/library/ubuntu`); `familiar` is the short form that Docker prints.
package struct Reference: Sendable, Hashable, CustomStringConvertible {
    /// The registry's host with its port, if any: `docker.io`, `localhost:5000`, `[::1]:5000`.
    package let domain: String
    /// The repository within the registry: `library/ubuntu`.
    package let path: String
    package let tag: String?
    package let digest: Digest?

    package static let defaultDomain = "docker.io"
    package static let defaultTag = "latest"
    /// The longest name (domain, slash and path) that registries take, in bytes.
    package static let nameLimit = 255
    /// The longest tag, in bytes.
    package static let tagLimit = 128

    /// Reads what a user typed and fills in the registry and `library/`. A missing tag stays missing; see `withDefaultTag`.
    ///
    /// Throws Docker's words. A text of 64 hex digits is refused: it would be taken for an image's id elsewhere.
    package init(_ text: String) throws(ReferenceError) {
        guard !text.isEmpty else { throw .format }
        guard text.utf8.count <= 2 * Self.nameLimit + Self.tagLimit else { throw .tooLong }
        if text.utf8.count == 64, text.utf8.allSatisfy(Digest.isLowerHex) { throw .looksLikeID(text) }
        var (domain, rest) = Self.splitDomain(text)
        let remoteName = rest.prefix { $0 != ":" && $0 != "@" }
        if remoteName.utf8.contains(where: { $0 >= 65 && $0 <= 90 }) {
            throw .upperCase(domain == Self.defaultDomain && !remoteName.contains("/") ? "library/\(remoteName)" : String(remoteName))
        }

        var digest: Digest?
        if let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) {
            guard let value = Digest(rest[rest.index(after: at)...]) else { throw .format }
            digest = value
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        if domain == "index.docker.io" { domain = Self.defaultDomain }
        var path = String(rest)
        if domain == Self.defaultDomain, !path.isEmpty, !path.utf8.contains(UInt8(ascii: "/")) { path = "library/\(path)" }
        guard ReferenceGrammar.isDomain(domain), ReferenceGrammar.isPath(path), tag.map(ReferenceGrammar.isTag) ?? true else { throw .format }
        guard domain.utf8.count + 1 + path.utf8.count <= Self.nameLimit else { throw .tooLong }
        self.init(domain: domain, path: path, tag: tag, digest: digest)
    }

    private init(domain: String, path: String, tag: String?, digest: Digest?) {
        self.domain = domain
        self.path = path
        self.tag = tag
        self.digest = digest
    }

    /// What stands before the first slash is a registry when it looks like a host: a dot, a port, `localhost`, or an upper-case letter.
    private static func splitDomain(_ text: String) -> (String, Substring) {
        guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return (defaultDomain, text[...]) }
        let first = text[..<slash]
        let isHost = first.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || ($0 >= 65 && $0 <= 90) } || first == "localhost"
        return isHost ? (String(first), text[text.index(after: slash)...]) : (defaultDomain, text[...])
    }

    /// Registry and repository, without tag and digest: `docker.io/library/ubuntu`.
    package var name: String { "\(domain)/\(path)" }

    /// The short form of `name`: `ubuntu`, `bitnami/redis`, `localhost:5000/x`. It is the full one where the short one would be
    /// read as something else: `docker.io/localhost/x`, or a name that looks like an id.
    package var familiarName: String {
        guard domain == Self.defaultDomain else { return name }
        let isOfficial = path.hasPrefix("library/") && !path.dropFirst(8).utf8.contains(UInt8(ascii: "/"))
        let short = isOfficial ? String(path.dropFirst(8)) : path
        let looksLikeID = short.utf8.count == 64 && short.utf8.allSatisfy(Digest.isLowerHex)
        return looksLikeID || Self.splitDomain(short).1 != short ? name : short
    }

    /// The short form with tag and digest, as Docker prints it.
    package var familiar: String { familiarName + suffix }

    /// The full form with tag and digest.
    package var description: String { name + suffix }

    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// Itself, with `:latest` when there is neither tag nor digest.
    package var withDefaultTag: Reference {
        tag == nil && digest == nil ? Reference(domain: domain, path: path, tag: Self.defaultTag, digest: nil) : self
    }

    /// The name alone.
    package var withoutSuffix: Reference { Reference(domain: domain, path: path, tag: nil, digest: nil) }

    /// The same name with another tag and no digest.
    package func tagged(_ tag: String) throws(ReferenceError) -> Reference {
        guard ReferenceGrammar.isTag(tag) else { throw .tag(tag) }
        return Reference(domain: domain, path: path, tag: tag, digest: nil)
    }

    /// The same name pinned to content, and no tag.
    package func pinned(_ digest: Digest) -> Reference { Reference(domain: domain, path: path, tag: nil, digest: digest) }
}

/// Why a text is no reference, in Docker's words.
package enum ReferenceError: Error, Sendable, Hashable, CustomStringConvertible {
    case format
    case upperCase(String)
    case tooLong
    case looksLikeID(String)
    case tag(String)

    package var description: String {
        switch self {
        case .format: "invalid reference format"
        case .upperCase(let name): "invalid reference format: repository name (\(name)) must be lowercase"
        case .tooLong: "repository name must not be more than \(Reference.nameLimit) characters"
        case .looksLikeID(let text): "invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings"
        case .tag: "invalid tag format"
        }
    }
}

extension Reference: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { self = try Reference(text) } catch { throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)") }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
