internal import Diagnostics
internal import CCrypto
internal import JSON
internal import Linux
internal import Values

/// Reads the bearer tokens that a registry's authorization server signs: docs/spec/auth/jwt.md of distribution, RFC 7519.
package final class TokenVerifier: Sendable {
    /// What a token lets its bearer do.
    package struct Claims: Sendable {
        /// Whom it was made for; may be empty.
        package var subject: String
        package var access: [Access]

        package struct Access: Sendable, Hashable {
            package var type: String
            package var name: String
            package var actions: [String]
        }
    }

    /// The longest token, in bytes.
    static let sizeLimit = 64 << 10
    /// How far clocks may be apart.
    static let leeway: Int64 = 60

    private let issuer: String
    private let service: String
    private let certificates: CertificateBundle?
    private let keys: KeySet?

    /// `rootCertificates` is the path of a file of PEM certificates, `keySet` of a JSON Web Key Set; empty for none. Throws `Fault` when there
    /// is nothing in them.
    package init(issuer: String, service: String, rootCertificates: String, keySet: String = "") throws {
        self.issuer = issuer
        self.service = service
        certificates = rootCertificates.isEmpty ? nil : try CertificateBundle(path: rootCertificates)
        keys = keySet.isEmpty ? nil : try KeySet(path: keySet)
    }

    /// The claims of a token that is signed by somebody trusted, for this service, and valid now; nil for any other.
    package func claims(of token: String) -> Claims? {
        guard token.utf8.count <= Self.sizeLimit else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]), let signature = Base64.decode(parts[2]),
            let name = header["alg"]?.string, let algorithm = SignatureAlgorithm(rawValue: name), header["crit"] == nil
        else { return nil }
        var chain: [[UInt8]]?
        if let given = header["x5c"]?.array {
            let decoded = given.compactMap { $0.string.flatMap { Base64.decode($0) } }
            guard decoded.count == given.count, (1...10).contains(decoded.count) else { return nil }
            chain = decoded
        }
        let message = Array("\(parts[0]).\(parts[1])".utf8)
        let isSigned =
            chain == nil && keys?.verify(message, signature, algorithm, id: header["kid"]?.string) == true
            || certificates?.verify(message, signature, algorithm, chain: chain) == true
        guard isSigned else { return nil }
        return read(claims, at: Timestamp.now.seconds)
    }

    /// Claims whose signature is right.
    func read(_ claims: JSONObject, at now: Int64) -> Claims? {
        guard claims["iss"]?.string == issuer else { return nil }
        let audience = claims["aud"]?.array?.compactMap(\.string) ?? [claims["aud"]?.string].compactMap { $0 }
        guard audience.contains(service) else { return nil }
        guard let expires = Self.time(claims["exp"]), expires > now - Self.leeway else { return nil }
        if let begins = claims["nbf"] { guard let begins = Self.time(begins), begins <= now + Self.leeway else { return nil } }
        let access = (claims["access"]?.array ?? []).compactMap { entry -> Claims.Access? in
            guard let type = entry["type"]?.string, let name = entry["name"]?.string else { return nil }
            return Claims.Access(type: type, name: name, actions: entry["actions"]?.array?.compactMap(\.string) ?? [])
        }
        return Claims(subject: claims["sub"]?.string ?? "", access: access)
    }

    /// Seconds; a fraction counts for nothing.
    private static func time(_ value: JSONValue?) -> Int64? {
        if let whole = value?.int { return Int64(whole) }
        return value?.double.flatMap { $0.isFinite && abs($0) < 1e15 ? Int64($0) : nil }
    }

    private static func object(_ part: Substring) -> JSONObject? {
        // What is no JSON is no token.
        Base64.decode(part).flatMap { try? JSONValue(parsing: $0) }?.object
    }
}

/// How a token is signed: RFC 7518 §3.1, the ones with two keys.
enum SignatureAlgorithm: String {
    case RS256, RS384, RS512, ES256, ES384, ES512

    var isEllipticCurve: Bool { rawValue.hasPrefix("E") }

    var hash: OpaquePointer? {
        switch self {
        case .RS256, .ES256: EVP_sha256()
        case .RS384, .ES384: EVP_sha384()
        case .RS512, .ES512: EVP_sha512()
        }
    }

    /// Of each of the two numbers of a signature by elliptic curve.
    var numberBytes: Int {
        switch self {
        case .ES256: 32
        case .ES384: 48
        case .ES512: 66
        default: 0
        }
    }
}
