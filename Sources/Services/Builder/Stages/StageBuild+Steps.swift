internal import AsyncIO
internal import Diagnostics
internal import Dockerfile
internal import DockerAPI
internal import Images
internal import Linux
internal import OCI
internal import Synchronization
internal import Values

extension StageBuild {
    // MARK: RUN

    /// Whether it was done before.
    mutating func run(_ run: Run, _ step: BuildStep) async throws -> Bool {
        let text = HistoryText(request.style, shell: state.config.shell)
        var script: String?
        let words = words(of: run, script: &script)
        // `RUN []` does nothing.
        if words.isEmpty {
            state.note(text.run([], arguments: []), text.comment)
            return false
        }
        let inputs = arguments.environment(besides: state.config), network = try network(of: run), isPrivileged = try isPrivileged(run)
        let declared = request.style == .classic ? inputs.sorted() : inputs
        if network != "none" { build.usesNetwork.store(true, ordering: .relaxed) }
        var given = request.inputs
        if let client = request.client { try await given.receive(for: run.mounts, from: client, build.workplace) }
        var sources: [CopyStep.Origin] = []
        for mount in run.mounts {
            if mount.from?.contains("$") ?? false { throw Fault(.invalid, "'from' doesn't support variable expansion, define alias stage instead") }
            sources.append(try await origin(mount.from))
        }
        let mounts = StepMounts(builder: builder, workplace: build.workplace, inputs: given, mounts: run.mounts, origins: sources, script: script)
        let environment = inputs + arguments.proxies(besides: state.config, asEither: request.style == .buildKit)
        let state = state, build = build
        var key = StepKey("run", layers: state.chain, platform: state.document.platform)
        key.add("words", words)
        key.add("environment", (state.config.env ?? []) + inputs)
        key.add("as", [state.config.user ?? "", state.config.workingDir ?? "", network, "\(isPrivileged)"])
        key.add("hosts", request.extraHosts + [request.hostname])
        key.add("mounts", try await AsyncIO.offload { try mounts.contents() })
        let (built, isCached) = try await build.step(key.digest, over: state.layers, "RUN \(words.joined(separator: " "))", isFresh: isFresh) {
            build.hasLent.store(true, ordering: .relaxed)
            return try RunStep(
                builder: build.builder, workplace: build.workplace, request: build.request, state: state, report: build.report, step: step,
                cancellation: build.cancellation, words: words, environment: environment, network: network, isPrivileged: isPrivileged,
                mounts: mounts.prepare()
            ).run()
        }
        add(built, text.run(words, arguments: declared), text.comment)
        return isCached
    }

    /// The program and its arguments; here-documents as BuildKit hands them to the shell. `script`: what is to be run as a file.
    private func words(of run: Run, script: inout String?) -> [String] {
        var command = run.command
        if let text = command.words.first, command.words.count == 1, command.isShell, let first = run.heredocs.first {
            if run.heredocs.count == 1, Words.shell(text, escape: build.context.dockerfile.directives.escape).count == 1, text.hasPrefix("<<") {
                if first.text.hasPrefix("#!") {
                    script = first.text
                    return [StepMounts.scriptPath]
                }
                command.words = [first.text]
            } else {
                command.words = [text + run.heredocs.map { "\n" + $0.content + $0.name }.joined()]
            }
        }
        return command.arguments(shell: state.config.shell)
    }

    private func network(of run: Run) throws -> String {
        switch run.network {
        case "none": return "none"
        case "host":
            guard request.inputs.allowed.contains("network.host") || request.networkMode == "host" else {
                throw Fault(.invalid, "granting entitlement network.host is not allowed by build daemon configuration: use --allow network.host")
            }
            return "host"
        default: return request.networkMode
        }
    }

    private func isPrivileged(_ run: Run) throws -> Bool {
        guard run.security == "insecure" else { return false }
        guard request.inputs.allowed.contains("security.insecure") else {
            throw Fault(.invalid, "granting entitlement security.insecure is not allowed by build daemon configuration: use --allow security.insecure")
        }
        return true
    }

    // MARK: COPY, ADD

    /// Whether it was done before.
    mutating func copy(_ copy: Copy, _ step: BuildStep) async throws -> Bool {
        let text = HistoryText(request.style, shell: state.config.shell)
        var fetched: [CopyStep.Fetched] = []
        if copy.from?.contains("$") ?? false {
            throw Fault(.invalid, "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")
        }
        if copy.checksum != nil, copy.sources.contains(where: { !RemoteSource.isRemote($0) }) { throw Fault(.invalid, "checksum requires HTTP(S) or Git sources") }
        if copy.isAdd {
            let remote = RemoteSource(images: builder.images, workplace: build.workplace, secret: request.secret)
            for source in copy.sources where RemoteSource.isRemote(source) {
                fetched.append(build.isMade(of: try await remote.fetch(source, checksum: copy.checksum, keepsGit: copy.keepsGit ?? false)))
            }
        }
        let copying = CopyStep(
            builder: builder, workplace: build.workplace, style: request.style, copy: copy, origin: try await origin(copy.from), fetched: fetched, state: state,
            destination: destination(copy.destination))
        let found = try await AsyncIO.offload { try copying.find() }
        let (built, isCached) = try await build.step(found.key, over: copying.below, step.text, isFresh: isFresh) { try copying.make(found) }
        add(built, text.copy(copy, content: found.content), text.comment)
        return isCached
    }

    /// Absolute, with the slash at its end if it has one.
    private func destination(_ path: String) -> String {
        let isDirectory = path.isEmpty || path.hasSuffix("/") || path == "." || path == ".." || path.hasSuffix("/.")
        let whole = ImageConfig.directory(path, below: state.config.workingDir)
        return isDirectory && whole != "/" ? whole + "/" : whole
    }

    /// What a `--from` or `from=` means: an earlier stage, another context, or an image; nil is the build's own context.
    private func origin(_ name: String?) async throws -> CopyStep.Origin {
        guard let name else { return .tree(tree) }
        let file = build.context.dockerfile
        if let stage = file.earlierStage(name, before: index), let result = results[stage] { return .layers(result.state.layers) }
        if let result = request.result(name, for: target.platform) { return .layers(result.state.layers) }
        if let tree = try await build.files(name, for: target.platform) { return .tree(tree) }
        if name == "scratch" || request.context(name, for: target.platform) == LayoutImage.empty { return .layers([]) }
        if let stage = file.stage(name), file.stages[stage].name == name.lowercased() || stage == index {
            if stage == index { throw Fault(.invalid, "invalid from flag value \(name): refers to current build stage") }
            throw Fault(
                .invalid, "cannot copy from stage \(Words.quoted(name)), it needs to be defined before current stage \(Words.quoted(file.stages[index].name ?? "\(index)"))")
        }
        do { return .layers(try await build.image(name, platform: target.platform).layers) } catch let fault as Fault {
            throw Fault(fault.kind, "invalid from flag value \(name): \(fault.message)", cause: fault.cause)
        }
    }
}
