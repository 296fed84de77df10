package import DockerAPI
package import Images
package import OCI
internal import Values

/// What a build is asked for: the parameters of `POST /build`.
package struct BuildRequest: Sendable {
    /// How it is told of, and what the image's history says: as Docker's own builder does, or as BuildKit does.
    package enum Style: Sendable { case classic, buildKit }

    package var style = Style.classic
    /// Names that the image gets.
    package var tags: [String] = []
    /// Where the Dockerfile is in the context.
    package var dockerfile = "Dockerfile"
    /// Values for `ARG`s; nil for those that are named and have none.
    package var arguments: [String: String?] = [:]
    package var labels: [String: String] = [:]
    /// The stage to end with; empty for the last one.
    package var target = ""
    /// Those that the image is for; none for the machine's own.
    package var platforms: [Platform] = []
    /// Every step is made anew.
    package var ignoresCache = false
    /// Images whose steps alone may be taken from the cache; empty for all that is in it. As Docker's own builder has it.
    package var cacheSources: [String] = []
    /// Where steps that were made elsewhere may come from, and where those of this build go. As BuildKit has it.
    package var cacheImports: [CachePlace] = []
    package var cacheExports: [CachePlace] = []
    /// Base images are asked for in their registries even if they are here.
    package var pulls = false
    package var isQuiet = false
    /// Containers of steps go when those have been done.
    package var removes = true
    /// Those of steps that failed go too.
    package var removesFailed = false
    package var networkMode = ""
    package var extraHosts: [String] = []
    /// Of containers; empty for names of their own.
    package var hostname = ""
    /// The directory in a context from elsewhere that is meant; empty for all of it.
    package var subdirectory = ""
    package var resources = Resources()
    /// Bytes; 0 for the default.
    package var shmSize = 0
    package var securityOptions: [String] = []
    /// By registries' names.
    package var credentials: [String: AuthConfig] = [:]
    package var inputs = BuildInputs()
    package var attestations = Attestations()
    /// What the image's manifests say, unless whoever exports it says so.
    package var annotations = ImageAnnotations()
    /// What other builds have come to that are not closed yet, one for each of their platforms, by the names that `FROM` and `from` have for them, in lower case.
    package var results: [String: [Build.Result]] = [:]
    /// The Dockerfile is the client's, even where the context is from elsewhere.
    package var hasOwnDockerfile = false
    /// Has the files, the secrets and the rest; nil when all is here.
    package var client: (any BuildClient)?

    package init() {}

    /// Nil when whoever builds has none of that name.
    func secret(_ id: String) async throws -> [UInt8]? {
        if let client { return try await client.secret(id) }
        return inputs.secrets[id].flatMap { Base64.decode($0) }
    }

    /// How contexts are named: as images are, in short and in lower case, without the tag that goes without saying.
    package static func contextName(_ name: String) -> String {
        // What is no name of an image is that of a stage.
        let short = (try? Reference(name.lowercased()).familiar) ?? name.lowercased()
        return short.hasSuffix(":latest") ? String(short.dropLast(":latest".utf8.count)) : short
    }

    /// The context that a name stands for, which may be there for one platform alone: `name::platform`.
    func context(_ name: String, for platform: Platform) -> String? {
        let name = Self.contextName(name)
        return inputs.contexts["\(name)::\(platform.normalised)"] ?? inputs.contexts[name]
    }

    /// Whether a name stands for a context, or for what another build has come to.
    func hasContext(_ name: String) -> Bool {
        let name = Self.contextName(name)
        return results[name] != nil || inputs.contexts.keys.contains { $0 == name || $0.hasPrefix("\(name)::") }
    }

    /// What another build has come to under a name; of several platforms the one that fits best.
    func result(_ name: String, for platform: Platform) -> Build.Result? {
        guard let all = results[Self.contextName(name)] else { return nil }
        return Platform.best(of: all.map(\.platform), for: platform).map { all[$0] } ?? (all.count == 1 ? all.first : nil)
    }
}
