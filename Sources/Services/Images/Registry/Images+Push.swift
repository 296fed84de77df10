internal import Archive
internal import AsyncIO
internal import Content
internal import Database
internal import Diagnostics
package import DockerAPI
internal import Events
internal import HTTPTransport
internal import Linux
package import OCI
package import RegistryClient
internal import Values

extension Images {
    /// Sends the image of a name to the registry that the name says, or with `allTags` all images of its repository. `progress` gets
    /// Docker's messages, from several threads. Gives what was sent last.
    @discardableResult
    package func push(
        _ reference: Reference, allTags: Bool = false, platform: Platform? = nil, credentials: RegistryCredentials? = nil,
        settings: RegistrySettings? = nil, _ progress: @escaping @Sendable (JSONMessage) -> Void
    ) async throws -> Descriptor? {
        guard reference.digest == nil else { throw Fault(.invalid, "cannot push a digest reference") }
        let settings = try settings ?? RegistrySettings.load()
        let registry = try Registry(reference.domain, credentials: credentials, settings: settings, client: settings.client())
        let push = Push(images: self, repository: try registry.repository(of: reference), platform: platform, settings: settings, progress: progress)
        progress(JSONMessage(status: "The push refers to repository [\(reference.name)]"))
        let wanted = try await AsyncIO.offload { [self] in
            try database.read { rows in
                if !allTags { return try rows.imageID(named: reference.withDefaultTag) == nil ? [] : [reference.withDefaultTag] }
                return try rows.names(inRepository: reference.name)
            }
        }
        guard !wanted.isEmpty else {
            let others = try await AsyncIO.offload { [self] in try database.read { try $0.names(inRepository: reference.name) } }
            throw Fault(
                .notFound,
                others.isEmpty
                    ? "An image does not exist locally with the tag: \(reference.familiarName)" : "tag does not exist: \(reference.withDefaultTag.familiar)")
        }
        // Nothing that is being sent may be deleted meanwhile.
        let hold = try await AsyncIO.offload { [self] in try IngestGuard(self) }
        defer { hold.end() }
        var sent: Descriptor?
        for name in wanted {
            sent = try await push.run(name)
            events.publish(.image, "push", name.familiar, ["name": name.familiarName])
        }
        return sent
    }
}

/// A push to one repository.
private struct Push: Sendable {
    let images: Images
    let repository: Repository
    let platform: Platform?
    let settings: RegistrySettings
    let progress: @Sendable (JSONMessage) -> Void

    /// An image with its documents as they are.
    struct Item: Sendable {
        var image: Image
        var documents: ImageDocuments

        /// An image made here as the registry has it now: what is pulled from there is known to be the same.
        func pushed(as sent: Sent) -> NewImage {
            let layers = zip(image.layers, sent.layers).map { layer, descriptor in
                var layer = layer
                (layer.blob, layer.blobSize, layer.mediaType) = (descriptor.digest, descriptor.size, descriptor.mediaType)
                return layer
            }
            return NewImage(
                config: documents.config, document: image.document, id: image.id, layers: layers, manifest: sent.manifest.bytes,
                manifestDigest: sent.manifest.digest, parent: image.parent)
        }
    }

    func run(_ reference: Reference) async throws -> Descriptor? {
        let images = images, platform = platform
        let (items, contents, index) = try await AsyncIO.offload { try images.pushed(reference, platform) }
        var sent: [Sent] = []
        for item in items { sent.append(try await send(item, as: contents == nil ? reference.tag.map { .tag($0) } : nil)) }
        guard var top = sent.first?.manifest.descriptor else { return nil }
        if let contents {
            for attestation in try contents.attestations() { try await send(attestation) }
            for inner in contents.inner { try await repository.put(inner.bytes, mediaType: inner.mediaType, as: .digest(inner.digest)) }
            let index = contents.index
            let digest = try await repository.put(index.bytes, mediaType: index.mediaType, as: .tag(reference.tag ?? ""))
            top = Descriptor(mediaType: index.mediaType, digest: digest, size: Int64(index.bytes.count))
        }
        if let index {
            var note = JSONAux()
            (note.manifestPushedInsteadOfIndex, note.originalIndex, note.selectedManifest) = (true, OCIDescriptor(index), OCIDescriptor(top))
            progress(JSONMessage(aux: note))
        }
        let tag = reference.tag ?? "", digest = top.digest
        progress(JSONMessage(status: "\(tag): digest: \(digest) size: \(top.size)"))
        progress(JSONMessage(progressDetail: JSONProgress(), aux: JSONAux(tag: tag, digest: digest.description, size: Int(top.size))))
        let source = repository.description, done = sent
        try await AsyncIO.offload {
            try images.database.transaction { rows in
                for (item, sent) in zip(items, done) {
                    for layer in sent.layers { try rows.noteSource(layer.digest, source) }
                    if item.documents.manifest == nil { try rows.insert(item.pushed(as: sent)) }
                    try rows.name(reference.pinned(digest), image: item.image.id, target: digest)
                }
            }
        }
        return top
    }

    /// What has been sent of an image.
    struct Sent: Sendable {
        var manifest: FetchedManifest
        var layers: [Descriptor]
    }

