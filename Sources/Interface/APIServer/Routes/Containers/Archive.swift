internal import Containers
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Values

extension Context {
    private static let statusHeader = "X-Docker-Container-Path-Stat"

    /// HEAD /containers/{id}/archive
    func statContainerPath(_ request: Request) async throws -> Response {
        let id = request.capture("id"), path = request.query["path"] ?? ""
        let status = try await call { try $0.containers.pathStatus(id, path: path) }
        return Response(headers: [Self.statusHeader: try Self.text(status)])
    }

    /// GET /containers/{id}/archive
    func readContainerPath(_ request: Request) async throws -> Response {
        let id = request.capture("id"), path = request.query["path"] ?? "", engine = engine
        let status = try await call { try $0.containers.pathStatus(id, path: path) }
        return Response(
            headers: ["Content-Type": "application/x-tar", Self.statusHeader: try Self.text(status)],
            body: .written { file in try engine.containers.archive(id, path: path, to: file) })
    }

    /// PUT /containers/{id}/archive
    func writeContainerPath(_ request: Request) async throws -> Response {
        let id = request.capture("id"), path = request.query["path"] ?? "", engine = engine
        let keepsKinds = request.query.flag("noOverwriteDirNonDir"), copiesOwner = request.query.flag("copyUIDGID")
        try await request.body.withDescriptor { archive in
            try engine.containers.extract(id, path: path, from: archive, keepsKinds: keepsKinds, copiesOwner: copiesOwner)
        }
        return Response()
    }

    private static func text(_ status: PathStat) throws -> String { Base64.encode(try JSON.encode(status)) }
}
