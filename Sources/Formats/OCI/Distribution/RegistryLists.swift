/// The answer to `tags/list`.
package struct TagList: Sendable, Hashable, Codable {
    package var name: String
    package var tags: [String]

    package init(name: String, tags: [String]) {
        self.name = name
        self.tags = tags
    }

    /// Registries say `null` for a repository without tags.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
        tags = try container.decodeIfPresent([String].self, forKey: .tags) ?? []
    }
}

/// The answer to `_catalog`.
package struct Catalog: Sendable, Hashable, Codable {
    package var repositories: [String]

    package init(repositories: [String]) { self.repositories = repositories }

    package init(from decoder: any Decoder) throws {
        repositories = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent([String].self, forKey: .repositories) ?? []
    }
}

/// The names of header fields that registries have of their own, spelt as Docker's registry spells them.
package enum RegistryHeader {
    package static let contentDigest = "Docker-Content-Digest"
    package static let uploadID = "Docker-Upload-UUID"
    package static let apiVersion = "Docker-Distribution-Api-Version"
    /// Says that the registry keeps referrers itself.
    package static let subject = "OCI-Subject"
    package static let filtersApplied = "OCI-Filters-Applied"
    package static let chunkMinimum = "OCI-Chunk-Min-Length"
    /// The tags that a manifest pushed by digest got.
    package static let tag = "OCI-Tag"
}
