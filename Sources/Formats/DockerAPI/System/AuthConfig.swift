internal import JSON
internal import Values

/// What a client knows of itself for one registry: the body of `POST /auth`, the `X-Registry-Auth` header, and an entry of
/// `config.json`.
package struct AuthConfig: Codable, Sendable, Hashable {
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

    private enum CodingKeys: String, CodingKey {
        case username
        case password
        case auth
        case serverAddress = "serveraddress"
        case identityToken = "identitytoken"
        case registryToken = "registrytoken"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        username = try fields.value(.username)
        password = try fields.value(.password)
        auth = try fields.value(.auth)
        serverAddress = try fields.value(.serverAddress)
        identityToken = try fields.value(.identityToken)
        registryToken = try fields.value(.registryToken)
        // Old clients and configuration files have both in one.
        if username.isEmpty, !auth.isEmpty { (username, password) = Self.split(auth) ?? ("", "") }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.putUnlessZero(username, .username)
        try fields.putUnlessZero(password, .password)
        try fields.putUnlessZero(auth, .auth)
        try fields.putUnlessZero(serverAddress, .serverAddress)
        try fields.putUnlessZero(identityToken, .identityToken)
        try fields.putUnlessZero(registryToken, .registryToken)
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

    /// The `X-Registry-Auth` header of it.
    package func header() throws -> String {
        String(Base64.encode(try JSON.encode(self)).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }
}

/// The answer to `POST /auth`.
package struct AuthResponse: Codable, Sendable, Hashable {
    package var status: String
    package var identityToken: String = ""

    package init(status: String, identityToken: String = "") {
        self.status = status
        self.identityToken = identityToken
    }

    private enum CodingKeys: String, CodingKey {
        case status = "Status"
        case identityToken = "IdentityToken"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        status = try fields.value(.status)
        identityToken = try fields.value(.identityToken)
    }
}
