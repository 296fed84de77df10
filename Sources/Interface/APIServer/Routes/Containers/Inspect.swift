internal import Containers
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /containers/{id}/json
    func inspectContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), size = request.query.flag("size")
        var result = try await call { try $0.containers.inspect(id, size: size) }
        if request.minorVersion < 45 { result.networkSettings.networks = Self.withShortID(result.networkSettings.networks ?? [:], result.id) }
        return try .json(result)
    }

    /// What `DNSNames` tells newer clients: in networks of users a container also goes by its short id.
    private static func withShortID(_ networks: [String: EndpointSettings], _ id: String) -> [String: EndpointSettings] {
        let id = String(id.prefix(12))
        var networks = networks
        for (name, endpoint) in networks where !["bridge", "host", "none"].contains(name) && endpoint.aliases?.contains(id) != true {
            networks[name]?.aliases = (endpoint.aliases ?? []) + [id]
        }
        return networks
    }

    /// GET /containers/{id}/top
    func topContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), arguments = request.parameter("ps_args")
        return try .json(await call { try $0.containers.top(id, arguments: arguments) })
    }

    /// GET /containers/{id}/changes
    func containerChanges(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        return try .json(await call { try $0.containers.changes(id) })
    }
}
