internal import Diagnostics
internal import Dockerfile
internal import Images
internal import OCI
internal import Synchronization

extension Build {
    /// An image that a stage begins with.
    struct Base: Hashable, Sendable {
        var name: String
        var platform: Platform
    }

    /// Fetches all images that stages begin with, so that what is wrong with one is told before anything is made. Docker's own builder
    /// fetches each when its line comes.
    func loadBases() async throws {
        guard request.style == .buildKit else { return }
        var lines: [Base: Int] = [:]
        for target in targets {
            for index in target.graph.needed {
                let stage = context.dockerfile.stages[index]
                guard target.hasOwnBase(stage, at: index) else { continue }
                let base = Base(name: try target.base(of: stage), platform: try target.platform(of: stage))
                if bases.withLock({ $0[base] }) != nil { continue }
                let context = request.context(base.name, for: base.platform)
                if context.map({ LayoutImage.isImage($0) && $0 != LayoutImage.empty }) ?? (request.result(base.name, for: base.platform) == nil) {
                    lines[base] = min(lines[base] ?? .max, stage.line)
                }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (base, line) in lines.sorted(by: { $0.value < $1.value }) {
                let step = extraStep("load metadata for \(Self.whole(base.name))", place: "internal")
                group.addTask { try await self.load(base, step, line) }
            }
            // The first that fails ends the others.
            for try await _ in group {}
        }
    }

    private func load(_ base: Base, _ step: BuildStep, _ line: Int) async throws {
        try report.begin(step)
        do {
            let image = try await image(base.name, platform: base.platform)
            bases.withLock { $0[base] = image }
        } catch {
            try fail(step, error is CancellationError ? "context canceled" : "\(error)", line...line)
            throw error
        }
        try report.end(step, image: nil)
    }

    /// An image that a stage begins with, which is there already or is fetched.
    func base(_ name: String, _ platform: Platform) async throws -> Image {
        if let image = bases.withLock({ $0[Base(name: name, platform: platform)] }) { return image }
        return try await image(name, platform: platform)
    }

    /// The name with its registry and tag, as BuildKit shows it.
    static func whole(_ name: String) -> String {
        // A stage's name may be none of an image.
        (try? Reference(name).withDefaultTag.description) ?? name
    }
}
