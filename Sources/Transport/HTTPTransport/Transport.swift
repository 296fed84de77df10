internal import HTTP

/// A way for requests to reach a server and for responses to come back.
package protocol Transport: Sendable {
    /// Throws when no response came. The response's body may still be on its way: it is taken by `forEachPiece` or `collect`.
    func respond(to request: Request) async throws -> Response
}

/// A server in this very process: a function call.
package struct InProcessTransport: Transport {
    private let responder: HTTPServer.Responder

    package init(_ responder: @escaping HTTPServer.Responder) { self.responder = responder }

    package func respond(to request: Request) async throws -> Response {
        let response = await responder(request)
        if case .upgrade = response.body, request.asksForUpgrade {
            var upgraded = response
            upgraded.status = 101
            return upgraded
        }
        return response
    }
}
