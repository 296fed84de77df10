internal import Builder
internal import Diagnostics
internal import DockerAPI
internal import OCI
internal import Values

/// The options of the frontend `dockerfile.v0`, whose names are BuildKit's, as a request of the builder.
struct FrontendOptions: Sendable {
    let options: [String: String]

    /// Bodies of requests, and the one that is the context.
    private let uploads: Meeting<Upload>?
    private let upload: String?

    init(_ options: [String: String], uploads: Meeting<Upload>? = nil, upload: String? = nil) {
        self.options = options
        self.uploads = uploads
        self.upload = upload
    }

    /// The context that comes with a request of its own; nil when it does not.
    func uploaded() async throws -> Upload? {
        guard let upload else { return nil }
        guard let found = try await uploads?.value(upload) else { throw Fault(.unavailable, "no \(upload)") }
        return found
    }

    /// What the client calls its directories.
    var contextName: String { options["contextkey"] ?? "context" }
    var dockerfileName: String { options["dockerfilekey"] ?? "dockerfile" }

    /// Of the session that has a directory, where that is another one.
    func session(of directory: String) -> String? { options["local-sessionid:\(directory)"] }

    /// The address of a context that is no directory of the client.
    var remote: String? { options["context"].flatMap { $0.isEmpty || $0.hasPrefix("local:") ? nil : $0 } }

    func request(entitlements: [String]) throws -> BuildRequest {
        var build = BuildRequest()
        build.style = .buildKit
        build.dockerfile = options["filename"] ?? "Dockerfile"
        build.hasOwnDockerfile = options["dockerfilekey"] != nil
        build.target = options["target"] ?? ""
        build.arguments = all("build-arg:")
        build.labels = all("label:")
        build.platforms = try platforms()
        build.pulls = options["image-resolve-mode"] == "pull"
        if let stages = options["no-cache"] {
            let names = stages.split(separator: ",").map(String.init)
            if names.isEmpty { build.ignoresCache = true } else { build.inputs.uncached = names }
        }
        build.cacheImports = try options["cache-imports"].map { try CachePlace.list($0) } ?? list("cache-from").map { try CachePlace($0) }
        build.networkMode = options["force-network-mode"] ?? "default"
        if build.networkMode == "sandbox" { build.networkMode = "default" }
        build.extraHosts = list("add-hosts").map { host in host.cut("=").map { "\($0):\($1)" } ?? host }
        build.hostname = options["build-arg:BUILDKIT_SANDBOX_HOSTNAME"] ?? options["hostname"] ?? ""
        build.subdirectory = options["contextsubdir"] ?? ""
        build.shmSize = try number("shm-size")
        build.resources.cgroupParent = options["cgroup-parent"] ?? ""
        build.resources.memory = try number("memory")
        build.resources.memorySwap = try number("memswap")
        build.resources.cpuShares = try number("cpushares")
        build.resources.cpuPeriod = try number("cpuperiod")
        build.resources.cpuQuota = try number("cpuquota")
        build.resources.cpusetCpus = options["cpusetcpus"] ?? ""
        build.resources.cpusetMems = options["cpusetmems"] ?? ""
        let limits = try list("ulimit").map(Self.limit)
        build.resources.ulimits = limits.isEmpty ? nil : limits
        build.inputs.allowed = entitlements
        for (kind, text) in all("attest:").sorted(by: { $0.key < $1.key }) { try build.attestations.add(kind, text) }
        build.attestations.parameters = options
        let question = options["requestid"] ?? ""
        build.inputs.question = question.hasPrefix("frontend.") ? String(question.dropFirst("frontend.".utf8.count)) : question
        for (name, place) in all("context:") where !place.hasPrefix(Self.input) {
            var place = place
            for kind in ["docker-image", "oci-layout"] where place.hasPrefix("\(kind):") && !place.hasPrefix("\(kind)://") {
                place.insert(contentsOf: "//", at: place.index(place.startIndex, offsetBy: kind.count + 1))
            }
            let kinds = ["local:", "docker-image://", "oci-layout://", "https://", "http://", "git://", "git@", "ssh://"]
            guard kinds.contains(where: { place.hasPrefix($0) }) else { throw Fault(.invalid, "unsupported context source \(place) for \(name)") }
            build.inputs.contexts[name.lowercased()] = place
        }
        return build
    }

    /// Contexts that are definitions, which come apart, by the names that those have.
    var inputs: [String: String] {
        var result: [String: String] = [:]
        for (name, place) in all("context:") where place.hasPrefix(Self.input) { result[name] = String(place.dropFirst(Self.input.utf8.count)) }
        return result
    }

    private static let input = "input:"

    private func all(_ prefix: String) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in options where name.hasPrefix(prefix) { result[String(name.dropFirst(prefix.utf8.count))] = value }
        return result
    }

    private func list(_ name: String) -> [String] { (options[name] ?? "").split(separator: ",").map(String.init) }

    private func number(_ name: String) throws -> Int {
        guard let text = options[name], !text.isEmpty else { return 0 }
        guard let value = Int(text) else { throw Fault(.invalid, "invalid \(name): \(text)") }
        return value
    }

    private func platforms() throws -> [Platform] {
        try list("platform").map { name in
            do throws(PlatformError) { return try Platform(name) } catch { throw Fault(.invalid, "failed to parse target platform \(name): \(error)") }
        }
    }

    /// `name=soft:hard`.
    private static func limit(_ text: String) throws -> Ulimit {
        let (name, limits) = text.cut("=") ?? ("", ""), values = limits.split(separator: ":").map { Int($0) }
        guard !name.isEmpty, (1...2).contains(values.count), let soft = values[0], let hard = values[values.count - 1] else { throw Fault(.invalid, "invalid ulimit: \(text)") }
        return Ulimit(name: name, hard: hard, soft: soft)
    }
}
