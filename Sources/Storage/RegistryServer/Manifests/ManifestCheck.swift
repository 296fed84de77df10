internal import Archive
internal import JSON
package import OCI

/// A manifest that makes sense by itself, and what it names.
package struct CheckedManifest: Sendable {
    /// What it is, by its own word or its shape.
    package var mediaType: String
    /// What must be here before it.
    package var references: [Reference] = []
    package var subject: Digest?
    /// What it calls itself among the referrers of `subject`.
    package var artifactType: String?
    package var annotations: [String: String]?

    /// Something that a manifest names.
    package struct Reference: Sendable {
        package enum Kind: Sendable {
            case blob
            case manifest
            /// A layer that comes from elsewhere; it need not be here.
            case foreign
        }

        package var digest: Digest
        /// As the manifest says; nobody has measured it.
        package var size: Int64
        package var kind: Kind
        /// What an image of a list is for.
        package var platform: Platform?
        /// Where it is kept, if not here.
        package var urls: [String] = []
    }
}

/// Reads manifests as strictly as it takes for any two readers to see the same thing in them: image-spec, manifest.md and
/// image-index.md; Docker's schema 2.
package enum ManifestCheck {
    /// What a registry must take at least, and what Docker's takes at most, in bytes.
    package static let sizeLimit = 4 << 20
    /// How many descriptors one manifest may have.
    static let referenceLimit = 10_000

    /// Throws `MANIFEST_INVALID` in words. `contentType` is what the client called it; nil or empty when it said nothing.
    package static func check(_ bytes: [UInt8], contentType: String?) throws(RegistryError) -> CheckedManifest {
        guard bytes.count <= sizeLimit else { throw RegistryError(.manifestInvalid, "manifest larger than \(sizeLimit) bytes") }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { throw invalid("\(error)") }
        guard let object = value.object else { throw invalid("not a JSON object") }
        try refuseAmbiguous(object)
        let type = try mediaType(object, contentType)
        var manifest = CheckedManifest(mediaType: type)
        if MediaType.isIndex(type) {
            let index: Index = try decode(value)
            for descriptor in index.manifests {
                let isManifest = MediaType.isIndex(descriptor.mediaType) || MediaType.isManifest(descriptor.mediaType)
                try manifest.add(descriptor, isManifest ? .manifest : .blob)
            }
            (manifest.subject, manifest.annotations) = (index.subject?.digest, index.annotations)
            manifest.artifactType = index.artifactType.flatMap { $0.isEmpty ? nil : $0 }
        } else {
            let image: Manifest = try decode(value)
            try manifest.add(image.config, .blob)
            for layer in image.layers { try manifest.add(layer, MediaType.isForeign(layer.mediaType) ? .foreign : .blob) }
            (manifest.subject, manifest.annotations) = (image.subject?.digest, image.annotations)
            manifest.artifactType = image.artifactType.flatMap { $0.isEmpty ? nil : $0 } ?? image.config.mediaType
        }
        return manifest
    }

    /// What was once stored, by us or another registry: read without complaint where the old reader had none. Nil for what is no manifest.
    static func stored(_ bytes: [UInt8]) -> CheckedManifest? {
        // The reason is of no interest to who asks what this blob is.
        try? check(bytes, contentType: nil)
    }

    private static func invalid(_ reason: String) -> RegistryError { RegistryError(.manifestInvalid, detail: .string(reason)) }

    private static func decode<Value: Decodable>(_ value: JSONValue) throws(RegistryError) -> Value {
        do { return try value.decode(Value.self) } catch let error as DecodingError {
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): throw invalid(context.debugDescription)
            case .keyNotFound(let key, _): throw invalid("missing field \"\(key.stringValue)\"")
            @unknown default: throw invalid("\(error)")
            }
        } catch { throw invalid("\(error)") }
    }

    private static let words = spellings(of: [
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations", "fsLayers",
    ])
    private static let descriptorWords = spellings(of: ["mediaType", "digest", "size", "urls", "annotations", "data", "artifactType", "platform"])

    private static func spellings(of words: [String]) -> [String: String] { Dictionary(words.map { ($0.lowercased(), $0) }) { first, _ in first } }

    /// The same name twice, or in other letters: Go's reader takes the last, whatever its case, others the first.
    private static func refuseAmbiguous(_ object: JSONObject) throws(RegistryError) {
        try refuseAmbiguous(object, words)
        let lists = ["layers", "manifests"].flatMap { object[$0]?.array ?? [] }
        for descriptor in ["config", "subject"].compactMap({ object[$0] }) + lists {
            if let members = descriptor.object { try refuseAmbiguous(members, descriptorWords) }
        }
    }

    private static func refuseAmbiguous(_ object: JSONObject, _ known: [String: String]) throws(RegistryError) {
        var seen: Set<String> = []
        for member in object.members {
            guard let word = known[member.name.lowercased()] else { continue }
            guard seen.insert(word).inserted else { throw invalid("\"\(member.name)\" stands more than once") }
            guard word == member.name else { throw invalid("\"\(member.name)\" is misspelt") }
        }
    }

    private static func mediaType(_ object: JSONObject, _ contentType: String?) throws(RegistryError) -> String {
        let given = contentType.map { $0.prefix { $0 != ";" && $0 != " " }.lowercased() } ?? ""
        if object["schemaVersion"]?.int == 1 || given.hasPrefix("application/vnd.docker.distribution.manifest.v1+") {
            throw RegistryError(.manifestInvalid, "manifests of schema 1 are not supported; push the image again with a current client")
        }
        guard object["schemaVersion"]?.int == 2 else { throw invalid("schemaVersion must be 2") }
        if let own = object["mediaType"], own.string == nil { throw invalid("mediaType must be text") }
        let own = object["mediaType"]?.string ?? ""
        if !own.isEmpty, !given.isEmpty, given != "application/json", own != given {
            throw invalid("mediaType in manifest should be '\(given)' not '\(own)'")
        }
        let isIndex = object["manifests"] != nil
        let isImage = object["config"] != nil || object["layers"] != nil
        // CVE-2021-41190: one document that is an index to some and an image to others.
        if isIndex, isImage || object["fsLayers"] != nil { throw invalid("both an image and a list of images") }
        if object["fsLayers"] != nil { throw invalid("layers of schema 1") }
        let said = !own.isEmpty ? own : given == "application/json" ? "" : given
        let type = !said.isEmpty ? said : isIndex ? MediaType.index : MediaType.manifest
        guard MediaType.isIndex(type) || MediaType.isManifest(type) else { throw invalid("unsupported manifest media type '\(type)'") }
        guard MediaType.isIndex(type) == isIndex else { throw invalid("not what '\(type)' looks like") }
        return type
    }
}

extension CheckedManifest {
    fileprivate mutating func add(_ descriptor: Descriptor, _ kind: Reference.Kind) throws(RegistryError) {
        guard references.count < ManifestCheck.referenceLimit else {
            throw RegistryError(.manifestInvalid, "more than \(ManifestCheck.referenceLimit) descriptors")
        }
        references.append(Reference(digest: descriptor.digest, size: descriptor.size, kind: kind, platform: descriptor.platform, urls: descriptor.urls ?? []))
    }
}
