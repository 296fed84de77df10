internal import Arguments
internal import AsyncIO
internal import DockerAPI
internal import DockerClient
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux
internal import OCI
internal import Values

extension Root {
    static func build() -> AnyCommand {
        AnyCommand(
            "build", synonyms: ["buildx build", "build", "builder build", "image build"], "Build an image from a Dockerfile",
            usage: "[OPTIONS] PATH | URL | -", arity: .exactly(1), flags: BuildFlags.all, action: { try await BuildCommand($0).run() })
    }
}

/// One `build`: what it asks for, how it goes, and what is done with the image.
struct BuildCommand {
    private let session: Session
    private let flags: FlagValues
    /// Docker's own builder was asked for, with the variable that its client has for that.
    private let isClassic: Bool
    private let outputs: [BuildOutput]
    private let question: BuildQuestion?

    init(_ session: Session) throws {
        self.session = session
        flags = session.flags
        isClassic = Environment.value("DOCKER_BUILDKIT").map { ["0", "false"].contains($0.lowercased()) } ?? false
        outputs = try flags.list("output").map { try BuildOutput($0) }
        question = try BuildQuestion(flags)
    }

    func run() async throws -> Int32 {
        let source = try BuildSource(session)
        let display = BuildDisplay(try mode(), source, isWhole: flags.bool("debug"))
        let isHere = try session.engine().host == nil && !isClassic && source.directory != nil
        var inputs = try inputs(source, isHere: isHere)
        let body: RequestBody
        if isHere {
            inputs.directory = source.directory ?? ""
            body = try RequestBody(document: inputs)
        } else if source.remote != nil {
            body = .empty
        } else {
            let packed = try source.packed()
            body = packed.body
            display.sending(packed.size)
        }
        let query = try query(source), registries = try registries(), client = try session.client(), given = isHere ? nil : inputs
        display.begin()
        let tags = try names(), command = self
        try await interruptible {
            do {
                try await client.build(query, context: body, inputs: given == BuildInputs() ? nil : given, registries: registries) { display.show($0) }
            } catch let error as APIError { throw display.failure(error) }
            if let answer = display.answer { return try command.question?.show(answer) ?? () }
            guard let built = display.built else { return }
            if !command.outputs.contains(where: \.usesStandardOutput) { display.finish(built.id, tags: tags) }
            try await command.deliver(built)
        }
        return 0
    }

    /// What becomes of the image beside its being here.
    private func deliver(_ built: JSONAux) async throws {
        let tags = try names(), image = built.id
        var digest = built.digest
        if let path = flags.optional("iidfile") { try FileSystem.replace(path, with: Array(image.utf8)) }
        for output in outputs { digest = try await output.write(built, tags: tags, platforms: platforms, session) ?? digest }
        if flags.bool("push") { digest = try await BuildOutput.push(tags, session) ?? digest }
        if let path = flags.optional("metadata-file") {
            var document: JSONObject = [:]
            // An index has no configuration.
            if built.digest != image { document["containerimage.config.digest"] = .string(image) }
            document["containerimage.digest"] = .string(digest)
            if !tags.isEmpty { document["image.name"] = .string(tags.joined(separator: ",")) }
            try FileSystem.replace(path, with: JSONValue.object(document).indented(by: "  "))
        }
    }

