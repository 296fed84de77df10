internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Volumes

extension Context {
    /// GET /volumes
    func listVolumes(_ request: Request) async throws -> Response {
        let filters = try request.filters()
        return try .json(VolumeList(volumes: await call { try $0.volumes.list(filters) }))
    }

    /// POST /volumes/create
    func createVolume(_ request: Request) async throws -> Response {
        let body = request.body.length == 0 ? VolumeCreateRequest() : try await request.decode(VolumeCreateRequest.self)
        return try .json(await call { try $0.volumes.create(body) }, status: 201)
    }

    /// GET /volumes/{name}
    func inspectVolume(_ request: Request) async throws -> Response {
        let name = request.capture("name")
        return try .json(await call { try $0.volumes.inspect(name) })
    }

    /// DELETE /volumes/{name}
    func deleteVolume(_ request: Request) async throws -> Response {
        let name = request.capture("name"), force = request.query.flag("force")
        try await call { try $0.volumes.remove(name, force: force) }
        return .noContent
    }

    /// POST /volumes/prune. Before API 1.42 it took those with names too.
    func pruneVolumes(_ request: Request) async throws -> Response {
        var given = try request.filters()
        if request.minorVersion < 42 { given.add("all", "true") }
        let filters = given
        return try .json(await call { try $0.volumes.prune(filters) })
    }
}
