package import Diagnostics
package import OCI

/// Which of an index's manifests is the image that somebody wants.
package enum PlatformChoice {
    /// How Docker's builder marks what is no image: provenance and bills of materials.
    private static let attestation = "vnd.docker.reference.type"
    private static let subject = "vnd.docker.reference.digest"

    /// What attestations say that they are for.
    static let none = Platform(os: "unknown", architecture: "unknown")

    /// What an index says of an attestation about one of its manifests.
    static func annotations(about image: Digest) -> [String: String] { [attestation: "attestation-manifest", subject: "\(image)"] }

    /// Manifests and indexes of `index` that may hold an image for `platform`, the best first. Throws Docker's words when there is none.
    package static func manifest(of index: Index, for platform: Platform) throws(Fault) -> Descriptor {
        let images = images(of: index)
        let declared = images.filter { $0.platform != nil }
        if let best = Platform.best(of: declared.compactMap(\.platform), for: platform) { return declared[best] }
        // An index may leave out what its manifests' configurations say.
        if let only = images.first(where: { $0.platform == nil }) { return only }
        throw Fault(.notFound, "no matching manifest for \(platform) in the manifest list entries")
    }

    /// Everything that an index has for Linux.
    static func manifests(of index: Index) throws(Fault) -> [Descriptor] {
        let all = linuxImages(index.manifests)
        guard !all.isEmpty else { throw Fault(.notFound, "no matching manifest for linux in the manifest list entries") }
        return all
    }

    static func linuxImages(_ descriptors: [Descriptor]) -> [Descriptor] {
        images(of: Index(manifests: descriptors)).filter { $0.platform?.os ?? "linux" == "linux" }
    }

    /// What an index holds but for attestations.
    static func images(of index: Index) -> [Descriptor] {
        index.manifests.filter { descriptor in
            (MediaType.isManifest(descriptor.mediaType) || MediaType.isIndex(descriptor.mediaType)) && !isAttestation(descriptor)
        }
    }

    static func isAttestation(_ descriptor: Descriptor) -> Bool {
        descriptor.annotations?[attestation] != nil || descriptor.platform?.os == none.os
    }

    /// The manifest that an attestation is about.
    static func subject(of descriptor: Descriptor) -> Digest? { descriptor.annotations?[subject].flatMap { Digest($0) } }

    /// What an index says of one of its manifests.
    static func attestations(of index: Index, about image: Digest) -> [Descriptor] {
        index.manifests.filter { isAttestation($0) && MediaType.isManifest($0.mediaType) && subject(of: $0) == image }
    }
}
