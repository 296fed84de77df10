internal import Diagnostics
internal import DockerAPI
internal import Dockerfile
internal import Images
internal import OCI
internal import Synchronization
internal import Values

extension Build {
    /// What the rules say of the Dockerfile: of stages that are built, or of all. What images have in their environment is known of those that are here.
    func warnings(ofAll: Bool = false) throws -> [CheckWarning] {
        let target = targets[0], file = context.dockerfile
        return try Checker.check(
            file, ignored: context.tree.ignored, checkOptions(), stages: ofAll ? Array(file.stages.indices) : target.graph.needed, given: request.arguments,
            automatic: BuildArguments.values(for: target.platform)
        ) { index in
            guard let config = configuration(of: file.stages[index], target) else { return nil }
            var values: [String: String] = [:]
            for text in config.env ?? [] {
                let (name, value) = text.cut("=") ?? (text, "")
                values[name] = value
            }
            return values.merging(["PATH": StageBuild.defaultPath]) { own, _ in own }
        }
    }

    private func checkOptions() throws -> CheckOptions {
        let text = (request.arguments["BUILDKIT_DOCKERFILE_CHECK"] ?? nil) ?? context.dockerfile.directives.check ?? ""
        do throws(DockerfileError) { return try CheckOptions(text) } catch { throw Fault(.invalid, "failed to parse check options: \(error.reason)") }
    }

    private func configuration(of stage: Dockerfile.Stage, _ target: BuildTarget) -> ImageConfig? {
        // What is wrong with a base the build tells; here it is only not known.
        guard let base = try? target.base(of: stage), let platform = try? target.platform(of: stage) else { return nil }
        if base == "scratch" { return ImageConfig() }
        if let result = request.result(base, for: platform) { return result.state.config }
        return (bases.withLock { $0[Base(name: base, platform: platform)] } ?? (try? builder.images.resolve(base, platform: platform)))?.config
    }

    /// Tells of all warnings. Throws when the Dockerfile wants none.
    func tellWarnings() throws {
        guard request.style == .buildKit else { return }
        let found = try warnings()
        for warning in found {
            var told = BuildWarning()
            (told.text, told.description, told.url) = (warning.text, warning.rule.description, warning.rule.address)
            (told.firstLine, told.lastLine, told.excerpt) = (warning.lines.lowerBound, warning.lines.upperBound, context.excerpt(warning.lines))
            try report.warn(told)
        }
        if let failure = try checkOptions().failure(found) { throw Fault(.invalid, failure) }
    }
}
