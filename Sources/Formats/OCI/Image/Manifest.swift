/// A pointer to content: its type, digest and size in bytes. See image-spec, descriptor.md.
package struct Descriptor: Sendable, Hashable, Codable {
    package var mediaType: String
    package var digest: Digest
    package var size: Int64
    package var urls: [String]?
    package var annotations: [String: String]?
    /// Small content carried along, in base64.
    package var data: String?
    package var platform: Platform?
    package var artifactType: String?

    package init(mediaType: String, digest: Digest, size: Int64, annotations: [String: String]? = nil, platform: Platform? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
        self.platform = platform
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType) ?? ""
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard size >= 0 else { throw DecodingError.dataCorruptedError(forKey: .size, in: container, debugDescription: "negative size \(size)") }
        urls = try container.decodeIfPresent([String].self, forKey: .urls)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        data = try container.decodeIfPresent(String.self, forKey: .data)
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
    }

    private enum CodingKeys: String, CodingKey { case mediaType, digest, size, urls, annotations, data, platform, artifactType }
}

/// One image for one platform: its configuration and its layers, lowest first. See image-spec, manifest.md.
/// Docker's schema 2 has the same shape under other media types.
package struct Manifest: Sendable, Hashable, Codable {
    package var schemaVersion: Int
    package var mediaType: String?
    package var artifactType: String?
    package var config: Descriptor
    package var layers: [Descriptor]
    package var subject: Descriptor?
    package var annotations: [String: String]?

    package init(mediaType: String = MediaType.manifest, config: Descriptor, layers: [Descriptor], annotations: [String: String]? = nil) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }
}

/// Manifests of one image for several platforms, or of several images in a layout. See image-spec, image-index.md.
package struct Index: Sendable, Hashable, Codable {
    package var schemaVersion: Int
    package var mediaType: String?
    package var artifactType: String?
    package var manifests: [Descriptor]
    package var subject: Descriptor?
    package var annotations: [String: String]?

    package init(mediaType: String = MediaType.index, manifests: [Descriptor], annotations: [String: String]? = nil) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.manifests = manifests
        self.annotations = annotations
    }
}

extension KeyedDecodingContainer {
    /// A list that must be there; Go's programs write `null` for one without elements. The coding of the types above finds it.
    fileprivate func decode(_ type: [Descriptor].Type, forKey key: Key) throws -> [Descriptor] {
        if contains(key), try decodeNil(forKey: key) { return [] }
        var list = try nestedUnkeyedContainer(forKey: key)
        var elements: [Descriptor] = []
        while !list.isAtEnd { elements.append(try list.decode(Descriptor.self)) }
        return elements
    }
}

/// The `oci-layout` file that marks a directory or archive as an image layout. See image-spec, image-layout.md.
package struct ImageLayout: Sendable, Hashable, Codable {
    package var imageLayoutVersion = "1.0.0"
    package init() {}
}

/// Names of annotations that layouts use to say what an image is called. See image-spec, annotations.md.
package enum Annotation {
    /// The tag, or for other tools' archives the whole name.
    package static let referenceName = "org.opencontainers.image.ref.name"
    /// The whole name, as containerd writes it.
    package static let imageName = "io.containerd.image.name"
}