    /// Ends the work when the user wants it to end, and waits for what it leaves behind to go.
    private func interruptible(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = try SignalEvents([2, 15])
        // Whatever comes after the build may be ended as ever.
        defer { Signal.block([]) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await body()
                return true
            }
            group.addTask {
                do { _ = try await signals.next() } catch is CancellationError {}
                return false
            }
            let isDone = try await group.next() ?? false
            group.cancelAll()
            if isDone { return }
            // What it says of its end is that it was ended.
            do { try await group.waitForAll() } catch {}
            throw Exit(130, "ERROR: failed to build: failed to solve: Canceled: context canceled")
        }
    }

    // MARK: The request

    private var platforms: [String] {
        let given = flags.list("platform").flatMap { $0.split(separator: ",").map(String.init) }
        return given.isEmpty ? [session.platform].compactMap { $0 } : given
    }

    private func mode() throws -> BuildDisplay.Mode {
        if flags.bool("quiet") { return .quiet }
        if isClassic { return .classic }
        let text = flags.isSet("progress") ? flags.string("progress") : Environment.value("BUILDKIT_PROGRESS") ?? "auto"
        guard let mode = BuildDisplay.Mode(name: text) else { throw Exit(1, "ERROR: invalid progress mode \(text)") }
        return mode
    }

    /// The tags as they are written, each with its own.
    private func names() throws -> [String] {
        try flags.list("tag").map { text in
            do throws(ReferenceError) { return try Reference(text).withDefaultTag.description } catch {
                throw Exit(1, "ERROR: failed to build: invalid tag \(Syntax.quoted(text)): \(error)")
            }
        }
    }

    private func query(_ source: BuildSource) throws -> Query {
        var query = Query()
        func add(_ name: String, _ value: String?) { if let value, !value.isEmpty { query.append(name, value) } }
        add("version", isClassic ? "1" : "2")
        let isKept = outputs.isEmpty || outputs.contains(where: \.keepsImage) || flags.bool("load") || flags.bool("push")
        if isKept { for name in try names() { add("t", name) } }
        add("dockerfile", source.dockerfile)
        add("remote", source.remote)
        for (flag, name) in [("no-cache", "nocache"), ("pull", "pull"), ("force-rm", "forcerm")] where flags.bool(flag) { add(name, "1") }
        if isClassic, flags.bool("quiet") { add("q", "1") }
        if isClassic, !flags.list("cache-from").isEmpty { add("cachefrom", try text(flags.list("cache-from"))) }
        if !flags.bool("rm") { add("rm", "0") }
        for name in ["target", "cpu-period", "cpu-quota", "cpu-shares", "cpuset-cpus", "cpuset-mems", "cgroup-parent"] {
            add(String(name.filter { $0 != "-" }), flags.optional(name))
        }
        add("networkmode", flags.string("network"))
        for platform in platforms { add("platform", platform) }
        for (flag, name) in [("memory", "memory"), ("memory-swap", "memswap"), ("shm-size", "shmsize")] where flags.isSet(flag) { add(name, "\(flags.bytes(flag))") }
        for host in flags.list("add-host").flatMap({ $0.split(separator: ",").map(String.init) }) { add("extrahosts", try HostFlag.parse(host)) }
        let limits = try flags.list("ulimit").map { try DeviceFlags.ulimit($0) }
        if !limits.isEmpty { add("ulimits", try text(limits)) }
        if !flags.list("security-opt").isEmpty { add("securityopt", try text(flags.list("security-opt"))) }
        let labels = ContainerRequest.map(flags.list("label"))
        if !labels.isEmpty { add("labels", try text(labels)) }
        let arguments = try arguments()
        if !arguments.members.isEmpty { add("buildargs", String(decoding: JSONValue.object(arguments).compact, as: UTF8.self)) }
        return query
    }

    private func text(_ value: some Encodable) throws -> String { String(decoding: try JSON.encode(value), as: UTF8.self) }

    /// One without a value has the environment's; without that it has none.
    private func arguments() throws -> JSONObject {
        var result: JSONObject = [:]
        for text in flags.list("build-arg") {
            let (name, value) = text.cut("=").map { ($0.0, Optional($0.1)) } ?? (text, Environment.value(text))
            result[name] = value.map { .string($0) } ?? .null
        }
        for text in try session.proxyVariables(besides: flags.list("build-arg")) { if let (name, value) = text.cut("=") { result[name] = .string(value) } }
        if result["SOURCE_DATE_EPOCH"] == nil, let epoch = Environment.value("SOURCE_DATE_EPOCH") { result["SOURCE_DATE_EPOCH"] = .string(epoch) }
        return result
    }

    /// What the user has for all registries. A helper that fails is told of: it may be of no account.
    private func registries() throws -> [String: AuthConfig] {
        let file = session.preferences
        var result: [String: AuthConfig] = [:]
        for account in try file.accounts() {
            do { result[RegistryAddress.host(of: account.key)] = try file.credentials(for: account.key) } catch { session.warn("WARNING: \(error)") }
        }
        return result
    }

    /// With the paths of directories as the engine needs them, which must be in this process for that.
    private func caches(_ flag: String, _ isHere: Bool) throws -> [String] {
        try flags.list(flag).map { text in
            let fields = text.split(separator: ",").map(String.init)
            guard fields.contains("type=local") else { return text }
            if !isHere { throw Exit(1, "ERROR: a cache in a directory is for builds of a directory by an engine in the same process") }
            return fields.map { field in
                guard let (name, path) = field.cut("="), ["src", "dest"].contains(name) else { return field }
                return "\(name)=\(BuildSource.absolute(path) ?? path)"
            }.joined(separator: ",")
        }
    }

    private func inputs(_ source: BuildSource, isHere: Bool) throws -> BuildInputs {
        var inputs = source.inputs
        inputs.allowed = flags.list("allow")
        if !isClassic { (inputs.cacheSources, inputs.cacheTargets) = (try caches("cache-from", isHere), try caches("cache-to", isHere)) }
        inputs.question = question?.name ?? ""
        inputs.annotations = flags.list("annotation")
        inputs.attestations = flags.list("attest")
        for name in ["provenance", "sbom"] {
            guard let text = flags.optional(name), text != "false" else { continue }
            inputs.attestations.append("type=\(name)" + (text == "true" ? "" : ",\(text)"))
        }
        inputs.uncached = flags.list("no-cache-filter").flatMap { $0.split(separator: ",").map(String.init) }
        for text in flags.list("build-context") {
            guard let (name, place) = text.cut("="), !name.isEmpty, !place.isEmpty else { throw Exit(1, "ERROR: invalid context value: \(text), expected key=value") }
            if place.hasPrefix("docker-image://") || isHere && place.hasPrefix("oci-layout://") {
                inputs.contexts[name.lowercased()] = place
            } else {
                guard isHere else { throw Exit(1, "ERROR: the context \(name) is a directory, which only an engine in this process can take") }
                guard !place.contains("://"), let path = BuildSource.absolute(place) else {
                    throw Exit(1, "ERROR: failed to get build context \(name): \(place): no such file or directory")
                }
                inputs.contexts[name.lowercased()] = path
            }
        }
        for text in flags.list("secret") {
            let secret = try BuildSecret(text)
            inputs.secrets[secret.id] = Base64.encode(try secret.value())
        }
        for text in flags.list("ssh") {
            let (id, place) = text.cut("=") ?? (text, Environment.value("SSH_AUTH_SOCK") ?? "")
            guard !place.isEmpty else { throw Exit(1, "ERROR: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set") }
            guard isHere, try FileSystem.status(place)?.kind == .socket else {
                throw Exit(1, "ERROR: \(place): only an agent's socket can be given, and only to an engine in this process")
            }
            inputs.agents[id] = BuildSource.absolute(place) ?? place
        }
        return inputs
    }
}
