package import JSON

/// Where an image runs.
package struct OCIPlatform: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("architecture", &architecture)
        try m("os", &os)
        try m("os.version", &osVersion, .unlessEmpty)
        try m("variant", &variant, .unlessEmpty)
    }
}

/// A reference to content by digest.
package struct OCIDescriptor: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("mediaType", &mediaType)
        try m("digest", &digest)
        try m("size", &size)
        try m("urls", &urls, .unlessEmpty)
        try m("annotations", &annotations, .unlessEmpty)
        try m("platform", &platform, .unlessEmpty)
    }
}

/// One image of GET /images/json. -1 in a count means "not counted".
package struct ImageSummary: JSONRecord, Sendable, Hashable {
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
    /// Only when asked for.
    package var manifests: [ImageManifestSummary]?

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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Containers", &containers)
        try m("Created", &created)
        try m("Id", &id)
        try m("Labels", &labels)
        try m("ParentId", &parentId)
        try m("Descriptor", &descriptor, .unlessEmpty)
        try m("RepoDigests", &repoDigests)
        try m("RepoTags", &repoTags)
        try m("SharedSize", &sharedSize)
        try m("Size", &size)
        try m("Manifests", &manifests, .unlessNil)
    }
}
