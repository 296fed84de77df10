package import JSON

/// The name of an error that a registry answers with: distribution-spec, "Error Codes", and those that Docker's registry adds.
package struct RegistryErrorCode: RawRepresentable, Sendable, Hashable, Codable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let blobUnknown = RegistryErrorCode(rawValue: "BLOB_UNKNOWN")
    package static let blobUploadInvalid = RegistryErrorCode(rawValue: "BLOB_UPLOAD_INVALID")
    package static let blobUploadUnknown = RegistryErrorCode(rawValue: "BLOB_UPLOAD_UNKNOWN")
    package static let digestInvalid = RegistryErrorCode(rawValue: "DIGEST_INVALID")
    package static let manifestBlobUnknown = RegistryErrorCode(rawValue: "MANIFEST_BLOB_UNKNOWN")
    package static let manifestInvalid = RegistryErrorCode(rawValue: "MANIFEST_INVALID")
    package static let manifestUnknown = RegistryErrorCode(rawValue: "MANIFEST_UNKNOWN")
    package static let nameInvalid = RegistryErrorCode(rawValue: "NAME_INVALID")
    package static let nameUnknown = RegistryErrorCode(rawValue: "NAME_UNKNOWN")
    package static let sizeInvalid = RegistryErrorCode(rawValue: "SIZE_INVALID")
    package static let unauthorized = RegistryErrorCode(rawValue: "UNAUTHORIZED")
    package static let denied = RegistryErrorCode(rawValue: "DENIED")
    package static let unsupported = RegistryErrorCode(rawValue: "UNSUPPORTED")
    package static let tooManyRequests = RegistryErrorCode(rawValue: "TOOMANYREQUESTS")
    // Docker's registry: docs/spec/api.md and registry/api/errcode.
    package static let rangeInvalid = RegistryErrorCode(rawValue: "RANGE_INVALID")
    package static let tagInvalid = RegistryErrorCode(rawValue: "TAG_INVALID")
    package static let paginationNumberInvalid = RegistryErrorCode(rawValue: "PAGINATION_NUMBER_INVALID")
    package static let unavailable = RegistryErrorCode(rawValue: "UNAVAILABLE")
    package static let unknown = RegistryErrorCode(rawValue: "UNKNOWN")

    private static let usual: [RegistryErrorCode: (status: Int, message: String)] = [
        blobUnknown: (404, "blob unknown to registry"), blobUploadInvalid: (404, "blob upload invalid"),
        blobUploadUnknown: (404, "blob upload unknown to registry"), digestInvalid: (400, "provided digest did not match uploaded content"),
        manifestBlobUnknown: (400, "blob unknown to registry"), manifestInvalid: (400, "manifest invalid"),
        manifestUnknown: (404, "manifest unknown"), nameInvalid: (400, "invalid repository name"),
        nameUnknown: (404, "repository name not known to registry"), sizeInvalid: (400, "provided length did not match content length"),
        unauthorized: (401, "authentication required"), denied: (403, "requested access to the resource is denied"),
        unsupported: (405, "The operation is unsupported."), tooManyRequests: (429, "too many requests"),
        rangeInvalid: (416, "invalid content range"), tagInvalid: (400, "manifest tag did not match URI"),
        paginationNumberInvalid: (400, "invalid number of results requested"), unavailable: (503, "service unavailable"),
        unknown: (500, "unknown error"),
    ]

    /// The HTTP status that it goes with in Docker's registry; 500 for a code that nobody defined.
    package var status: Int { Self.usual[self]?.status ?? 500 }
    /// Docker's registry's words for it.
    package var message: String { Self.usual[self]?.message ?? "unknown error" }
}

/// One error in a registry's answer.
package struct RegistryError: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    package var code: RegistryErrorCode
    /// Empty where a registry sent none.
    package var message: String
    /// Whatever helps to find the cause; each registry has its own forms.
    package var detail: JSONValue?

    /// With the usual words unless others say more.
    package init(_ code: RegistryErrorCode, _ message: String? = nil, detail: JSONValue? = nil) {
        self.code = code
        self.message = message ?? code.message
        self.detail = detail
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        code = try container.decodeIfPresent(RegistryErrorCode.self, forKey: .code) ?? .unknown
        message = try container.decodeIfPresent(String.self, forKey: .message) ?? ""
        detail = try container.decodeIfPresent(JSONValue.self, forKey: .detail)
    }

    package var description: String {
        let words = message.isEmpty ? code.message : message
        guard let detail, !detail.isNull, detail != .object([:]) else { return "\(code.rawValue.lowercased()): \(words)" }
        return "\(code.rawValue.lowercased()): \(words): \(detail.string ?? detail.compactText)"
    }
}

/// The body of a registry's answer that is an error: `{"errors":[…]}`.
package struct RegistryErrors: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    package var errors: [RegistryError]

    package init(_ errors: [RegistryError]) { self.errors = errors }

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
