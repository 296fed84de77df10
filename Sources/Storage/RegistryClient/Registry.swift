internal import Archive
internal import AsyncIO
package import Diagnostics
internal import HTTP
package import HTTPTransport
package import OCI
internal import Synchronization
internal import TLS

/// A registry as its clients see it: the distribution specification 1.1 and Docker's registry API v2, which are one on the wire.
///
/// Holds what was learned of its servers: which of them answers, how they want to be asked, and the tokens they gave. So one lasts
/// as long as one piece of work, such as a pull, and all of its tasks share it. All calls throw `Fault`, in Docker's words, or
/// CancellationError.
package final class Registry: Sendable {
    /// As references have it: `docker.io`, `localhost:5000`.
    package let domain: String
    let settings: RegistrySettings
    private let client: HTTPClient
    private let servers: [Server]
    private let state = Mutex(State())

    /// A host with what is kept for it.
    private struct Server: Sendable {
        var host: RegistryHost
        var authorizer: Authorizer
    }

    private struct State {
        /// The server that has answered; mirrors never settle anything.
        var settled: Int?
        /// Which of a server's client certificates it has taken.
        var identities: [Int: Int] = [:]
    }

    /// Bytes of an error's body that are read.
    private static let errorLimit = 1 << 20

    /// Throws when a file of the registry's certificates is missing or unreadable.
    package init(_ domain: String, credentials: RegistryCredentials? = nil, settings: RegistrySettings, client: HTTPClient) throws(Fault) {
        self.domain = domain
        self.settings = settings
        self.client = client
        var servers: [Server] = []
        for host in try RegistryHost.all(of: domain, settings) {
            let mine = host.isMirror ? nil : credentials.flatMap { $0.isEmpty ? nil : $0 }
            let authorizer = Authorizer(host.origin, credentials: mine, trustedRealms: settings.trustedRealms[domain] ?? []) { [client] request in
                var request = request
                // The token server of a registry with roots or an identity of its own is often the same server.
                if request.url.host == host.origin.host { request.tls = host.tls.first }
                request.redirects = .returned
                return try await client.send(request)
            }
            servers.append(Server(host: host, authorizer: authorizer))
        }
        self.servers = servers
    }

    /// Whether layers that may not be given to just anyone are sent to it: `allow-nondistributable-artifacts`.
    package var mayHaveForeignLayers: Bool { servers.contains { !$0.host.isMirror && settings.mayHaveForeignLayers($0.host.origin) } }

    /// A repository of it, such as `library/debian`.
    package func repository(_ name: RepositoryName) -> Repository { Repository(registry: self, name: name) }

    /// The repository of a reference to this registry.
    package func repository(of reference: Reference) throws(Fault) -> Repository {
        guard let name = RepositoryName(reference.path) else { throw Fault(.invalid, "invalid reference format") }
        return repository(name)
    }

    // MARK: Sending

    /// Sends a request to the registry, wherever it can be reached, with all that it takes to be let in, and gives a response with a
    /// status below 400. Throws Fault for any other.
    func send(_ call: Call) async throws -> ClientResponse {
        if case .url(let url, let server) = call.target {
            do { return try await exchange(call, url, server) } catch let error as ClientError { throw fault(error) }
        }
        var failure: (any Error)?
        for (index, server) in candidates(call) {
            do {
                let response = try await exchange(call, try call.url(on: server.host), index)
                if !server.host.isMirror { state.withLock { $0.settled = index } }
                return response
            } catch let error as ClientError where Self.mayBeOther(error) {
                failure = failure ?? error
                if servers.count > index + 1, server.host.origin.scheme == .https, !server.host.isMirror { failure = nil }
            } catch let error as Fault where server.host.isMirror {
                failure = failure ?? error
            } catch let error as ClientError {
                guard server.host.isMirror else { throw fault(error) }
            }
        }
        switch failure {
        case let error as ClientError: throw fault(error)
        case let error?: throw error
        case nil: throw Fault(.unavailable, "no server of the registry \(domain) can be reached")
        }
    }

    private func candidates(_ call: Call) -> [(Int, Server)] {
        let settled = state.withLock { $0.settled }
        return servers.enumerated().filter { index, server in
            server.host.isMirror ? call.mayUseMirrors : settled.map { $0 == index } ?? true
        }.map { ($0.offset, $0.element) }
    }

    /// Which of the registry's servers an address is at. Nil for a place elsewhere that the registry sends us to: nothing of ours goes there.
    func server(of url: URL) -> Int? { servers.firstIndex { $0.host.origin == url.origin && !$0.host.isMirror } }

    /// Whether it only tells that there is no such server, or none that speaks TLS: then another may be tried.
    private static func mayBeOther(_ error: ClientError) -> Bool {
        switch error.kind {
        case .lookup, .connect, .plainHTTP, .timeout: true
        case .tls(let kind): kind == .notTLS || kind == .plainHTTP || kind == .cut
        default: false
        }
    }

    /// One request to one server, let in and repeated as often as that makes sense.
    private func exchange(_ call: Call, _ url: URL, _ index: Int?) async throws -> ClientResponse {
        let authorizer = index.map { servers[$0].authorizer }
        var attempt = 1, tokens = 0
        while true {
            let shown = try await authorizer?.header(for: call.scopes)
            var request = ClientRequest(call.method, url)
            request.headers = call.headers
            if let shown { request.headers["Authorization"] = shown }
            request.redirects = call.method == .get || call.method == .head ? .followed : .returned
            let response: ClientResponse
            do {
                response = try await send(request, call.body, index)
            } catch let error as ClientError where call.mayRepeat && attempt < settings.attempts && isTransient(error, index) {
                try await AsyncIO.sleep(Backoff.pause(before: attempt))
                attempt += 1
                continue
            }
            if response.status < 400 { return response }
            if response.status == 401, let authorizer, tokens < 2,
                authorizer.accept(Challenge.parse(response.headers.all("WWW-Authenticate")), for: call.scopes, shown: shown)
            {
                await response.body.drop()
                tokens += 1
                continue
            }
            if Backoff.isTransient(response.status), call.mayRepeat, attempt < settings.attempts,
                let pause = Backoff.pause(before: attempt, asked: RegistryAnswer.retryAfter(response.headers))
            {
                await response.body.drop()
                try await AsyncIO.sleep(pause)
                attempt += 1
                continue
            }
            let fault = RegistryAnswer.fault(response, try await response.body.collect(limit: Self.errorLimit), request)
            guard response.status == 401, let authorizer, Challenge.parse(response.headers.all("WWW-Authenticate")).contains(where: { $0.scheme == "basic" })
            else { throw fault }
            throw Fault(.unauthorized, authorizer.hasCredentials ? fault.message : "no basic auth credentials", cause: NotLetIn())
        }
    }

    /// A name and password that the server itself does not take.
    private struct NotLetIn: Error {}

    /// Sends it over TLS as the server wants that. Of several client certificates the first that is let in is kept: the next is tried
    /// where the server breaks the handshake off or refuses with a status of 400 and more, other than asking who is there.
    private func send(_ request: ClientRequest, _ body: Call.Body, _ index: Int?) async throws -> ClientResponse {
        var request = request
        request.body = try body.make()
        guard let index else { return try await client.send(request) }
        let all = servers[index].host.tls
        let known = state.withLock { $0.identities[index] } ?? (all.count == 1 ? 0 : nil)
        if let known {
            request.tls = all[known]
            return try await client.send(request)
        }
        for (number, tls) in all.enumerated() {
            request.tls = tls
            request.body = try body.make()
            do {
                let response = try await client.send(request)
                let isRefusal = [400, 403, 495, 496].contains(response.status) || response.status >= 500
                if !isRefusal || number == all.count - 1 {
                    state.withLock { $0.identities[index] = number }
                    return response
                }
                await response.body.drop()
            } catch let error as ClientError {
                guard number < all.count - 1, Self.isRefusal(error) else { throw error }
            }
        }
        throw Fault(.internal, "no way to speak to \(request.url.origin)")
    }

    /// Whether a server may have broken off for the certificate it was shown. In TLS 1.3 the client's side of the handshake is over by then,
    /// and where the server closes with the request unread, its alert is lost to a reset.
    private static func isRefusal(_ error: ClientError) -> Bool {
        switch error.kind {
        case .tls(let kind): kind == .refusedByPeer || kind == .cut
        case .cut: true
        default: false
        }
    }

    /// A server that has answered before and does not now will again; one that has not may not be there.
    private func isTransient(_ error: ClientError, _ index: Int?) -> Bool {
        switch error.kind {
        case .cut: true
        case .connect, .timeout, .lookup: state.withLock { $0.settled == index }
        default: false
        }
    }

    private func fault(_ error: ClientError) -> Fault {
        var text = "\(error)"
        if case .tls(.untrusted) = error.kind {
            text += ": put the registry's root certificate into /etc/docker/certs.d/\(domain)/ca.crt"
        }
        return Fault(.unavailable, text, cause: nil)
    }

    // MARK: Registry-wide calls

    /// Throws unless the registry answers and lets us in.
    package func ping() async throws {
        let response = try await send(Call(.get, .path(RegistryEndpoint.base.path)))
        await response.body.drop()
    }

    /// Proves the credentials. A refresh token when the registry gives one for them.
    package func login() async throws -> String? {
        do { try await ping() } catch let fault as Fault where fault.kind == .unauthorized && fault.cause is NotLetIn {
            let server = servers[state.withLock { $0.settled } ?? servers.count - 1]
            throw Fault(.unauthorized, "login attempt to \(server.host.origin)/v2/ failed with status: 401 Unauthorized")
        }
        let settled = state.withLock { $0.settled } ?? 0
        return try await servers[settled].authorizer.login()
    }

    /// Names of repositories, at most `count` of them, after `last`. Registries may keep this to themselves. Nil in `next`: the end.
    package func catalog(count: Int? = nil, after last: String? = nil) async throws -> NamePage {
        try await page(.catalog, scope: .catalog, count: count, after: last) { (answer: Catalog) in answer.repositories }
    }
}

/// One page of a list.
package struct NamePage: Sendable, Hashable {
    package var names: [String]
    /// What the next page comes after; nil when this is the last.
    package var next: String?
}
