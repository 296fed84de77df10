package import HTTP
package import TLS

/// A request to a server anywhere.
package struct ClientRequest: Sendable {
    /// What becomes of an answer that points elsewhere.
    package enum Redirects: Sendable, Hashable {
        /// GET and HEAD go there, up to the client's limit; credentials stay behind when it is another origin.
        case followed
        /// The caller gets the answer itself.
        case returned
    }

    package var method: Method
    package var url: URL
    package var headers: HeaderFields
    package var body: RequestBody
    package var redirects: Redirects
    /// Instead of what the client's configuration says for the host; not for hosts that a redirect leads to.
    package var tls: TLSClientSettings?
    /// Holds the body back until the server wants it: for large bodies that a server may refuse.
    package var awaitsContinue = false
    /// From the last byte sent to the response's head; the configuration's when nil.
    package var responseTimeout: Duration?

    package init(
        _ method: Method, _ url: URL, headers: HeaderFields = [:], body: RequestBody = .empty, redirects: Redirects = .followed
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.redirects = redirects
    }

    /// Fields that belong to the host they were meant for.
    private static let secretFields = ["Authorization", "Proxy-Authorization", "Www-Authenticate", "Cookie", "Cookie2", "X-Registry-Auth"]

    /// The request that follows `response` elsewhere; nil when it does not point anywhere, or this may not follow.
    func following(_ response: ClientResponse) throws -> ClientRequest? {
        guard redirects == .followed, method == .get || method == .head, [301, 302, 303, 307, 308].contains(response.status) else { return nil }
        guard let location = response.headers["Location"] else {
            throw ClientError(.redirect, "\(response.status) response missing Location header")
        }
        var next = self
        do {
            next.url = try url.resolving(location)
        } catch {
            throw ClientError(.redirect, "failed to parse Location header: \(error)")
        }
        next.body = .empty
        if next.url.origin != url.origin {
            for name in Self.secretFields { next.headers[name] = nil }
            next.tls = nil
        }
        return next
    }
}
