/// The product's name.
package struct VersionPlatform: Codable, Sendable, Hashable {
    package var name: String = ""

    package init(name: String = "") {
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
    }
}

/// One part of the product and its version.
package struct ComponentVersion: Codable, Sendable, Hashable {
    package var name: String = ""
    package var version: String = ""
    package var details: [String: String]?

    package init(name: String = "", version: String = "", details: [String: String]? = nil) {
        self.name = name
        self.version = version
        self.details = details
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case version = "Version"
        case details = "Details"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.value(.name)
        version = try fields.value(.version)
        details = try fields.optional(.details)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(name, .name)
        try fields.put(version, .version)
        try fields.putUnlessEmpty(details, .details)
    }
}

/// The answer to GET /version.
package struct SystemVersion: Codable, Sendable, Hashable {
    package var platform: VersionPlatform = VersionPlatform()
    package var components: [ComponentVersion]?
    package var version: String = ""
    package var apiVersion: String = ""
    package var minAPIVersion: String = ""
    package var gitCommit: String = ""
    package var goVersion: String = ""
    package var os: String = ""
    package var arch: String = ""
    package var kernelVersion: String = ""
    package var experimental: Bool = false
    package var buildTime: String = ""

    package init(
        platform: VersionPlatform = VersionPlatform(),
        components: [ComponentVersion]? = nil,
        version: String = "",
        apiVersion: String = "",
        minAPIVersion: String = "",
        gitCommit: String = "",
        goVersion: String = "",
        os: String = "",
        arch: String = "",
        kernelVersion: String = "",
        experimental: Bool = false,
        buildTime: String = ""
    ) {
        self.platform = platform
        self.components = components
        self.version = version
        self.apiVersion = apiVersion
        self.minAPIVersion = minAPIVersion
        self.gitCommit = gitCommit
        self.goVersion = goVersion
        self.os = os
        self.arch = arch
        self.kernelVersion = kernelVersion
        self.experimental = experimental
        self.buildTime = buildTime
    }

    private enum CodingKeys: String, CodingKey {
        case platform = "Platform"
        case components = "Components"
        case version = "Version"
        case apiVersion = "ApiVersion"
        case minAPIVersion = "MinAPIVersion"
        case gitCommit = "GitCommit"
        case goVersion = "GoVersion"
        case os = "Os"
        case arch = "Arch"
        case kernelVersion = "KernelVersion"
        case experimental = "Experimental"
        case buildTime = "BuildTime"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        platform = try fields.value(.platform)
        components = try fields.optional(.components)
        version = try fields.value(.version)
        apiVersion = try fields.value(.apiVersion)
        minAPIVersion = try fields.value(.minAPIVersion)
        gitCommit = try fields.value(.gitCommit)
        goVersion = try fields.value(.goVersion)
        os = try fields.value(.os)
        arch = try fields.value(.arch)
        kernelVersion = try fields.value(.kernelVersion)
        experimental = try fields.value(.experimental)
        buildTime = try fields.value(.buildTime)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.put(platform, .platform)
        try fields.putUnlessEmpty(components, .components)
        try fields.put(version, .version)
        try fields.put(apiVersion, .apiVersion)
        try fields.putUnlessZero(minAPIVersion, .minAPIVersion)
        try fields.put(gitCommit, .gitCommit)
        try fields.put(goVersion, .goVersion)
        try fields.put(os, .os)
        try fields.put(arch, .arch)
        try fields.putUnlessZero(kernelVersion, .kernelVersion)
        try fields.putUnlessZero(experimental, .experimental)
        try fields.putUnlessZero(buildTime, .buildTime)
    }
}

extension VersionPlatform: GoZero { package static var zero: Self { Self() } }
extension ComponentVersion: GoZero { package static var zero: Self { Self() } }
extension SystemVersion: GoZero { package static var zero: Self { Self() } }
