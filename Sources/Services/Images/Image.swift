package import OCI
package import Values

/// An image as the store knows it.
package struct Image: Sendable {
    /// The digest of its configuration document.
    package let id: Digest
    /// The document, read.
    package let document: ImageDocument
    /// Tags and digests it goes by, in order of name.
    package let names: [Reference]
    /// The lowest first.
    package let layers: [ImageLayer]
    /// The image this one was made from on this engine, as long as it is known.
    package let parent: Digest?
    /// The digest of the manifest it came with; nil when it was made here.
    package let manifest: Digest?
    /// When somebody last gave it a name; nil for one that has only come in by its names.
    package let lastTagged: Timestamp?

    /// What containers run with unless told otherwise.
    package var config: ImageConfig { document.config ?? ImageConfig() }
    package var history: [ImageDocument.History] { document.history ?? [] }
    /// The lowest first.
    package var diffIDs: [Digest] { document.rootfs.diffIDs }
    package var platform: Platform { document.platform }
    package var os: String { document.os }
    package var architecture: String { document.architecture }
    package var created: Timestamp { document.created ?? .never }
    /// Bytes of the files in all its layers.
    package var size: Int64 { layers.reduce(0) { $0 + $1.size } }
    /// `name:tag`, in the short form.
    package var repoTags: [String] { names.filter { $0.digest == nil }.map(\.familiar) }
    /// Whether no tag leads to it.
    var isDangling: Bool { names.allSatisfy { $0.digest != nil } }
    /// `name@digest`, in the short form.
    package var repoDigests: [String] { names.filter { $0.digest != nil }.map(\.familiar) }
}

/// One layer of an image.
package struct ImageLayer: Sendable, Hashable {
    package var diffID: Digest
    /// The id of this layer with all below it.
    package var chainID: Digest
    /// The name of its unpacked directory in the layer store.
    package var directory: String
    /// Bytes of its files.
    package var size: Int64
    /// The blob it came in; nil when its tar is made again from the directory.
    package var blob: Digest?
    /// The blob's size in bytes, or that of the tar.
    package var blobSize: Int64
    package var mediaType: String

    /// What a manifest says of it.
    var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: blob ?? diffID, size: blobSize) }
}
