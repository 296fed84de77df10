internal import ComposeFile
internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Linux
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
        var work: [String: @Sendable () async throws -> Void] = [:]
        for name in project.services.keys.sorted() {
            guard let service = project.services[name], service.provider == nil else { continue }
            let image = imageName(name)
            guard work[image] == nil, let step = try await step(for: name, service, image, policy) else { continue }
            work[image] = step
        }
        let steps = Array(work.values)
        try await each(steps) { try await $0() }
        var images: [String: ImageInspect] = [:]
        for (name, service) in project.services where service.provider == nil {
            if let image = try await image(imageName(name)) { images[name] = image }
        }
        return images
    }

    func image(_ name: String) async throws -> ImageInspect? {
        do { return try await client.inspectImage(name) } catch let error as APIError where error.status == 404 { return nil }
    }

    private func step(
        for name: String, _ service: ComposeService, _ image: String, _ policy: ImagePolicy
    ) async throws -> (@Sendable () async throws -> Void)? {
        let found = try await self.image(image)
        var wish = policy.pull.isEmpty || policy.pull == "policy" ? service.pullPolicy : policy.pull
        if let seconds = Self.refreshSeconds(wish) {
            let age = found.map { Timestamp.now - $0.metadata.lastTagTime } ?? .seconds(seconds)
            wish = age >= .seconds(seconds) ? "always" : "missing"
        }
        if service.build != nil, policy.builds || wish == "build" || found == nil {
            if policy.refusesBuilds {
                if found != nil { return nil }
                throw ComposeFileError("service \"\(name)\" needs its image built, which --no-build forbids")
            }
            // What may be fetched as well as built is fetched first, unless it is to be built.
            if !policy.builds, wish != "build", wish != "never", !service.image.isEmpty {
                return { do { try await pull(image, service) } catch { try await images.build(name) } }
            }
            return { if !isDryRun { try await images.build(name) } }
        }
        switch wish {
        case "always": return { try await pull(image, service) }
        case "never":
            if found == nil { throw APIError(status: 404, message: "No such image: \(image)") }
            return nil
        default:
            if found != nil { return nil }
            return { try await pull(image, service) }
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
