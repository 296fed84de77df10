internal import CCrypto
internal import Diagnostics
internal import JSON
internal import Linux
internal import Values

/// Public keys of a JSON Web Key Set: RFC 7517, with RSA keys and those on the curves of RFC 7518 §6.2.1.1.
final class KeySet: @unchecked Sendable {
    // Sendable: nothing is changed after `init`, and OpenSSL counts references to these objects with atomics.
    private var keys: [(id: String?, key: OpaquePointer)] = []

    private static let countLimit = 1000

    /// Reads `{"keys":[…]}`, or one key alone. Keys of other kinds are left out. Throws `Fault` when none is left.
    init(path: String) throws {
        let value: JSONValue
        do { value = try JSONValue(parsing: try FileSystem.read(path, limit: 4 << 20)) } catch { throw Fault(.invalid, "cannot read the keys in \(path): \(error)", cause: error) }
        for entry in (value["keys"]?.array ?? [value]).prefix(Self.countLimit) {
            if let der = Self.publicKey(entry), let key = Self.read(der) { keys.append((entry["kid"]?.string, key)) }
        }
        ERR_clear_error()
        guard !keys.isEmpty else { throw Fault(.invalid, "no public keys in \(path)") }
    }

    deinit { for (_, key) in keys { EVP_PKEY_free(key) } }

    /// `id`: the key that the signer says it is; without one any will do.
    func verify(_ message: [UInt8], _ signature: [UInt8], _ algorithm: SignatureAlgorithm, id: String?) -> Bool {
        defer { ERR_clear_error() }
        return keys.contains { (id == nil || $0.id == nil || $0.id == id) && Signature.verify(message, signature, algorithm, $0.key) }
    }

    private static func read(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var pointer = buffer.baseAddress
            return d2i_PUBKEY(nil, &pointer, buffer.count)
        }
    }

    /// A key as SubjectPublicKeyInfo, RFC 5280 §4.1.2.7, in DER.
    private static func publicKey(_ entry: JSONValue) -> [UInt8]? {
        func number(_ name: String) -> [UInt8]? { entry[name]?.string.flatMap { Base64.decode($0) }.flatMap { $0.isEmpty || $0.count > 2048 ? nil : $0 } }
        let algorithm: [UInt8], key: [UInt8]
        switch entry["kty"]?.string {
        case "RSA":
            guard let modulus = number("n"), let exponent = number("e") else { return nil }
            // 1.2.840.113549.1.1.1, NULL.
            algorithm = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00]
            key = DER.element(0x30, DER.integer(modulus[...]) + DER.integer(exponent[...]))
        case "EC":
            let curves: [String: (bytes: Int, name: [UInt8])] = [
                "P-256": (32, [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]), "P-384": (48, [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]),
                "P-521": (66, [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23]),
            ]
            guard let curve = entry["crv"]?.string.flatMap({ curves[$0] }), let x = number("x"), let y = number("y"), x.count == curve.bytes, y.count == curve.bytes
            else { return nil }
            // 1.2.840.10045.2.1 and the curve; the point uncompressed.
            algorithm = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] + curve.name
            key = [0x04] + x + y
        default: return nil
        }
        return DER.element(0x30, DER.element(0x30, algorithm) + DER.element(0x03, [0x00] + key))
    }
}