    private func send(_ attestation: Attestation) async throws {
        let content = images.content
        for blob in attestation.blobs where try await repository.size(of: blob.digest) == nil {
            let file = OpenFile(try FileDescriptor.open(content.blobPath(blob.digest)))
            try await repository.upload(blob.digest, size: blob.size) { .file(file, offset: UInt64($0), length: UInt64(blob.size - $0)) }
        }
        try await repository.put(attestation.bytes, mediaType: attestation.descriptor.mediaType, as: .digest(attestation.descriptor.digest))
    }

    /// Sends an image: layers a few at a time, then the configuration, then the manifest under `name` or its digest.
    private func send(_ item: Item, as name: ManifestReference?) async throws -> Sent {
        let descriptors = try await layers(of: item.image)
        let manifest = try manifest(item, descriptors)
        if try await repository.size(of: item.image.id) == nil {
            let config = item.documents.config
            try await repository.upload(item.image.id, size: Int64(config.count)) { .bytes(Array(config.dropFirst(Int($0)))) }
        }
        try await repository.put(manifest.bytes, mediaType: manifest.mediaType, as: name ?? .digest(manifest.digest))
        return Sent(manifest: manifest, layers: descriptors)
    }

    private func layers(of image: Image) async throws -> [Descriptor] {
        var places: [Digest: Int] = [:]
        for (place, layer) in image.layers.enumerated() where places[layer.diffID] == nil { places[layer.diffID] = place }
        let jobs = image.layers.enumerated().filter { places[$0.element.diffID] == $0.offset }.map { $0 }.reversed()
        for (_, layer) in jobs { progress(JSONMessage(status: "Preparing", progressDetail: JSONProgress(), id: layer.diffID.short)) }
        for (_, layer) in jobs.dropFirst(settings.concurrentUploads) { progress(JSONMessage(status: "Waiting", progressDetail: JSONProgress(), id: layer.diffID.short)) }
        var made: [Digest: Descriptor] = [:]
        try await withThrowingTaskGroup(of: (Digest, Descriptor).self) { group in
            var waiting = Array(jobs)[...]
            func startNext() {
                guard let (_, layer) = waiting.popFirst() else { return }
                let job = LayerUpload(images: images, repository: repository, layer: layer, progress: progress)
                group.addTask { (layer.diffID, try await job.run()) }
            }
            for _ in 0..<settings.concurrentUploads { startNext() }
            while let (diffID, descriptor) = try await group.next() {
                made[diffID] = descriptor
                startNext()
            }
        }
        return image.layers.compactMap { made[$0.diffID] }
    }

    /// The manifest that the image came with when it still says what is sent, else one of Docker's schema 2, or of OCI where Docker's has
    /// no word for a layer's form.
    private func manifest(_ item: Item, _ layers: [Descriptor]) throws -> FetchedManifest {
        if let bytes = item.documents.manifest {
            let own = try Document.decode(Manifest.self, from: bytes, what: "image manifest")
            if own.layers.map(\.digest) == layers.map(\.digest) {
                return FetchedManifest(bytes: bytes, mediaType: own.mediaType ?? MediaType.manifest, digest: ContentHasher.digest(bytes))
            }
        }
        let isDocker = !layers.contains { $0.mediaType.contains("zstd") }
        let config = Descriptor(mediaType: isDocker ? MediaType.dockerConfig : MediaType.config, digest: item.image.id, size: Int64(item.documents.config.count))
        let type = isDocker ? MediaType.dockerManifest : MediaType.manifest
        let manifest = Manifest(mediaType: type, config: config, layers: layers.map { $0.inWords(ofDocker: isDocker) })
        let bytes = try Document.encode(manifest)
        return FetchedManifest(bytes: bytes, mediaType: type, digest: ContentHasher.digest(bytes))
    }
}

extension Images {
    /// What a name stands for in a push: all that an index has when every bit of it is here, else the image for the platform, and the
    /// index that it stands in for.
    fileprivate func pushed(_ reference: Reference, _ platform: Platform?) throws -> ([Push.Item], IndexContents?, Descriptor?) {
        let index = try database.read { rows in try platform == nil ? rows.target(of: reference).flatMap { try rows.index($0) } : nil }
        let whole: ([Push.Item], IndexContents)? = try database.read { rows in
            guard let index else { return nil }
            let contents = try IndexContents(index, in: content)
            var items: [Push.Item] = []
            for descriptor in contents.descriptors where !index.blobs.contains(descriptor.digest) {
                guard let id = try rows.imageID(manifest: descriptor.digest), let image = try rows.image(id) else { return nil }
                items.append(Push.Item(image: image, documents: try rows.documents(of: id)))
            }
            return items.isEmpty ? nil : (items, contents)
        }
        if let whole { return (whole.0, whole.1, nil) }
        let image = try resolve(reference.description, platform: platform), documents = try database.read { try $0.documents(of: image.id) }
        let original = index.map { Descriptor(mediaType: $0.mediaType, digest: $0.digest, size: Int64($0.bytes.count)) }
        return ([Push.Item(image: image, documents: documents)], nil, original)
    }
}
