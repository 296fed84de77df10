internal import Diagnostics
internal import Engine
internal import HTTP
internal import HTTPTransport

extension Context {
    /// GET /networks/{id}. There are no services of a swarm that `verbose` would show.
    func inspectNetwork(_ request: Request) async throws -> Response {
        let reference = request.capture("id"), scope = request.parameter("scope") ?? ""
        if let text = request.parameter("verbose"), !["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"].contains(text) {
            throw Fault(.invalid, "invalid value for verbose: \(text): strconv.ParseBool: parsing \"\(text)\": invalid syntax")
        }
        return try .json(await call { try $0.inspectNetwork(reference, scope: scope) })
    }
}
