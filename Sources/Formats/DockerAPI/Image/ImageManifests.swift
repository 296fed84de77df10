package import JSON

/// What one manifest of an image is and takes: the elements of `Manifests`, from API 1.47 on.
package struct ImageManifestSummary: JSONRecord, Sendable, Hashable {
    /// The manifest's digest.
    package var id: String = ""
    package var descriptor: OCIDescriptor = OCIDescriptor()
    /// Whether all of its content is here.
    package var available: Bool = false
    package var size: ImageManifestSize = ImageManifestSize()
    /// `image`, `attestation` or `unknown`.
    package var kind: String = ""
    /// Of kind `image` only.
    package var imageData: ImageManifestData?
    /// Of kind `attestation` only.
    package var attestationData: AttestationData?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("ID", &id)
        try m("Descriptor", &descriptor)
        try m("Available", &available)
        try m("Size", &size)
        try m("Kind", &kind)
        try m("ImageData", &imageData, .unlessNil)
        try m("AttestationData", &attestationData, .unlessNil)
    }
}

/// Bytes: of the blobs as they came, and of these and the unpacked files together.
package struct ImageManifestSize: JSONRecord, Sendable, Hashable {
    package var content: Int = 0
    package var total: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Content", &content)
        try m("Total", &total)
    }
}

/// A manifest that is an image.
package struct ImageManifestData: JSONRecord, Sendable, Hashable {
    package var platform: OCIPlatform = OCIPlatform()
    /// Whole ids of the containers made from it.
    package var containers: [String] = []
    package var size: UnpackedSize = UnpackedSize()

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("Platform", &platform)
        try m("Containers", &containers)
        try m("Size", &size)
    }
}

/// Bytes of an image's files.
package struct UnpackedSize: JSONRecord, Sendable, Hashable {
    package var unpacked: Int = 0

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws { try m("Unpacked", &unpacked) }
}

/// The digest of the manifest that an attestation is about.
package struct AttestationData: JSONRecord, Sendable, Hashable {
    package var about: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws { try m("For", &about) }
}
