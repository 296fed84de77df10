internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI
internal import Values

/// One request being answered: who asks, and for what.
struct Exchange: Sendable {
    let request: Request
    /// As the access control names them; empty for nobody in particular.
    var user = ""
    let configuration: RegistryConfiguration

    /// Where answers say that things are.
    var locations: Locations { Locations(request, configuration) }

    /// Who counts on what is pushed: see `Leases`.
    var pusher: Pusher {
        Pusher("\(user)\n\(request.clientAddress)\n\(request.headers["User-Agent"] ?? "")")
    }
}

extension Request {
    /// The client's address without its port; empty for a unix socket. Only told, never trusted.
    var clientAddress: String { peer.map { "\($0.address)" } ?? "" }
}

/// What does not end in a usual answer.
struct Refusal: Error {
    var status: Int
    var errors: [RegistryError]
    var headers: HeaderFields = [:]

    init(_ errors: [RegistryError], status: Int? = nil, headers: HeaderFields = [:]) {
        self.errors = errors
        self.status = status ?? errors.first?.code.status ?? 500
        self.headers = headers
    }

    init(_ code: RegistryErrorCode, _ message: String? = nil, detail: JSONValue? = nil, status: Int? = nil, headers: HeaderFields = [:]) {
        self.init([RegistryError(code, message, detail: detail)], status: status, headers: headers)
    }

    var response: Response {
        var headers = headers
        headers["Content-Type"] = "application/json"
        // Values that came from JSON or from our own words are always JSON again.
        let bytes = (try? JSON.encode(RegistryErrors(errors))) ?? Array(#"{"errors":[{"code":"UNKNOWN","message":"unknown error"}]}"#.utf8)
        return Response(status, headers: headers, body: .bytes(bytes + [10]))
    }
}

/// URLs in answers: relative ones, or the address that the client used, or the one that was configured.
struct Locations: Sendable {
    /// `https://registry.example:5000`; empty for relative ones.
    var origin: String
    /// What stands before `/v2/`, with a slash at its beginning and none at its end; mostly empty.
    var prefix: String

    init(_ request: Request, _ configuration: RegistryConfiguration) {
        prefix = configuration.prefix
        if let host = configuration.host {
            origin = host
            return
        }
        // What a proxy in front of us says; nobody but the client itself is led by it.
        let host = (request.headers["X-Forwarded-Host"]?.split(separator: ",").first).map(String.init) ?? request.headers["Host"] ?? ""
        let scheme = request.headers["X-Forwarded-Proto"] ?? (request.isEncrypted ? "https" : "http")
        let isHost = !host.isEmpty && host.utf8.allSatisfy { ($0 >= 48 && $0 <= 58) || ($0 | 32 >= 97 && $0 | 32 <= 122) || "-._[]".utf8.contains($0) }
        let isKnown = isHost && (scheme == "http" || scheme == "https") && !configuration.relativeURLs
        origin = isKnown ? "\(scheme)://\(host)" : ""
    }

    func url(_ endpoint: RegistryEndpoint) -> String { origin + prefix + endpoint.path }

    /// The next page of a list: RFC 8288.
    func next(_ endpoint: RegistryEndpoint, _ query: Query) -> String { "<\(prefix + endpoint.path)?\(query.encoded)>; rel=\"next\"" }
}
