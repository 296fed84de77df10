internal import Values

/// Who a user is to one registry.
package struct RegistryCredentials: Sendable, Hashable {
    package var username: String
    package var password: String
    /// A refresh token, which stands in for the password: RFC 6749 §6.
    package var identityToken: String
    /// A finished bearer token.
    package var registryToken: String

    package init(username: String = "", password: String = "", identityToken: String = "", registryToken: String = "") {
        self.username = username
        self.password = password
        self.identityToken = identityToken
        self.registryToken = registryToken
    }

    package var isEmpty: Bool { username.isEmpty && identityToken.isEmpty && registryToken.isEmpty }

    /// `user:password` as the Basic scheme sends it: RFC 7617. Nil when there is no name.
    var basic: String? { username.isEmpty ? nil : "Basic " + Base64.encode(Array("\(username):\(password)".utf8)) }
}
