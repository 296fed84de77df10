package import Values

/// The layers of an image, as diffIDs.
package struct RootFS: Codable, Sendable, Hashable {
    package var type: String = ""
    package var layers: [String]?

    package init(type: String = "", layers: [String]? = nil) {
        self.type = type
        self.layers = layers
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case layers = "Layers"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        type = try fields.value(.type)
        layers = try fields.optional(.layers)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(type, .type)
        try fields.putUnlessEmpty(layers, .layers)
    }
}

/// What is local to this engine.
package struct ImageMetadata: Codable, Sendable, Hashable {
    package var lastTagTime: Timestamp = .never

    package init(lastTagTime: Timestamp = .never) {
        self.lastTagTime = lastTagTime
    }

    private enum CodingKeys: String, CodingKey {
        case lastTagTime = "LastTagTime"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        lastTagTime = try fields.value(.lastTagTime)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(lastTagTime, .lastTagTime)
    }
}

/// The answer to GET /images/{name}/json.
package struct ImageInspect: Codable, Sendable, Hashable {
    package var id: String = ""
    package var repoTags: [String] = []
    package var repoDigests: [String] = []
    package var parent: String = ""
    package var comment: String = ""
    package var created: Timestamp?
    package var dockerVersion: String = ""
    package var author: String = ""
    package var config: ContainerConfig?
    package var architecture: String = ""
    package var variant: String = ""
    package var os: String = ""
    package var osVersion: String = ""
    package var size: Int = 0
    package var graphDriver: DriverData = DriverData()
    package var rootFS: RootFS = RootFS()
    package var metadata: ImageMetadata = ImageMetadata()
    package var descriptor: OCIDescriptor?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case repoTags = "RepoTags"
        case repoDigests = "RepoDigests"
        case parent = "Parent"
        case comment = "Comment"
        case created = "Created"
        case dockerVersion = "DockerVersion"
        case author = "Author"
        case config = "Config"
        case architecture = "Architecture"
        case variant = "Variant"
        case os = "Os"
        case osVersion = "OsVersion"
        case size = "Size"
        case graphDriver = "GraphDriver"
        case rootFS = "RootFS"
        case metadata = "Metadata"
        case descriptor = "Descriptor"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.value(.id)
        repoTags = try fields.value(.repoTags)
        repoDigests = try fields.value(.repoDigests)
        parent = try fields.value(.parent)
        comment = try fields.value(.comment)
        created = try fields.optional(.created)
        dockerVersion = try fields.value(.dockerVersion)
        author = try fields.value(.author)
        config = try fields.optional(.config)
        architecture = try fields.value(.architecture)
        variant = try fields.value(.variant)
        os = try fields.value(.os)
        osVersion = try fields.value(.osVersion)
        size = try fields.value(.size)
        graphDriver = try fields.value(.graphDriver)
        rootFS = try fields.value(.rootFS)
        metadata = try fields.value(.metadata)
        descriptor = try fields.optional(.descriptor)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(id, .id)
        try fields.put(repoTags, .repoTags)
        try fields.put(repoDigests, .repoDigests)
        try fields.put(parent, .parent)
        try fields.put(comment, .comment)
        try fields.putUnlessEmpty(created, .created)
        try fields.put(dockerVersion, .dockerVersion)
        try fields.put(author, .author)
        try fields.put(config, .config)
        try fields.put(architecture, .architecture)
        try fields.putUnlessZero(variant, .variant)
        try fields.put(os, .os)
        try fields.putUnlessZero(osVersion, .osVersion)
        try fields.put(size, .size)
        try fields.put(graphDriver, .graphDriver)
        try fields.put(rootFS, .rootFS)
        try fields.put(metadata, .metadata)
        try fields.putUnlessEmpty(descriptor, .descriptor)
    }
}

extension RootFS: GoZero { package static var zero: Self { Self() } }
extension ImageMetadata: GoZero { package static var zero: Self { Self() } }
extension ImageInspect: GoZero { package static var zero: Self { Self() } }
