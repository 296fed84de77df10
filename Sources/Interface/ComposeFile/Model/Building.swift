package import JSON

/// How a service's image is built.
package struct ComposeBuild: JSONRecord, Sendable, Hashable {
    package var context: String = ""
    package var dockerfile: String = ""
    package var dockerfileInline: String = ""
    package var entitlements: [String] = []
    package var args: [String: String?] = [:]
    package var provenance: String = ""
    package var sbom: String = ""
    package var ssh: [String: String] = [:]
    package var labels: [String: String] = [:]
    package var cacheFrom: [String] = []
    package var cacheTo: [String] = []
    package var noCache: Bool = false
    package var noCacheFilter: [String] = []
    package var additionalContexts: [String: String] = [:]
    package var pull: Bool = false
    package var extraHosts: [String] = []
    package var isolation: String = ""
    package var network: String = ""
    package var target: String = ""
    package var secrets: [ComposeFileReference] = []
    package var shmSize: String = ""
    package var tags: [String] = []
    package var ulimits: [String: ComposeUlimit] = [:]
    package var platforms: [String] = []
    package var privileged: Bool = false

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("context", &context, .unlessEmpty)
        try m("dockerfile", &dockerfile, .unlessEmpty)
        try m("dockerfile_inline", &dockerfileInline, .unlessEmpty)
        try m("entitlements", &entitlements, .unlessEmpty)
        try m("args", &args, .unlessEmpty)
        try m("provenance", &provenance, .unlessEmpty)
        try m("sbom", &sbom, .unlessEmpty)
        try m("ssh", &ssh, .unlessEmpty)
        try m("labels", &labels, .unlessEmpty)
        try m("cache_from", &cacheFrom, .unlessEmpty)
        try m("cache_to", &cacheTo, .unlessEmpty)
        try m("no_cache", &noCache, .unlessEmpty)
        try m("no_cache_filter", &noCacheFilter, .unlessEmpty)
        try m("additional_contexts", &additionalContexts, .unlessEmpty)
        try m("pull", &pull, .unlessEmpty)
        try m("extra_hosts", &extraHosts, .unlessEmpty)
        try m("isolation", &isolation, .unlessEmpty)
        try m("network", &network, .unlessEmpty)
        try m("target", &target, .unlessEmpty)
        try m("secrets", &secrets, .unlessEmpty)
        try m("shm_size", &shmSize, .unlessEmpty)
        try m("tags", &tags, .unlessEmpty)
        try m("ulimits", &ulimits, .unlessEmpty)
        try m("platforms", &platforms, .unlessEmpty)
        try m("privileged", &privileged, .unlessEmpty)
    }
}

/// What to do when files change.
package struct ComposeWatch: JSONRecord, Sendable, Hashable {
    package var path: String = ""
    package var action: String = ""
    package var target: String = ""
    package var exec: ComposeHook = ComposeHook()
    package var include: [String] = []
    package var ignore: [String] = []
    package var initialSync: Bool = false

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("path", &path)
        try m("action", &action)
        try m("target", &target, .unlessEmpty)
        try m("exec", &exec)
        try m("include", &include, .unlessEmpty)
        try m("ignore", &ignore, .unlessEmpty)
        try m("initial_sync", &initialSync, .unlessEmpty)
    }
}

/// How a service is worked on.
package struct ComposeDevelop: JSONRecord, Sendable, Hashable {
    package var watch: [ComposeWatch] = []

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("watch", &watch, .unlessEmpty)
    }
}
