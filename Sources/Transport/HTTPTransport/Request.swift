package import HTTP
package import Values

/// A request as routes see it, whichever way it came.
package struct Request: Sendable {
    package var method: Method
    /// Decoded.
    package var path: String
    package var query: Query
    package var headers: HeaderFields
    package var body: RequestBody
    /// What the route's pattern captured of the path.
    package var captures: [String: String] = [:]
    /// Who sent it over a network; nil for a unix socket and this process.
    package var peer: Endpoint?
    /// It came over TLS.
    package var isEncrypted = false

    package init(
        _ method: Method, _ path: String, query: Query = [:], headers: HeaderFields = [:], body: RequestBody = .empty
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The client can go on with a stream after status 101; without this it expects 200 and then the stream.
    package var asksForUpgrade: Bool { headers["Upgrade"] != nil }
}
