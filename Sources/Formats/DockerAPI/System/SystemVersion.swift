package import JSON

/// The product's name.
package struct VersionPlatform: JSONRecord, Sendable, Hashable {
    package var name: String = ""

    package init(name: String = "") {
        self.name = name
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
    }
}

/// One part of the product and its version.
package struct ComponentVersion: JSONRecord, Sendable, Hashable {
    package var name: String = ""
    package var version: String = ""
    package var details: [String: String]?

    package init(name: String = "", version: String = "", details: [String: String]? = nil) {
        self.name = name
        self.version = version
        self.details = details
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Name", &name)
        try m("Version", &version)
        try m("Details", &details, .unlessEmpty)
    }
}

/// The answer to GET /version.
package struct SystemVersion: JSONRecord, Sendable, Hashable {
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

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Platform", &platform)
        try m("Components", &components, .unlessEmpty)
        try m("Version", &version)
        try m("ApiVersion", &apiVersion)
        try m("MinAPIVersion", &minAPIVersion, .unlessEmpty)
        try m("GitCommit", &gitCommit)
        try m("GoVersion", &goVersion)
        try m("Os", &os)
        try m("Arch", &arch)
        try m("KernelVersion", &kernelVersion, .unlessEmpty)
        try m("Experimental", &experimental, .unlessEmpty)
        try m("BuildTime", &buildTime, .unlessEmpty)
    }
}
