internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images

extension Context {
    /// POST /images/create: imports a root file system, or fetches an image.
    func createImage(_ request: Request) async throws -> Response {
        if let name = request.imageName("fromImage", "tag") { return try await pullImage(request, name) }
        guard let source = request.parameter("fromSrc") else { throw Fault(.invalid, "neither fromImage nor fromSrc is given") }
        guard source == "-" else { throw Fault(.notImplemented, "importing from a URL is not available yet: \(source)") }
        let name = request.imageName("repo", "tag"), message = request.query["message"] ?? ""
        let changes = request.query.all("changes").flatMap { $0.split(separator: "\n").map(String.init) }
        let platform = try request.platform(), engine = engine
        let id = try await request.body.withDescriptor { file in
            try engine.images.import(from: file, name: name, changes: changes, message: message, platform: platform)
        }
        return .progress { output in try output.write(JSONMessage(status: "\(id)")) }
    }

    /// POST /images/bootstrap, Davit's own: makes a base image without a registry.
    func bootstrapImage(_ request: Request) async throws -> Response {
        guard let name = request.parameter("name") else { throw Fault(.invalid, "no name given") }
        let include = (request.parameter("include") ?? "").split(separator: ",").map(String.init), engine = engine
        return .progress { output in
            let id = try engine.images.bootstrap(name: name, include: include) { output.status($0) }
            try output.write(JSONMessage(status: "\(id)", aux: JSONAux(id: "\(id)")))
        }
    }
}
