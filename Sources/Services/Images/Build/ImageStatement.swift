internal import Archive
internal import Content
package import JSON
package import OCI

/// What somebody says of an image for others to check, such as how it was built: a predicate, in the words of in-toto.
package struct ImageStatement: Sendable {
    private static let mediaType = "application/vnd.in-toto+json"
    private static let statementType = "https://in-toto.io/Statement/v1"

    /// What kind of predicate it is.
    package var predicateType: String
    package var predicate: JSONValue
    /// What it is about beside the image, as in-toto has it.
    package var subjects: [JSONValue]

    package init(predicateType: String, predicate: JSONValue, subjects: [JSONValue] = []) {
        (self.predicateType, self.predicate, self.subjects) = (predicateType, predicate, subjects)
    }

    /// The whole of it about the image with this manifest and these names.
    private func text(about manifest: Descriptor, as names: [Reference]) -> [UInt8] {
        let digest = JSONValue.object([manifest.digest.algorithm: .string(manifest.digest.hex)])
        let named = names.isEmpty ? ["_"] : names.map { $0.packageURL(manifest.platform) }
        let own = named.map { JSONValue.object(["name": .string($0), "digest": digest]) }
        return JSONValue.object([
            "_type": .string(Self.statementType), "predicateType": .string(predicateType), "subject": .array(subjects.isEmpty ? own : subjects), "predicate": predicate,
        ]).compact
    }

    /// Keeps statements about an image in the way of BuildKit's: a manifest whose layers they are. Gives that, and the digests of all that was kept.
    static func keep(
        _ statements: [ImageStatement], about manifest: Descriptor, as names: [Reference], in content: ContentStore
    ) throws -> (top: Descriptor, all: [Digest]) {
        func keep(_ bytes: [UInt8], _ mediaType: String, _ annotations: [String: String]? = nil) throws -> Descriptor {
            Descriptor(mediaType: mediaType, digest: try content.ingest(bytes), size: Int64(bytes.count), annotations: annotations)
        }
        let layers = try statements.map { try keep($0.text(about: manifest, as: names), mediaType, ["in-toto.io/predicate-type": $0.predicateType]) }
        let document = ImageDocument(platform: PlatformChoice.none, created: nil, diffIDs: layers.map(\.digest))
        let config = try keep(Document.encode(document), MediaType.config)
        var top = try keep(Document.encode(Manifest(config: config, layers: layers)), MediaType.manifest, PlatformChoice.annotations(about: manifest.digest))
        top.platform = PlatformChoice.none
        return (top, [top.digest, config.digest] + layers.map(\.digest))
    }
}

extension Reference {
    /// An image as a package (purl-spec, types docker and oci): `pkg:docker/library/a@tag?platform=linux%2Famd64`.
    package func packageURL(_ platform: Platform?) -> String {
        var questions: [String] = []
        if let digest { questions.append("digest=\(digest.algorithm):\(digest.hex)") }
        if let platform { questions.append("platform=" + platform.normalised.description.split(separator: "/").joined(separator: "%2F")) }
        let version = digest == nil ? withDefaultTag.tag : tag
        let name = familiarName.split(separator: ":").joined(separator: "%3A")
        return "pkg:docker/\(name)" + (version.map { "@\($0)" } ?? "") + (questions.isEmpty ? "" : "?" + questions.joined(separator: "&"))
    }
}
