internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux
internal import Synchronization
internal import Values

/// Proves to one server who we are, as that server asks for it. Tokens are kept as long as they last, for each set of scopes.
///
/// What it makes goes to that server alone; see `RealmRule` for who else may see the credentials that tokens are bought with.
final class Authorizer: Sendable {
    private let origin: URL.Origin
    private let credentials: RegistryCredentials?
    private let rule: RealmRule
    /// Sends a request to whoever gives tokens.
    private let send: @Sendable (ClientRequest) async throws -> ClientResponse
    private let state = Mutex(State())

    private struct State {
        var scheme = Scheme.unknown
        var tokens: [Set<Scope>: Token] = [:]
    }

    private enum Scheme: Sendable { case unknown, basic, bearer(Realm) }

    /// Where tokens come from.
    struct Realm: Sendable, Hashable {
        var address: URL
        var service: String
    }

    struct Token: Sendable {
        var text: String
        var expires: Timestamp
        /// For later, instead of the password.
        var refresh: String?
    }

    /// Tokens kept at most.
    private static let tokenLimit = 256
    /// The largest answer of a token server that is read, in bytes.
    private static let answerLimit = 1 << 20

    init(_ origin: URL.Origin, credentials: RegistryCredentials?, trustedRealms: [String], send: @escaping @Sendable (ClientRequest) async throws -> ClientResponse) {
        self.origin = origin
        self.credentials = credentials
        self.send = send
        rule = RealmRule(registry: origin, trusted: trustedRealms)
    }

    var hasCredentials: Bool { credentials != nil }

    /// The `Authorization` field for a request that needs `scopes`, by what is known so far; nil when nothing is.
    func header(for scopes: Set<Scope>) async throws -> String? {
        switch state.withLock({ $0.scheme }) {
        case .unknown: return nil
        case .basic: return credentials?.basic
        case .bearer(let realm): return "Bearer " + (try await token(realm, scopes)).text
        }
    }

    /// Takes in what the server asked for with status 401, and forgets the token that it did not take. True when asking again can
    /// help: there is something to show that has not been shown.
    func accept(_ challenges: [Challenge], for scopes: Set<Scope>, shown: String?) -> Bool {
        // A realm that is no address is no realm.
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }), let address = bearer.parameters["realm"].flatMap({ try? URL($0) }) {
            state.withLock { state in
                state.scheme = .bearer(Realm(address: address, service: bearer.parameters["service"] ?? ""))
                state.tokens[scopes] = nil
            }
            return true
        }
        guard challenges.contains(where: { $0.scheme == "basic" }), let basic = credentials?.basic, shown != basic else { return false }
        state.withLock { $0.scheme = .basic }
        return true
    }

    // MARK: Tokens

    private func token(_ realm: Realm, _ scopes: Set<Scope>) async throws -> Token {
        if let ready = credentials?.registryToken, !ready.isEmpty { return Token(text: ready, expires: Timestamp(nanoseconds: .max)) }
        // A little early, as requests take their time.
        let soon = Timestamp.now + .seconds(5)
        if let known = state.withLock({ $0.tokens[scopes] }), known.expires > soon { return known }
        let token = try await fetch(realm, scopes)
        state.withLock { state in
            if state.tokens.count >= Self.tokenLimit { state.tokens = [:] }
            state.tokens[scopes] = token
        }
        return token
    }

    /// Logs in: the refresh token that the server gave for the credentials, if it gives such.
    func login() async throws -> String? {
        guard case .bearer(let realm) = state.withLock({ $0.scheme }) else { return nil }
        return try await fetch(realm, [], offline: true).refresh
    }

    private func fetch(_ realm: Realm, _ scopes: Set<Scope>, offline: Bool = false) async throws -> Token {
        if let credentials, !credentials.isEmpty, !rule.maySeeCredentials(realm.address.origin) {
            throw Fault(
                .invalid,
                "\(origin.authority) wants its credentials sent to \(realm.address.origin), which is not of its site: refused. Add it to \"trusted-realms\" of daemon.json if it may see them"
            )
        }
        var fields: Query = [:]
        if !realm.service.isEmpty { fields.append("service", realm.service) }
        let refresh = credentials?.identityToken ?? ""
        var request: ClientRequest
        if !refresh.isEmpty {
            // RFC 6749 §6, as the token specification's OAuth2 variant has it.
            fields.append("grant_type", "refresh_token")
            fields.append("refresh_token", refresh)
            fields.append("client_id", "davit")
            fields.append("scope", scopes.sorted().map(\.description).joined(separator: " "))
            request = ClientRequest(.post, realm.address)
            request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            request.body = .bytes(Array(fields.encoded.utf8))
        } else {
            for scope in scopes.sorted() { fields.append("scope", scope.description) }
            if let credentials, !credentials.username.isEmpty { fields.append("account", credentials.username) }
            if offline {
                fields.append("offline_token", "true")
                fields.append("client_id", "davit")
            }
            request = ClientRequest(.get, realm.address)
            for item in fields.items { request.url.appendQuery(item.name, item.value) }
            if let basic = credentials?.basic { request.headers["Authorization"] = basic }
        }
        let response = try await send(request)
        let body = try await response.body.collect(limit: Self.answerLimit)
        guard response.status == 200 else { throw RegistryAnswer.fault(response, body, request) }
        return try Self.token(body, realm)
    }

    private struct Answer: Decodable {
        var token: String?
        var access_token: String?
        var expires_in: Int?
        var refresh_token: String?
    }

    private static func token(_ body: [UInt8], _ realm: Realm) throws -> Token {
        let answer: Answer
        do { answer = try JSON.decode(Answer.self, from: body) } catch {
            throw Fault(.unavailable, "\(realm.address.origin) gave no token: \(error)", cause: error)
        }
        let text = [answer.token, answer.access_token].compactMap { $0 }.first { !$0.isEmpty } ?? ""
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw Fault(.unauthorized, "authorization server did not include a token in the response")
        }
        // The specification's default, and its least.
        let seconds = max(60, min(answer.expires_in ?? 60, 30 * 86400))
        return Token(text: text, expires: .now + .seconds(seconds), refresh: answer.refresh_token.flatMap { $0.isEmpty ? nil : $0 })
    }
}
