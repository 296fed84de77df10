package import JSON
internal import Values

/// What a client knows of itself for one registry: the body of `POST /auth`, the `X-Registry-Auth` header, and an entry of
/// `config.json`.
package struct AuthConfig: JSONRecord, Sendable, Hashable {
    package var username: String = ""
    package var password: String = ""
    /// `base64(username:password)`, as `config.json` keeps them.
    package var auth: String = ""
    package var serverAddress: String = ""
    /// A refresh token instead of a password.
    package var identityToken: String = ""
    /// A finished bearer token.
    package var registryToken: String = ""

    package init() {}

    package var isEmpty: Bool { username.isEmpty && auth.isEmpty && identityToken.isEmpty && registryToken.isEmpty }

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("username", &username, .unlessEmpty)
        try m("password", &password, .unlessEmpty)
        try m("auth", &auth, .unlessEmpty)
        try m("serveraddress", &serverAddress, .unlessEmpty)
        try m("identitytoken", &identityToken, .unlessEmpty)
        try m("registrytoken", &registryToken, .unlessEmpty)
        // Old clients and configuration files have both in one.
        if username.isEmpty, !auth.isEmpty { (username, password) = Self.split(auth) ?? ("", "") }
    }

    /// `base64(username:password)` taken apart; nil when it is not that.
    package static func split(_ auth: String) -> (username: String, password: String)? {
        guard let bytes = Base64.decode(auth), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        // Docker's own files end in NULs where a shorter password replaced a longer one.
        let password = bytes[(colon + 1)...].prefix { $0 != 0 }
        return (String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: password, as: UTF8.self))
    }

    // MARK: The header

    /// The largest header that is read.
    private static let headerLimit = 64 << 10

    /// Reads the `X-Registry-Auth` header: base64url of this type's JSON. Throws DecodingError for anything else.
    package static func decode(header: String) throws -> AuthConfig {
        guard header.utf8.count <= headerLimit, let bytes = Base64.decode(header) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "not base64"))
        }
        return try JSON.decode(AuthConfig.self, from: bytes)
    }

    /// Reads the `X-Registry-Config` header: base64url of JSON that has one for each registry's name. Throws DecodingError for anything else.
    package static func decodeAll(header: String) throws -> [String: AuthConfig] {
        guard header.utf8.count <= headerLimit, let bytes = Base64.decode(header) else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: "not base64"))
        }
        return try JSON.decode([String: AuthConfig].self, from: bytes)
    }

    /// The `X-Registry-Auth` header of it.
    package func header() throws -> String { try Self.header(self) }

    /// The `X-Registry-Config` header of several.
    package static func header(of registries: [String: AuthConfig]) throws -> String { try header(registries) }

    private static func header(_ value: some Encodable) throws -> String {
        String(Base64.encode(try JSON.encode(value)).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }
}

/// The answer to `POST /auth`.
package struct AuthResponse: JSONRecord, Sendable, Hashable {
    package var status: String = ""
    package var identityToken: String = ""

    package init(status: String, identityToken: String = "") {
        self.status = status
        self.identityToken = identityToken
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Status", &status)
        try m("IdentityToken", &identityToken)
    }
}
