internal import AsyncIO
package import HTTP
package import HostNames
internal import Linux
package import TLS

/// Sends requests to servers anywhere over HTTP/1.1, plain or over TLS, and keeps their connections for the next ones.
package final class HTTPClient: Sendable {
    /// How it goes about it.
    package struct Configuration: Sendable {
        package var userAgent = "davit"
        package var proxies = ProxySettings.none
        /// Whom to believe, and who we are, for each `https` origin.
        package var tls: @Sendable (URL.Origin) -> TLSClientSettings = { _ in TLSClientSettings() }
        package var names = HostNames.shared
        /// For finding the address and the TCP connection.
        package var connectTimeout = Duration.seconds(30)
        package var handshakeTimeout = Duration.seconds(10)
        /// From the last byte sent to the response's head.
        package var responseTimeout = Duration.seconds(120)
        /// Without any byte of a body, either way.
        package var stallTimeout = Duration.seconds(60)
        /// How long a connection waits for its next request.
        package var idleTimeout = Duration.seconds(90)
        /// More requests to one host wait.
        package var connectionsPerHost = 16
        package var redirectLimit = 10

        package init() {}
    }

    private let configuration: Configuration
    private let dialer: Dialer
    private let pool: ConnectionPool

    package init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        dialer = Dialer(
            names: configuration.names, connectTimeout: configuration.connectTimeout,
            handshakeTimeout: configuration.handshakeTimeout, contexts: TLSContexts())
        pool = ConnectionPool(limit: max(configuration.connectionsPerHost, 1), idleTimeout: configuration.idleTimeout)
    }

    deinit { pool.close() }

    /// Sends a request and returns once the response's head is there; any status is an answer. Throws ClientError, CancellationError,
    /// and what reading the request's body throws.
    package func send(_ request: ClientRequest) async throws -> ClientResponse {
        var request = request
        var visited: Set<URL> = []
        while true {
            let response = try await perform(request)
            do {
                guard let next = try request.following(response) else { return response }
                guard visited.count < configuration.redirectLimit else {
                    throw ClientError(.redirect, "stopped after \(configuration.redirectLimit) redirects")
                }
                guard visited.insert(next.url).inserted else { throw ClientError(.redirect, "redirect loop") }
                try await response.body.discard()
                request = next
            } catch let error as ClientError {
                throw error.of(request)
            }
        }
    }

    /// One request and its answer, wherever that points.
    private func perform(_ request: ClientRequest) async throws -> ClientResponse {
        var request = request
        let origin = request.url.origin
        let route = ClientRoute(
            origin: origin, tls: origin.scheme == .https ? request.tls ?? configuration.tls(origin) : nil,
            proxy: configuration.proxies.proxy(for: origin))
        while true {
            let used = try await pool.take(route)
            do {
                if let used { return try await exchange(request, route, used) }
                return try await exchange(request, route, connect(route))
            } catch let error as StaleConnection {
                // Servers close connections that they have held long enough, now and then just as a request is on its way.
                guard used != nil, let body = request.body.rewound else { throw error.cause.of(request) }
                request.body = body
            } catch let error as ClientError {
                throw error.of(request)
            }
        }
    }

    private func connect(_ route: ClientRoute) async throws -> ClientConnection {
        do {
            return ClientConnection(try await dialer.open(route), route, pool)
        } catch {
            pool.give(nil, route)
            throw error
        }
    }

    /// The connection ended before the first byte of an answer.
    private struct StaleConnection: Error { var cause: ClientError }

    private func exchange(_ request: ClientRequest, _ route: ClientRoute, _ connection: ClientConnection) async throws -> ClientResponse {
        let reader = connection.reader
        reader.watchdog.expect(within: request.responseTimeout ?? configuration.responseTimeout)
        do {
            let begun = try await ClientExchange.begin(
                head(request, route), request.body, reader, awaitsContinue: request.awaitsContinue)
            let framing = try BodyFraming(begun.head, to: request.method)
            reader.begin(framing)
            return await respond(to: request, begun, framing, connection)
        } catch {
            let hasExpired = reader.watchdog.hasExpired
            let nothingCame =
                error is EndOfStream || (error as? SyscallError)?.errno == .connectionReset
                || (error as? SyscallError)?.errno == .brokenPipe
            connection.end(reusable: false)
            try Task.checkCancellation()
            if hasExpired {
                throw ClientError(.timeout, "net/http: request canceled (Client.Timeout exceeded while awaiting headers)")
            }
            guard let failure = ClientError(error, isResponseBegun: false) else { throw error }
            let isRepeatable = [.get, .head, .options, .put, .delete].contains(request.method)
            throw nothingCame && isRepeatable ? StaleConnection(cause: failure) : failure as any Error
        }
    }

    private func head(_ request: ClientRequest, _ route: ClientRoute) -> RequestHead {
        var head = RequestHead(request.method, request.url.target, headers: request.headers)
        head.headers["Host"] = request.url.origin.authority
        if head.headers["User-Agent"] == nil { head.headers["User-Agent"] = configuration.userAgent }
        if route.isForwarded {
            head.target = request.url.description
            head.headers["Proxy-Authorization"] = route.proxy?.authorization
        }
        return head
    }

    private func respond(
        to request: ClientRequest, _ begun: ClientExchange.Begun, _ framing: BodyFraming, _ connection: ClientConnection
    ) async -> ClientResponse {
        let head = begun.head
        let length: UInt64? =
            switch framing {
            case .length(let length): length
            case .none: request.method == .head ? nil : 0
            case .chunked, .untilClose: nil
            }
        let keepsAlive = head.version == .http11 && head.status != 101 && !head.headers.tokens("Connection").contains("close") && framing != .untilClose
        connection.reader.watchdog.expect(within: nil)
        let body = ResponseStream(
            length: length, connection, begun.sender, reusable: keepsAlive, stallTimeout: configuration.stallTimeout,
            for: (request.method, request.url))
        if framing == .none { await body.finishAtOnce() }
        return ClientResponse(status: head.status, headers: head.headers, url: request.url, body: body)
    }

    /// Closes the connections that nobody uses.
    package func close() { pool.close() }
}

extension ClientError {
    /// With what was asked of whom.
    fileprivate func of(_ request: ClientRequest) -> ClientError {
        var error = self
        if error.url == nil { (error.method, error.url) = (request.method, request.url) }
        return error
    }
}
