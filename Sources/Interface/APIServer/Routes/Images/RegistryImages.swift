internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images
internal import JSON
internal import OCI
internal import RegistryClient

extension Context {
    /// POST /images/create with `fromImage`. Without a tag that is every tag of the repository; `allPlatforms` is Davit's own.
    func pullImage(_ request: Request, _ name: String) async throws -> Response {
        let reference = try Self.reference(name), platform = try request.platform(), isWhole = request.query.flag("allPlatforms")
        let credentials = RegistryCredentials(request.registryAuth)
        let pull =
            if reference.tag == nil, reference.digest == nil {
                try await engine.images.pullAll(of: reference, platform: platform, allPlatforms: isWhole, credentials: credentials)
            } else {
                try await engine.images.pull(reference, platform: platform, allPlatforms: isWhole, credentials: credentials)
            }
        return .progress { progress in try await pull.run(progress) }
    }

    /// POST /images/{name}/push. Without a tag that is every tag of the repository.
    func pushImage(_ request: Request) async throws -> Response {
        let name = request.capture("name"), tag = request.parameter("tag")
        let reference = try Self.reference(tag.map { "\(name):\($0)" } ?? name), platform = try request.platform()
        let credentials = RegistryCredentials(request.registryAuth), engine = engine
        return .progress { progress in
            try await engine.images.push(
                reference, allTags: reference.tag == nil, platform: platform, credentials: credentials, progress)
        }
    }

    /// POST /auth
    func login(_ request: Request) async throws -> Response {
        let config = try await request.decode(AuthConfig.self)
        return try .json(try await engine.images.login(config))
    }

    /// GET /distribution/{name}/json
    func distribution(_ request: Request) async throws -> Response {
        let reference = try Self.reference(request.capture("name"))
        return try .json(try await engine.images.distribution(reference, credentials: RegistryCredentials(request.registryAuth)))
    }

    /// GET /images/search
    func searchImages(_ request: Request) async throws -> Response {
        try .json(
            try await engine.images.search(
                request.query["term"] ?? "", limit: try request.number("limit"), filters: try request.filters(),
                credentials: RegistryCredentials(request.registryAuth)))
    }

    private static func reference(_ text: String) throws(Fault) -> Reference {
        do throws(ReferenceError) { return try Reference(text) } catch { throw Fault(.invalid, error.description) }
    }
}

extension Request {
    /// The `X-Registry-Auth` header; nil when there is none. Docker's client sends one that says nothing, and Docker's engine takes what is no
    /// credentials for that too.
    var registryAuth: AuthConfig? { headers["X-Registry-Auth"].flatMap { try? AuthConfig.decode(header: $0) } }
}
