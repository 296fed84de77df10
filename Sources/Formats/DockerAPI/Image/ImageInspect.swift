package import JSON
package import Values

/// The layers of an image, as diffIDs.
package struct RootFS: JSONRecord, Sendable, Hashable {
    package var type: String = ""
    package var layers: [String]?

    package init(type: String = "", layers: [String]? = nil) {
        self.type = type
        self.layers = layers
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Type", &type, .unlessEmpty)
        try m("Layers", &layers, .unlessEmpty)
    }
}

/// What is local to this engine.
package struct ImageMetadata: JSONRecord, Sendable, Hashable {
    package var lastTagTime: Timestamp = .never

    package init(lastTagTime: Timestamp = .never) {
        self.lastTagTime = lastTagTime
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("LastTagTime", &lastTagTime, .unlessEmpty)
    }
}

/// The answer to GET /images/{name}/json.
package struct ImageInspect: JSONRecord, Sendable, Hashable {
    package var id: String = ""
    package var repoTags: [String] = []
    package var repoDigests: [String] = []
    package var parent: String = ""
    package var comment: String = ""
    package var created: Timestamp?
    package var dockerVersion: String = ""
    package var author: String = ""
    package var config: ContainerConfig?
    /// Only for clients before 1.45.
    package var containerConfig: ContainerConfig?
    package var architecture: String = ""
    package var variant: String = ""
    package var os: String = ""
    package var osVersion: String = ""
    package var size: Int = 0
    package var graphDriver: DriverData = DriverData()
    package var rootFS: RootFS = RootFS()
    package var metadata: ImageMetadata = ImageMetadata()
    package var descriptor: OCIDescriptor?
    /// Only when asked for.
    package var manifests: [ImageManifestSummary]?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Id", &id)
        try m("RepoTags", &repoTags)
        try m("RepoDigests", &repoDigests)
        try m("Parent", &parent)
        try m("Comment", &comment)
        try m("Created", &created, .unlessEmpty)
        try m("DockerVersion", &dockerVersion)
        try m("Author", &author)
        try m("Config", &config)
        try m("ContainerConfig", &containerConfig, .unlessNil)
        try m("Architecture", &architecture)
        try m("Variant", &variant, .unlessEmpty)
        try m("Os", &os)
        try m("OsVersion", &osVersion, .unlessEmpty)
        try m("Size", &size)
        try m("GraphDriver", &graphDriver)
        try m("RootFS", &rootFS)
        try m("Metadata", &metadata)
        try m("Descriptor", &descriptor, .unlessEmpty)
        try m("Manifests", &manifests, .unlessNil)
    }
}
