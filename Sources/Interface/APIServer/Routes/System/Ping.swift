internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET and HEAD /_ping: what clients ask first, to learn the version.
    func ping(_ request: Request) async throws -> Response {
        Response(
            headers: [
                // 1: clients build with `POST /build` unless they are told otherwise.
                "Builder-Version": "1", "Swarm": "inactive", "Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache",
                "Content-Type": "text/plain; charset=utf-8",
            ],
            body: request.method == .head ? .empty : .bytes(Array("OK".utf8)))
    }
}
