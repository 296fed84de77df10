internal import AsyncIO
internal import Diagnostics
internal import Images
internal import JSON
internal import Linux
internal import OCI
internal import Synchronization

extension Build {
    /// Bytes of a statement at most, as BuildKit has it.
    private static let statementLimit = 40 << 20
    private static let scannerOutput = "/run/out"

    /// With what is to be said of each.
    func attested(_ results: [Result]) async throws -> [Result] {
        let asked = request.attestations
        var results = results
        if let options = asked.provenance {
            let provenance = try Provenance(self, options)
            for place in results.indices { results[place].statements.append(provenance.statement) }
        }
        guard let options = asked.contents else { return results }
        let name = options["generator"] ?? Attestations.defaultGenerator, scanner = BuildState(try await pulled(name, platform: .host))
        let words = (scanner.config.entrypoint ?? []) + (scanner.config.cmd ?? [])
        if words.isEmpty { throw Fault(.invalid, "scanner \(Self.whole(name)) does not have cmd") }
        let parameters = options.filter { $0.key != "generator" }.map { "BUILDKIT_SCAN_\($0.key)=\($0.value)" }.sorted()
        for (place, result) in results.enumerated() {
            let step = extraStep("[\(result.platform)] generating sbom using \(Self.whole(name))", place: "")
            try report.begin(step)
            do {
                let found = try await AsyncIO.offload { [self] in try scan(result, scanner, words, parameters, step) }
                // That of the image itself comes first.
                results[place].statements = found + results[place].statements
            } catch {
                let reason = (error as? RunFailure)?.message(request.style) ?? "\(error)"
                try report.fail(step, reason, excerpt: "")
                throw error is RunFailure ? Fault(.invalid, reason) : error
            }
            try report.end(step, image: nil)
        }
        return results
    }

    /// Runs a scanner on a result, as BuildKit's protocol has it (docs/attestations/sbom-protocol.md).
    private func scan(_ result: Result, _ scanner: BuildState, _ words: [String], _ parameters: [String], _ step: BuildStep) throws -> [ImageStatement] {
        let output = try workplace.makeDirectory("statements"), source = "/run/src/core/sbom"
        hasLent.store(true, ordering: .relaxed)
        let mounts = [
            try StepMounts.image(of: result.state.layers, at: source, in: builder.images), StepMounts.bind(output, Self.scannerOutput, isReadOnly: false),
            StepMount(target: "/tmp", memory: "exec"),
        ]
        let environment = ["BUILDKIT_SCAN_DESTINATION=\(Self.scannerOutput)/", "BUILDKIT_SCAN_SOURCE=\(source)"] + parameters
        // Of what it leaves in its own root nothing is kept.
        _ = try RunStep(
            builder: builder, workplace: workplace, request: request, state: scanner, report: report, step: step, cancellation: cancellation, words: words,
            environment: environment, network: request.networkMode, mounts: mounts
        ).run()
        let directory = try FileDescriptor.open(output, [.directory])
        return try directory.entries().sorted { ($0.hasPrefix("sbom.") ? 0 : 1, $0) < ($1.hasPrefix("sbom.") ? 0 : 1, $1) }.map { name in
            let file = try directory.open(name, [.readOnly, .noFollow, .nonBlocking])
            guard try file.status().kind == .regular else { throw Fault(.invalid, "\(name) is not a regular file") }
            let statement = try JSONValue(parsing: file.readToEnd(limit: Self.statementLimit))
            guard let type = statement["predicateType"]?.string, let predicate = statement["predicate"] else { throw Fault(.invalid, "\(name) is no statement of in-toto") }
            return ImageStatement(predicateType: type, predicate: predicate, subjects: statement["subject"]?.array ?? [])
        }
    }
}
