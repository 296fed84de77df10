internal import Containers
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// POST /containers/create
    func createContainer(_ request: Request) async throws -> Response {
        var body = try await request.decode(ContainerCreateRequest.self)
        if body.config == ContainerConfig() { throw Fault(.invalid, "config cannot be empty in order to create a container") }
        if request.minorVersion < 44 { try Self.check(body) }
        if request.minorVersion < 40 {
            if body.hostConfig?.ipcMode.isEmpty == true { body.hostConfig?.ipcMode = "shareable" }
            if body.hostConfig?.cgroupnsMode.isEmpty == true { body.hostConfig?.cgroupnsMode = "host" }
        }
        let wanted = body
        let name = request.parameter("name"), platform = try request.platform(), isShallow = request.minorVersion < 44
        return try .json(await call { try $0.containers.create(name: name, platform: platform, request: wanted, isShallow: isShallow) }, status: 201)
    }

    /// What API 1.44 brought is not what an older client means.
    private static func check(_ body: ContainerCreateRequest) throws(Fault) {
        let endpoints = body.networkingConfig?.endpointsConfig ?? [:]
        if endpoints.count > 1 {
            throw Fault(.invalid, "Container cannot be created with multiple network endpoints: \(endpoints.keys.sorted().joined(separator: ", "))")
        }
    }

    /// POST /containers/{id}/rename
    func renameContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), name = request.query["name"] ?? ""
        try await call { try $0.containers.rename(id, to: name) }
        return .noContent
    }
}
