internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET and HEAD /_ping: what clients ask first, to learn the version.
    func ping(_ request: Request) async throws -> Response {
        // Settings that are wrong are told of by whatever needs them: this answer does not.
        let prefersBuildKit = (try? EngineSettings.read())?.prefersBuildKit ?? true
        return Response(
            headers: [
                "Builder-Version": prefersBuildKit ? "2" : "1", "Swarm": "inactive", "Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache",
                "Content-Type": "text/plain; charset=utf-8",
            ],
            body: request.method == .head ? .empty : .bytes(Array("OK".utf8)))
    }
}
