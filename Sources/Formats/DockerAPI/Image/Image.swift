/// Where an image runs.
package struct OCIPlatform: Codable, Sendable, Hashable {
    package var architecture: String = ""
    package var os: String = ""
    package var osVersion: String = ""
    package var variant: String = ""

    package init(architecture: String = "", os: String = "", osVersion: String = "", variant: String = "") {
        self.architecture = architecture
        self.os = os
        self.osVersion = osVersion
        self.variant = variant
    }

    private enum CodingKeys: String, CodingKey {
        case architecture
        case os
        case osVersion = "os.version"
        case variant
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        architecture = try fields.value(.architecture)
        os = try fields.value(.os)
        osVersion = try fields.value(.osVersion)
        variant = try fields.value(.variant)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(architecture, .architecture)
        try fields.put(os, .os)
        try fields.putUnlessZero(osVersion, .osVersion)
        try fields.putUnlessZero(variant, .variant)
    }
}

/// A reference to content by digest.
package struct OCIDescriptor: Codable, Sendable, Hashable {
    package var mediaType: String = ""
    package var digest: String = ""
    package var size: Int = 0
    package var urls: [String]?
    package var annotations: [String: String]?
    package var platform: OCIPlatform?

    package init(
        mediaType: String = "",
        digest: String = "",
        size: Int = 0,
        urls: [String]? = nil,
        annotations: [String: String]? = nil,
        platform: OCIPlatform? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.urls = urls
        self.annotations = annotations
        self.platform = platform
    }

    private enum CodingKeys: String, CodingKey {
        case mediaType
        case digest
        case size
        case urls
        case annotations
        case platform
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try fields.value(.mediaType)
        digest = try fields.value(.digest)
        size = try fields.value(.size)
        urls = try fields.optional(.urls)
        annotations = try fields.optional(.annotations)
        platform = try fields.optional(.platform)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(mediaType, .mediaType)
        try fields.put(digest, .digest)
        try fields.put(size, .size)
        try fields.putUnlessEmpty(urls, .urls)
        try fields.putUnlessEmpty(annotations, .annotations)
        try fields.putUnlessEmpty(platform, .platform)
    }
}

/// One image of GET /images/json. -1 in a count means "not counted".
package struct ImageSummary: Codable, Sendable, Hashable {
    package var containers: Int = 0
    /// Seconds since 1970.
    package var created: Int = 0
    package var id: String = ""
    package var labels: [String: String]?
    package var parentId: String = ""
    package var descriptor: OCIDescriptor?
    package var repoDigests: [String] = []
    package var repoTags: [String] = []
    package var sharedSize: Int = 0
    package var size: Int = 0

    package init(
        containers: Int = 0,
        created: Int = 0,
        id: String = "",
        labels: [String: String]? = nil,
        parentId: String = "",
        descriptor: OCIDescriptor? = nil,
        repoDigests: [String] = [],
        repoTags: [String] = [],
        sharedSize: Int = 0,
        size: Int = 0
    ) {
        self.containers = containers
        self.created = created
        self.id = id
        self.labels = labels
        self.parentId = parentId
        self.descriptor = descriptor
        self.repoDigests = repoDigests
        self.repoTags = repoTags
        self.sharedSize = sharedSize
        self.size = size
    }

    private enum CodingKeys: String, CodingKey {
        case containers = "Containers"
        case created = "Created"
        case id = "Id"
        case labels = "Labels"
        case parentId = "ParentId"
        case descriptor = "Descriptor"
        case repoDigests = "RepoDigests"
        case repoTags = "RepoTags"
        case sharedSize = "SharedSize"
        case size = "Size"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        containers = try fields.value(.containers)
        created = try fields.value(.created)
        id = try fields.value(.id)
        labels = try fields.optional(.labels)
        parentId = try fields.value(.parentId)
        descriptor = try fields.optional(.descriptor)
        repoDigests = try fields.value(.repoDigests)
        repoTags = try fields.value(.repoTags)
        sharedSize = try fields.value(.sharedSize)
        size = try fields.value(.size)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(containers, .containers)
        try fields.put(created, .created)
        try fields.put(id, .id)
        try fields.put(labels, .labels)
        try fields.put(parentId, .parentId)
        try fields.putUnlessEmpty(descriptor, .descriptor)
        try fields.put(repoDigests, .repoDigests)
        try fields.put(repoTags, .repoTags)
        try fields.put(sharedSize, .sharedSize)
        try fields.put(size, .size)
    }
}

extension OCIPlatform: GoZero { package static var zero: Self { Self() } }
extension OCIDescriptor: GoZero { package static var zero: Self { Self() } }
extension ImageSummary: GoZero { package static var zero: Self { Self() } }
