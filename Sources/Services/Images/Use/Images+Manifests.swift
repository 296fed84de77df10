internal import Database
internal import Diagnostics
internal import DockerAPI
internal import OCI
internal import Values

extension Images {
    /// All that the index has of which an image is one, in the index's order; of an image without an index just itself.
    ///
    /// What the index names and this engine lacks is told as not available. Attestations are about an image and never one.
    func manifests(of image: Image) throws(Fault) -> [ImageManifestSummary] {
        let found = try asFault("cannot read the manifests of \(image.id)") { try database.read { try known(of: image, $0) } }
        var result: [ImageManifestSummary] = []
        for entry in found {
            var summary = ImageManifestSummary()
            let descriptor = entry.descriptor
            summary.id = descriptor.digest.description
            summary.descriptor = OCIDescriptor(descriptor)
            if PlatformChoice.isAttestation(descriptor) {
                summary.kind = "attestation"
                summary.attestationData = AttestationData()
                summary.attestationData?.about = PlatformChoice.subject(of: descriptor)?.description ?? ""
                if let size = entry.attestationSize {
                    summary.available = true
                    (summary.size.content, summary.size.total) = (Int(size), Int(size))
                }
            } else if let platform = entry.image?.platform ?? descriptor.platform {
                summary.kind = "image"
                var data = ImageManifestData()
                data.platform = OCIPlatform(platform)
                if let image = entry.image {
                    let content = Int(descriptor.size) + entry.configSize + image.layers.reduce(0) { $0 + Int($1.blobSize) }
                    summary.available = true
                    data.size.unpacked = Int(image.size)
                    (summary.size.content, summary.size.total) = (content, content + data.size.unpacked)
                    data.containers = try asFault("cannot find out who uses \(image.id)") { try usage(image.id).map(\.container) }
                }
                summary.imageData = data
            } else {
                summary.kind = "unknown"
            }
            result.append(summary)
        }
        return result
    }
}

/// A manifest that belongs to a name, and its image when that is here.
private struct KnownManifest: Sendable {
    var descriptor: Descriptor
    var image: Image?
    var configSize = 0
    /// Bytes of an attestation that is here.
    var attestationSize: Int64?
}

extension Images {
    fileprivate func known(of image: Image, _ rows: borrowing Transaction) throws -> [KnownManifest] {
        for name in image.names {
            guard let target = try rows.target(of: name), let index = try rows.index(target) else { continue }
            let contents = try IndexContents(index, in: content)
            let attestations = Dictionary(try contents.attestations().map { ($0.descriptor.digest, $0.size) }) { first, _ in first }
            var result: [KnownManifest] = []
            for descriptor in contents.descriptors {
                var entry = KnownManifest(descriptor: descriptor, attestationSize: attestations[descriptor.digest])
                if let id = try rows.imageID(manifest: descriptor.digest), let found = try rows.image(id) {
                    (entry.image, entry.configSize) = (found, try rows.documents(of: id).config.count)
                }
                result.append(entry)
            }
            if result.contains(where: { $0.image?.id == image.id }) { return result }
        }
        let documents = try rows.documents(of: image.id)
        // One that was made here has no manifest until it is pushed or saved: its id stands in.
        var descriptor = Descriptor(
            mediaType: MediaType.manifest, digest: image.manifest ?? image.id, size: Int64(documents.manifest?.count ?? 0), platform: image.platform)
        if let bytes = documents.manifest {
            descriptor.mediaType = try Document.decode(Manifest.self, from: bytes, what: "image manifest").mediaType ?? MediaType.manifest
        }
        return [KnownManifest(descriptor: descriptor, image: image, configSize: documents.config.count)]
    }
}

extension OCIDescriptor {
    init(_ descriptor: Descriptor) {
        self.init(
            mediaType: descriptor.mediaType, digest: descriptor.digest.description, size: Int(descriptor.size), annotations: descriptor.annotations,
            platform: descriptor.platform.map(OCIPlatform.init))
    }
}

extension OCIPlatform {
    init(_ platform: Platform) {
        self.init(architecture: platform.architecture, os: platform.os, osVersion: platform.osVersion ?? "", variant: platform.variant ?? "")
    }
}
