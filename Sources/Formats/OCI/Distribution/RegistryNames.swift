/// The name of a repository within a registry: `library/ubuntu`. See distribution-spec, "Pulling manifests".
package struct RepositoryName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let description: String

    /// Accepts the specification's grammar, at most `Reference.nameLimit` bytes; nil for anything else, so that a name can be a path.
    package init?(_ text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.count <= Reference.nameLimit, ReferenceGrammar.isPath(String(text)) else { return nil }
        description = String(text)
    }

    package static func < (a: RepositoryName, b: RepositoryName) -> Bool { a.description.utf8.lexicographicallyPrecedes(b.description.utf8) }
}

/// What stands after `manifests/` in a path: a tag or a digest.
package enum ManifestReference: Sendable, Hashable, CustomStringConvertible {
    case tag(String)
    case digest(Digest)

    /// A digest has a colon, a tag never.
    package init?(_ text: some StringProtocol) {
        if let digest = Digest(text) {
            self = .digest(digest)
        } else if ReferenceGrammar.isTag(String(text)) {
            self = .tag(String(text))
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .tag(let tag): tag
        case .digest(let digest): digest.description
        }
    }
}

extension Digest {
    /// The tag under which clients keep the referrers of this digest in registries without the referrers API: distribution-spec,
    /// "Referrers Tag Schema".
    package var referrersTag: String { "\(algorithm.prefix(32))-\(hex.prefix(64))" }
}
