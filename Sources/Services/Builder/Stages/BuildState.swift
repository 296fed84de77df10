internal import Images
internal import OCI
internal import Values

/// What a stage has come to so far: the image that it would be.
struct BuildState: Sendable {
    var document: ImageDocument
    /// The lowest first.
    var layers: [ImageLayer] = []
    /// The image's id, where each step is one.
    var image: Digest?
    /// What it was made by.
    var steps: [BuiltStep] = []
    /// There has been a `CMD` since the stage began.
    var hasCommand = false

    /// Nothing: `FROM scratch`.
    init(platform: Platform) {
        document = ImageDocument(platform: platform, created: nil, config: ImageConfig(), history: [])
    }

    init(_ base: Image) {
        document = base.document
        if document.config == nil { document.config = ImageConfig() }
        // They tell of how the base was made.
        (document.container, document.parent, document.comment, document.inlineCache) = (nil, nil, nil, nil)
        layers = base.layers
        image = base.id
    }

    var config: ImageConfig {
        get { document.config ?? ImageConfig() }
        set { document.config = newValue }
    }

    /// What the layers are together; empty for none.
    var chain: String { layers.last?.chainID.description ?? "" }

    /// Adds a step that changed files, or none.
    mutating func add(_ layer: ImageLayer?, created: Timestamp, text: String, comment: String?) {
        document.created = created
        if let layer {
            layers.append(layer)
            document.rootfs.diffIDs.append(layer.diffID)
        }
        note(text, comment, isEmpty: layer == nil)
    }

    /// Adds a line of history. One of configuration alone is as old as what is below: so the same steps are the same image whenever they are
    /// made.
    mutating func note(_ text: String, _ comment: String?, isEmpty: Bool = true) {
        if document.created == nil { document.created = Timestamp(nanoseconds: 0) }
        document.history =
            (document.history ?? []) + [
                ImageDocument.History(created: document.created, createdBy: text, author: document.author, comment: comment, emptyLayer: isEmpty ? true : nil)
            ]
    }
}
