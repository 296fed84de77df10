internal import JSON

/// A place in a registry's API, and its path: distribution-spec, "Endpoints".
package enum RegistryEndpoint: Sendable, Hashable {
    case base
    case catalog
    case tags(RepositoryName)
    case manifest(RepositoryName, ManifestReference)
    case blob(RepositoryName, Digest)
    /// Where uploads begin.
    case uploads(RepositoryName)
    case upload(RepositoryName, id: String)
    case referrers(RepositoryName, Digest)

    /// From `/v2/` on.
    package var path: String {
        switch self {
        case .base: "/v2/"
        case .catalog: "/v2/_catalog"
        case .tags(let name): "/v2/\(name)/tags/list"
        case .manifest(let name, let reference): "/v2/\(name)/manifests/\(reference)"
        case .blob(let name, let digest): "/v2/\(name)/blobs/\(digest)"
        case .uploads(let name): "/v2/\(name)/blobs/uploads/"
        case .upload(let name, let id): "/v2/\(name)/blobs/uploads/\(id)"
        case .referrers(let name, let digest): "/v2/\(name)/referrers/\(digest)"
        }
    }

    /// The repository it is about; nil for the whole registry.
    package var repository: RepositoryName? {
        switch self {
        case .base, .catalog: nil
        case .tags(let name), .manifest(let name, _), .blob(let name, _), .uploads(let name), .upload(let name, _), .referrers(let name, _): name
        }
    }

    /// Reads a path; nil when no endpoint looks like it. Throws for one that does but whose name, digest or tag is none.
    package init?(path: some StringProtocol) throws(RegistryError) {
        let segments = String(path).utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Substring($0) }
        guard segments.count >= 2, segments[0].isEmpty, segments[1] == "v2" else { return nil }
        let rest = segments[2...]
        if rest.isEmpty || rest == [""] {
            self = .base
        } else if rest == ["_catalog"] || rest == ["_catalog", ""] {
            self = .catalog
        } else if rest.count >= 3, rest.suffix(2) == ["tags", "list"] {
            self = .tags(try Self.name(rest.dropLast(2)))
        } else if rest.count >= 4, rest.suffix(3) == ["blobs", "uploads", ""] {
            self = .uploads(try Self.name(rest.dropLast(3)))
        } else if rest.count >= 3, rest.suffix(2) == ["blobs", "uploads"] {
            self = .uploads(try Self.name(rest.dropLast(2)))
        } else if rest.count >= 4, rest.dropLast().suffix(2) == ["blobs", "uploads"], let id = rest.last {
            self = .upload(try Self.name(rest.dropLast(3)), id: String(id))
        } else if rest.count >= 3, let kind = rest.dropLast().last, let last = rest.last {
            switch kind {
            case "manifests":
                let name = try Self.name(rest.dropLast(2))
                guard let reference = ManifestReference(last) else {
                    if last.utf8.contains(UInt8(ascii: ":")) { throw Self.digestError(last) }
                    throw RegistryError(.tagInvalid, "invalid tag", detail: .string(String(last.prefix(Reference.tagLimit))))
                }
                self = .manifest(name, reference)
            case "blobs": self = .blob(try Self.name(rest.dropLast(2)), try Self.digest(last))
            case "referrers": self = .referrers(try Self.name(rest.dropLast(2)), try Self.digest(last))
            default: return nil
            }
        } else {
            return nil
        }
    }

    private static func name(_ segments: ArraySlice<Substring>) throws(RegistryError) -> RepositoryName {
        let text = segments.joined(separator: "/")
        guard let name = RepositoryName(text) else {
            throw RegistryError(.nameInvalid, detail: .string(String(text.prefix(Reference.nameLimit))))
        }
        return name
    }

    private static func digest(_ text: Substring) throws(RegistryError) -> Digest {
        guard let digest = Digest(text) else { throw digestError(text) }
        return digest
    }

    private static func digestError(_ text: Substring) -> RegistryError {
        RegistryError(.digestInvalid, "invalid digest", detail: .string(String(text.prefix(160))))
    }
}
