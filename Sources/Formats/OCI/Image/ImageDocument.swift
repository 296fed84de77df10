package import Values

/// The document whose digest is an image's id: platform, configuration, layers and history. See image-spec, config.md.
///
/// Its exact bytes are kept wherever the digest matters; this type is for reading it and for making new ones.
package struct ImageDocument: Sendable, Hashable, Codable {
    package var created: Timestamp?
    package var author: String?
    package var architecture: String
    package var variant: String?
    package var os: String
    package var osVersion: String?
    package var osFeatures: [String]?
    package var config: ImageConfig?
    package var rootfs: RootFS
    package var history: [History]?
    // Fields of Docker's older documents.
    package var comment: String?
    package var container: String?
    package var dockerVersion: String?
    package var parent: String?
    /// Steps of the build that made it, as BuildKit has them in an image: a document in base64.
    private var cache: String?

    /// The same as it is.
    package var inlineCache: [UInt8]? {
        get { cache.flatMap { Base64.decode($0) } }
        set { cache = newValue.map { Base64.encode($0) } }
    }

    /// The layers, lowest first, by the digests of their uncompressed tars.
    package struct RootFS: Sendable, Hashable, Codable {
        package var type: String
        package var diffIDs: [Digest]

        enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }

        package init(diffIDs: [Digest]) {
            type = "layers"
            self.diffIDs = diffIDs
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            type = try container.decodeIfPresent(String.self, forKey: .type) ?? "layers"
            // Images without layers say null.
            diffIDs = try container.decodeIfPresent([Digest].self, forKey: .diffIDs) ?? []
        }
    }

    /// How one layer, or one change of configuration, came to be.
    package struct History: Sendable, Hashable, Codable {
        package var created: Timestamp?
        package var createdBy: String?
        package var author: String?
        package var comment: String?
        /// True for a step that changed no file.
        package var emptyLayer: Bool?

        enum CodingKeys: String, CodingKey {
            case created
            case createdBy = "created_by"
            case author, comment
            case emptyLayer = "empty_layer"
        }

        package init(created: Timestamp? = nil, createdBy: String? = nil, author: String? = nil, comment: String? = nil, emptyLayer: Bool? = nil) {
            self.created = created
            self.createdBy = createdBy
            self.author = author
            self.comment = comment
            self.emptyLayer = emptyLayer
        }
    }

    enum CodingKeys: String, CodingKey {
        case created, author, architecture, variant, os
        case osVersion = "os.version"
        case osFeatures = "os.features"
        case config, rootfs, history, comment, container
        case dockerVersion = "docker_version"
        case parent
        case cache = "moby.buildkit.cache.v0"
    }

    /// A document for an image of these layers and nothing else said.
    package init(platform: Platform, created: Timestamp?, config: ImageConfig? = nil, diffIDs: [Digest] = [], history: [History]? = nil) {
        architecture = platform.architecture
        variant = platform.variant
        os = platform.os
        self.created = created
        self.config = config
        rootfs = RootFS(diffIDs: diffIDs)
        self.history = history
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        created = try container.decodeIfPresent(Timestamp.self, forKey: .created)
        author = try container.decodeIfPresent(String.self, forKey: .author)
        // Very old images leave these out; Docker takes them for its own platform.
        architecture = try container.decodeIfPresent(String.self, forKey: .architecture) ?? ""
        os = try container.decodeIfPresent(String.self, forKey: .os) ?? ""
        variant = try container.decodeIfPresent(String.self, forKey: .variant)
        osVersion = try container.decodeIfPresent(String.self, forKey: .osVersion)
        osFeatures = try container.decodeIfPresent([String].self, forKey: .osFeatures)
        config = try container.decodeIfPresent(ImageConfig.self, forKey: .config)
        rootfs = try container.decodeIfPresent(RootFS.self, forKey: .rootfs) ?? RootFS(diffIDs: [])
        history = try container.decodeIfPresent([History].self, forKey: .history)
        comment = try container.decodeIfPresent(String.self, forKey: .comment)
        self.container = try container.decodeIfPresent(String.self, forKey: .container)
        dockerVersion = try container.decodeIfPresent(String.self, forKey: .dockerVersion)
        parent = try container.decodeIfPresent(String.self, forKey: .parent)
        cache = try container.decodeIfPresent(String.self, forKey: .cache)
        if architecture.isEmpty { architecture = Platform.host.architecture }
        if os.isEmpty { os = Platform.host.os }
    }

    package var platform: Platform {
        var result = Platform(os: os, architecture: architecture, variant: variant)
        result.osVersion = osVersion
        result.osFeatures = osFeatures
        return result
    }
}
