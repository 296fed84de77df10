internal import Images
internal import JSON
internal import OCI

/// Something that a build took from elsewhere, as SLSA calls it: by an address, with the digest of what was there.
struct Material: Sendable, Hashable {
    var address: String
    var algorithm = ""
    /// Empty when it has none.
    var hex = ""

    init(_ address: String, _ algorithm: String, _ hex: String) { (self.address, self.algorithm, self.hex) = (Self.withoutCredentials(address), algorithm, hex) }

    /// An image by the name that it was asked for by.
    init(_ name: Reference, _ platform: Platform, _ image: Image) {
        address = name.packageURL(platform)
        let known = name.digest ?? image.names.first { $0.digest != nil && $0.familiarName == name.familiarName }?.digest ?? image.manifest
        if let known { (algorithm, hex) = (known.algorithm, known.hex) }
    }

    var isImage: Bool { address.hasPrefix("pkg:") }

    var json: JSONValue {
        var result: JSONObject = ["uri": .string(address)]
        if !hex.isEmpty { result["digest"] = digest }
        return .object(result)
    }

    var digest: JSONValue { .object([algorithm: .string(hex)]) }

    /// An address as it may be told to everybody.
    static func withoutCredentials(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...], host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = host.lastIndex(of: "@"), ["http://", "https://"].contains(address[..<scheme.upperBound]) else { return address }
        return address[..<scheme.upperBound] + (host[..<at].contains(":") ? "xxxxx:xxxxx" : "xxxxx") + rest[at...]
    }
}
