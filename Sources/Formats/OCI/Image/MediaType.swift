/// The media types that image documents and layers carry, OCI's and Docker's. See image-spec, media-types.md.
package enum MediaType {
    package static let manifest = "application/vnd.oci.image.manifest.v1+json"
    package static let index = "application/vnd.oci.image.index.v1+json"
    package static let config = "application/vnd.oci.image.config.v1+json"
    package static let layer = "application/vnd.oci.image.layer.v1.tar"
    package static let layerGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    package static let layerZstd = "application/vnd.oci.image.layer.v1.tar+zstd"

    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    package static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar"
    package static let dockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip"

    /// A list of manifests, of either family.
    package static func isIndex(_ type: String) -> Bool { type == index || type == dockerManifestList }

    private static let layerForeign = "application/vnd.oci.image.layer.nondistributable.v1.tar"
    private static let dockerLayerForeign = "application/vnd.docker.image.rootfs.foreign.diff.tar"

    /// A layer that may not be given to just anyone, and is fetched from where its maker says: image-spec, layer.md, "Non-Distributable Layers".
    package static func isForeign(_ type: String) -> Bool { type.hasPrefix(layerForeign) || type.hasPrefix(dockerLayerForeign) }

    /// A file system layer in a form that we read, foreign ones included; `+encrypted` is not.
    package static func isLayer(_ type: String) -> Bool {
        let forms = ["", "+gzip", "+zstd", ".gzip", ".zstd"]
        let families = [layer, layerForeign, dockerLayer, dockerLayerForeign]
        return families.contains { type.hasPrefix($0) && forms.contains(String(type.dropFirst($0.count))) }
    }

    /// An image's configuration, of either family.
    package static func isConfig(_ type: String) -> Bool { type == config || type == dockerConfig }

    /// One image's manifest, of either family.
    package static func isManifest(_ type: String) -> Bool { type == manifest || type == dockerManifest }
}
