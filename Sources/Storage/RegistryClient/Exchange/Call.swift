internal import HTTP
internal import HTTPTransport

/// One call of a registry's API, before it is known which server answers it.
struct Call: Sendable {
    enum Target: Sendable {
        /// A path from `/v2/` on, encoded.
        case path(String, Query = [:])
        /// Where a server has sent us to, and which of the registry's servers that is; nil for none.
        case url(URL, server: Int?)
    }

    var method: Method
    var target: Target
    var headers: HeaderFields = [:]
    var body = Body.empty
    /// What a token must allow.
    var scopes: Set<Scope> = []
    /// Nothing is changed by doing it twice.
    var mayRepeat = true
    var mayUseMirrors = false

    /// A body that can be made again, for when the server first asks who we are.
    enum Body: Sendable {
        case empty
        case bytes([UInt8])
        case made(@Sendable () throws -> RequestBody)

        func make() throws -> RequestBody {
            switch self {
            case .empty: .empty
            case .bytes(let bytes): .bytes(bytes)
            case .made(let make): try make()
            }
        }
    }

    init(_ method: Method, _ target: Target, scopes: Set<Scope> = []) {
        self.method = method
        self.target = target
        self.scopes = scopes
    }

    func url(on host: RegistryHost) throws -> URL {
        switch target {
        case .path(let path, let query): try URL(host.origin, path: host.prefix + path, query: query)
        case .url(let url, _): url
        }
    }
}

extension ResponseStream {
    /// Lets go of an answer's body. What cannot be read of it is no loss.
    func drop() async { try? await discard() }
}
