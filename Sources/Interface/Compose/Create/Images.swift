internal import ComposeFile
internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Synchronization
internal import Values

/// When the images of services are fetched or built.
package struct ImagePolicy: Sendable, Hashable {
    /// `--pull`: `always`, `missing`, `never`, `build`, or what the services say.
    package var pull = ""
    /// `--build`: build what can be built, even if it is there.
    package var builds = false
    /// `--no-build`.
    package var refusesBuilds = false

    package init() {}
}

extension Deployment {
    /// The name of the image that a service's containers are made of.
    package func imageName(_ service: String) -> String { project.image(of: service, separator: separator) }

    /// Has every service's image there; gives their ids.
    func ensureImages(_ policy: ImagePolicy) async throws -> [String: ImageInspect] {
        var pulls: [String: ComposeService] = [:]
        var builds: Set<String> = []
        for name in project.services.keys.sorted() {
            guard let service = project.services[name], service.provider == nil else { continue }
            let image = imageName(name)
            switch try await way(to: name, service, image, policy) {
            case .none: break
            case .pull: pulls[image] = service
            case .build: builds.insert(name)
            }
        }
        let failed = Mutex<Set<String>>([])
        try await each(Array(pulls)) { image, service in
            do { try await pull(image, service) } catch {
                // What cannot be fetched may be built.
                if service.build == nil || policy.refusesBuilds { throw error }
                failed.withLock { _ = $0.insert(image) }
            }
        }
        for image in failed.withLock({ $0 }) { builds.formUnion(project.services.keys.filter { imageName($0) == image && project.services[$0]?.build != nil }.prefix(1)) }
        try await build(builds)
        var images: [String: ImageInspect] = [:]
        for (name, service) in project.services where service.provider == nil {
            if let image = try await image(imageName(name)) { images[name] = image }
        }
        return images
    }

    func image(_ name: String) async throws -> ImageInspect? {
        do { return try await client.inspectImage(name) } catch let error as APIError where error.status == 404 { return nil }
    }

    /// Builds the images of services one after the other, those first that others begin with, asked for or not.
    private func build(_ names: Set<String>) async throws {
        var all = names, new = Array(names)
        while let name = new.popLast() { for base in project.bases(of: name) where all.insert(base).inserted { new.append(base) } }
        var left = all.sorted(), done: Set<String> = []
        while !left.isEmpty {
            let next = left.firstIndex { project.bases(of: $0).allSatisfy(done.contains) }
            // Two that begin with each other cannot be built.
            let name = left.remove(at: next ?? 0)
            let image = imageName(name)
            report(Report("Image \(image)", .working, "Building"))
            if !isDryRun { try await images.build(name) }
            report(Report("Image \(image)", .done, "Built"))
            done.insert(name)
        }
    }

    /// Builds everything that can be built.
    package func buildAll() async throws { try await build(Set(project.services.filter { $0.value.build != nil }.keys)) }

    private enum Way { case none, pull, build }

    private func way(to name: String, _ service: ComposeService, _ image: String, _ policy: ImagePolicy) async throws -> Way {
        let found = try await self.image(image)
        var wish = policy.pull.isEmpty || policy.pull == "policy" ? service.pullPolicy : policy.pull
        if let seconds = Self.refreshSeconds(wish) {
            let age = found.map { Timestamp.now - $0.metadata.lastTagTime } ?? .seconds(seconds)
            wish = age >= .seconds(seconds) ? "always" : "missing"
        }
        let mustBuild = service.build != nil && (policy.builds || wish == "build" || (found == nil && (service.image.isEmpty || wish == "never")))
        if mustBuild {
            if !policy.refusesBuilds { return .build }
            if found == nil { throw ComposeFileError("service \"\(name)\" needs its image built, which --no-build forbids") }
            return .none
        }
        switch wish {
        case "always": return .pull
        case "never":
            if found == nil { throw APIError(status: 404, message: "No such image: \(image)") }
            return .none
        default: return found == nil ? .pull : .none
        }
    }

    /// Fetches an image and tells of it.
    func pull(_ image: String, _ service: ComposeService) async throws {
        let platform = service.platform.isEmpty ? project.environment["DOCKER_DEFAULT_PLATFORM"] : service.platform
        try await step("Image \(image)", "Pulling", "Pulled") { try await images.pull(image, platform) }
    }

    /// How old an image may be by `daily`, `weekly` or `every_<duration>`; nil for other words.
    private static func refreshSeconds(_ policy: String) -> Int? {
        switch policy {
        case "daily": 86400
        case "weekly": 7 * 86400
        default: policy.hasPrefix("every_") ? ComposeDuration.nanoseconds(String(policy.dropFirst("every_".count))).map { $0 / 1_000_000_000 } : nil
        }
    }
}
