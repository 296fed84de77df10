internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images
internal import Linux

extension Context {
    /// POST /images/load: the archive goes to the service as it comes in.
    func loadImages(_ request: Request) async throws -> Response {
        let quiet = request.query.flag("quiet"), platforms = try request.platforms(), engine = engine, body = request.body
        // The messages begin while the body is still being read, so that the client sees progress.
        return .progress(reading: body) { archive, output in
            try engine.images.load(from: archive, quiet: quiet, platforms: platforms) { message in
                // The client has gone: what it sent is taken in all the same.
                try? output.write(message)
            }
        }
    }

    /// GET /images/get and /images/{name}/get
    func saveImages(_ request: Request) async throws -> Response {
        let name = request.capture("name"), platforms = try request.platforms(), engine = engine
        let names = name.isEmpty ? request.query.all("names").flatMap { $0.split(separator: ",").map(String.init) } : [name]
        guard !names.isEmpty else { throw Fault(.invalid, "no image given") }
        // Asked first, while there is still a status to answer with.
        try await call { try $0.images.checkSave(names, platforms: platforms) }
        return Response(
            headers: ["Content-Type": "application/x-tar"],
            body: .written { file in try engine.images.save(names, platforms: platforms, to: file) })
    }
}
