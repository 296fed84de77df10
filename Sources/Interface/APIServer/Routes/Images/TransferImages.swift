internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images
internal import Linux

extension Context {
    /// POST /images/load: the archive goes to the service as it comes in.
    func loadImages(_ request: Request) async throws -> Response {
        let quiet = request.query.flag("quiet"), platform = try request.platform(), engine = engine, body = request.body
        // The messages begin while the body is still being read, so that the client sees progress.
        return .progress(reading: body) { archive, output in
            try engine.images.load(from: archive, quiet: quiet, platform: platform) { message in
                // The client has gone: what it sent is taken in all the same.
                try? output.write(message)
            }
        }
    }

    /// GET /images/get and /images/{name}/get
    func saveImages(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platform = try request.platform(), engine = engine
        let names = name.isEmpty ? request.query.all("names").flatMap { $0.split(separator: ",").map(String.init) } : [name]
        guard !names.isEmpty else { throw Fault(.invalid, "no image given") }
        // Asked first, while there is still a status to answer with.
        try await call { engine in for name in names { _ = try engine.images.resolve(name, platform: platform) } }
        return Response(
            headers: ["Content-Type": "application/x-tar"],
            body: .written { file in try engine.images.save(names, platform: platform, to: file) })
    }
}
