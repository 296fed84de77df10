internal import Dockerfile
internal import Images
internal import JSON
internal import Linux
internal import OCI
internal import Synchronization
internal import Values

/// How an image was built, as SLSA tells it (slsa.dev/spec: v1, or v0.2), with what BuildKit has there of its own
/// (docs/attestations/slsa-definitions.md). Of a definition in low-level form there is nothing: builds have none.
struct Provenance {
    private let build: Build
    private let options: [String: String]
    private var source: JSONObject = [:]
    private var request: JSONObject = ["frontend": .string("dockerfile.v0")]
    private var metadata: JSONObject = [:]
    /// The request is told of as a whole.
    private var isRequestWhole = true
    private let materials: [Material]
    private let locals: [String]

    init(_ build: Build, _ options: [String: String]) throws {
        self.build = build
        self.options = options
        materials = build.materials.withLock { $0 }.sorted { ($0.isImage ? 0 : 1, $0.address) < ($1.isImage ? 0 : 1, $1.address) }
        locals = build.localDirectories
        let isWhole = options["mode"] != "min"
        var parameters = build.request.attestations.parameters.filter { name, _ in !Self.hostParameters.contains(name) && !name.hasPrefix("attest:") }
        let context = parameters["contextkey"] ?? "context"
        if let address = parameters.removeValue(forKey: context) {
            let address = Material.withoutCredentials(address)
            source["uri"] = .string(address)
            if let material = materials.first(where: { $0.address == address.prefix { $0 != "#" } || $0.address == address }) { source["digest"] = material.digest }
        }
        if let path = parameters.removeValue(forKey: "filename") { source["path"] = .string(path) }
        var repository: JSONObject = [:], told: JSONObject = [:]
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            let value = name.hasPrefix("context:") || name == "vcs:source" ? Material.withoutCredentials(value) : value
            if name.hasPrefix("vcs:") {
                if !value.isEmpty { repository[String(name.dropFirst("vcs:".utf8.count))] = .string(value) }
            } else if !isWhole, name.hasPrefix("build-arg:") || name.hasPrefix("label:") {
                isRequestWhole = false
            } else {
                told[name] = .string(value)
            }
        }
        if !told.members.isEmpty { request["args"] = .object(told) }
        for (name, mounts) in [("secrets", build.mounts(.secret, \.secretID)), ("ssh", build.mounts(.ssh, \.agentID))] where !mounts.isEmpty {
            if isWhole { request[name] = .array(mounts) } else { isRequestWhole = false }
        }
        if !locals.isEmpty { request["locals"] = .array(locals.map { .object(["name": .string($0)]) }) }
        if !repository.members.isEmpty { metadata["vcs"] = .object(repository) }
        if isWhole {
            let text = JSONValue.string(Base64.encode(Array(build.file.text.utf8)))
            metadata["source"] = .object(["infos": .array([.object(["filename": .string(build.file.name), "language": .string("Dockerfile"), "data": text])])])
        }
    }

    /// What says more of the machine than of the build.
    private static let hostParameters: Set<String> = ["cgroup-parent", "image-resolve-mode", "platform", "cache-imports"]

    var statement: ImageStatement {
        options["version"] == "v0.2"
            ? ImageStatement(predicateType: "https://slsa.dev/provenance/v0.2", predicate: oldPredicate)
            : ImageStatement(predicateType: "https://slsa.dev/provenance/v1", predicate: predicate)
    }

    private var areMaterialsWhole: Bool { locals.isEmpty }
    private var isHermetic: Bool { areMaterialsWhole && !build.usesNetwork.load(ordering: .relaxed) }
    private var isReproducible: Bool { options["reproducible"].map { ["true", "1"].contains($0) } ?? false }
    private var builder: JSONValue { .object(["id": .string(options["builder-id"] ?? "")]) }
    private var dependencies: JSONValue { .array(materials.map(\.json)) }
    private var started: JSONValue { .string("\(build.started)") }
    private var version: JSONValue { .string(Builder.dockerfileVersion) }
    private var platform: JSONValue { .string("\(Platform.host.normalised)") }

    private var predicate: JSONValue {
        var details: JSONObject = [
            "invocationID": .string(build.workplace.id), "startedOn": started, "finishedOn": .string("\(Timestamp.now)"), "buildkit_metadata": .object(metadata),
            "buildkit_completeness": .object(["request": .bool(isRequestWhole), "resolvedDependencies": .bool(areMaterialsWhole)]),
        ]
        if isHermetic { details["buildkit_hermetic"] = .bool(true) }
        if isReproducible { details["buildkit_reproducible"] = .bool(true) }
        let type = "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md"
        return .object([
            "buildDefinition": .object([
                "buildType": .string(type), "externalParameters": .object(["configSource": .object(source), "request": .object(request)]),
                "internalParameters": .object(["builderPlatform": platform, "dockerfileVersion": version]), "resolvedDependencies": dependencies,
            ]), "runDetails": .object(["builder": builder, "metadata": .object(details)]),
        ])
    }

    private var oldPredicate: JSONValue {
        let own = "https://mobyproject.org/buildkit@v1"
        var source = source
        if let path = source["path"] { (source["path"], source["entryPoint"]) = (nil, path) }
        var details: JSONObject = [
            "buildInvocationID": .string(build.workplace.id), "buildStartedOn": started, "buildFinishedOn": .string("\(Timestamp.now)"),
            "completeness": .object(["parameters": .bool(isRequestWhole), "environment": .bool(true), "materials": .bool(areMaterialsWhole)]),
            "reproducible": .bool(isReproducible),
            "\(own)#metadata": .object(metadata),
        ]
        if isHermetic { details["\(own)#hermetic"] = .bool(true) }
        return .object([
            "builder": builder, "buildType": .string(own), "materials": dependencies,
            "invocation": .object(["configSource": .object(source), "parameters": .object(request), "environment": .object(["platform": platform, "dockerfileVersion": version])]),
            "metadata": .object(details),
        ])
    }
}

extension Build {
    /// Directories of the client, or of this machine, that the build was given.
    fileprivate var localDirectories: [String] {
        let parameters = request.attestations.parameters, hasRemote = parameters[parameters["contextkey"] ?? "context"] != nil
        return (hasRemote ? [] : ["context"]) + (hasRemote && !request.hasOwnDockerfile ? [] : ["dockerfile"])
    }

    /// Mounts of a kind, of all stages that are built.
    fileprivate func mounts(_ kind: RunMount.Kind, _ id: (RunMount) -> String) -> [JSONValue] {
        let stages = Set(targets.flatMap(\.graph.needed)), all = stages.flatMap { context.dockerfile.stages[$0].instructions }
        let mounts = all.flatMap { if case .run(let run) = $0.action { run.mounts } else { [RunMount]() } }.filter { $0.kind == kind }
        let required = Dictionary(mounts.map { (id($0), $0.isRequired) }) { $0 || $1 }
        return required.sorted { $0.key < $1.key }.map { id, isRequired in .object(isRequired ? ["id": .string(id)] : ["id": .string(id), "optional": .bool(true)]) }
    }
}
