internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images
internal import Linux

extension Context {
    /// POST /images/create: imports a root file system, or fetches an image.
    func createImage(_ request: Request) async throws -> Response {
        if let name = request.imageName("fromImage", "tag") { return try await pullImage(request, name) }
        guard let source = request.parameter("fromSrc") else { throw Fault(.invalid, "neither fromImage nor fromSrc is given") }
        let name = request.imageName("repo", "tag"), engine = engine
        let message = request.parameter("message") ?? "Imported from \(source)"
        let changes = request.query.all("changes").flatMap { $0.split(separator: "\n").map(String.init) }
        let platform = try request.platform()
        @Sendable func take(_ file: borrowing FileDescriptor) throws -> JSONMessage {
            JSONMessage(status: "\(try engine.images.import(from: file, name: name, changes: changes, message: message, platform: platform))")
        }
        if source == "-" {
            let done = try await request.body.withDescriptor { file in try take(file) }
            return .progress { output in try output.write(done) }
        }
        let (url, archive, _) = try await engine.images.fetch(source)
        return .progress(reading: archive) { file, output in
            output.status("Downloading from \(url)")
            try output.write(take(file))
        }
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
