internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images
internal import JSON
internal import Linux
internal import Synchronization

extension Context {
    /// POST /images/load: the archive goes to the service as it comes in.
    func loadImages(_ request: Request) async throws -> Response {
        let quiet = request.query.flag("quiet"), platforms = try request.platforms(), engine = engine, body = request.body
        if quiet {
            // There is one message, the last, and to clients the head of the answer says that all is done: some read no further.
            let messages = Mutex<[UInt8]>([])
            try await body.withDescriptor { archive in
                try engine.images.load(from: archive, quiet: true, platforms: platforms) { message in
                    // Texts can always be written.
                    guard let line = try? JSON.encode(message) else { return }
                    messages.withLock { $0 += line + [13, 10] }
                }
            }
            return Response(headers: ["Content-Type": "application/json"], body: .bytes(messages.withLock { $0 }))
        }
        // The messages begin while the body is still being read, so that the client sees progress.
        return .progress(reading: body) { archive, output in
            try engine.images.load(from: archive, quiet: false, platforms: platforms) { message in
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
