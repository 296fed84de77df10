internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET and HEAD /_ping: what clients ask first, to learn the version.
    func ping(_ request: Request) async throws -> Response {
        Response(
            headers: [
                // 2: clients build by BuildKit's protocol, unless they are told otherwise.
                "Builder-Version": "2", "Swarm": "inactive", "Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache",
                "Content-Type": "text/plain; charset=utf-8",
            ],
            body: request.method == .head ? .empty : .bytes(Array("OK".utf8)))
    }
}
