internal import Diagnostics
internal import OCI

/// Which of an index's manifests is the image that somebody wants.
enum PlatformChoice {
    /// How Docker's builder marks what is no image: provenance and bills of materials.
    private static let attestation = "vnd.docker.reference.type"

    /// Manifests and indexes of `index` that may hold an image for `platform`, the best first. Throws Docker's words when there is none.
    static func manifest(of index: Index, for platform: Platform) throws(Fault) -> Descriptor {
        let images = images(of: index)
        let declared = images.filter { $0.platform != nil }
        if let best = Platform.best(of: declared.compactMap(\.platform), for: platform) { return declared[best] }
        // An index may leave out what its manifests' configurations say.
        if let only = images.first(where: { $0.platform == nil }) { return only }
        throw Fault(.notFound, "no matching manifest for \(platform) in the manifest list entries")
    }

    /// What an index holds but for attestations.
    static func images(of index: Index) -> [Descriptor] {
        index.manifests.filter { descriptor in
            (MediaType.isManifest(descriptor.mediaType) || MediaType.isIndex(descriptor.mediaType)) && !isAttestation(descriptor)
        }
    }

    static func isAttestation(_ descriptor: Descriptor) -> Bool {
        descriptor.annotations?[attestation] != nil || descriptor.platform?.os == "unknown"
    }
}
