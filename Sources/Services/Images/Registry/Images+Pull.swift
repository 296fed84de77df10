internal import Archive
internal import AsyncIO
internal import Content
internal import Database
internal import Diagnostics
package import DockerAPI
internal import Events
internal import HTTPTransport
internal import Layers
internal import Linux
package import OCI
package import RegistryClient
internal import Values

extension Images {
    /// Finds out what a name stands for in its registry, so that whatever is wrong with that is thrown before anything is shown.
    /// `platform` nil: this machine's, or whatever a single image is for. With `allPlatforms` all that an index has for Linux.
    package func pull(
        _ reference: Reference, platform: Platform? = nil, allPlatforms: Bool = false, credentials: RegistryCredentials? = nil,
        settings: RegistrySettings? = nil
    ) async throws -> Pull {
        let settings = try settings ?? RegistrySettings.load()
        let repository = try Self.repository(of: reference, credentials, settings)
        let reference = reference.withDefaultTag
        let top: Descriptor
        do {
            top = try await repository.resolve(reference.digest.map { .digest($0) } ?? .tag(reference.tag ?? Reference.defaultTag))
        } catch let fault as Fault { throw Self.explained(fault, reference) }
        return Pull(
            images: self, repository: repository, references: [reference], top: top, platform: platform, allPlatforms: allPlatforms, settings: settings)
    }

    /// The same for every tag of a repository.
    package func pullAll(
        of reference: Reference, platform: Platform? = nil, allPlatforms: Bool = false, credentials: RegistryCredentials? = nil,
        settings: RegistrySettings? = nil
    ) async throws -> Pull {
        let settings = try settings ?? RegistrySettings.load()
        let repository = try Self.repository(of: reference, credentials, settings)
        var references: [Reference] = []
        do {
            // What a registry calls a tag and is none cannot be pulled by that name.
            for tag in try await repository.allTags() { if let name = try? reference.tagged(tag) { references.append(name) } }
        } catch let fault as Fault { throw Self.explained(fault, reference) }
        return Pull(
            images: self, repository: repository, references: references, top: nil, platform: platform, allPlatforms: allPlatforms, settings: settings)
    }

    private static func repository(of reference: Reference, _ credentials: RegistryCredentials?, _ settings: RegistrySettings) throws -> Repository {
        // A Dockerfile's word for nothing at all.
        if reference.familiarName == "scratch" { throw Fault(.invalid, "'scratch' is a reserved name") }
        return try Registry(reference.domain, credentials: credentials, settings: settings, client: settings.client()).repository(of: reference)
    }

    /// Docker's words for the commonest refusals.
    private static func explained(_ fault: Fault, _ reference: Reference) -> Fault {
        let isUnknownName = fault.kind == .notFound && fault.message.hasPrefix("name unknown")
        if fault.kind == .unauthorized || fault.kind == .forbidden || isUnknownName {
            // Without a word from the registry the status says it.
            let reason = fault.message.hasPrefix("unexpected status") ? "denied: requested access to the resource is denied" : fault.message
            return Fault(
                .notFound, "pull access denied for \(reference.familiarName), repository does not exist or may require 'docker login': \(reason)")
        }
        if fault.kind == .notFound {
            let reason = fault.message.hasPrefix("unexpected status") ? "manifest unknown: manifest unknown" : fault.message
            return Fault(.notFound, "manifest for \(reference.familiar) not found: \(reason)")
        }
        return fault
    }
}

/// A pull whose names have been found in their registry.
package struct Pull: Sendable {
    let images: Images
    let repository: Repository
    let references: [Reference]
    /// What the only reference stands for; nil when there are several.
    let top: Descriptor?
    let platform: Platform?
    let allPlatforms: Bool
    let settings: RegistrySettings

    /// Brings in what is missing. Each image is visible as soon as all of it is on disk, and not before; whatever stops this, the next pull
    /// goes on where it stopped. `progress` gets Docker's messages, from several threads.
    package func run(_ progress: @escaping @Sendable (JSONMessage) -> Void) async throws {
        guard !references.isEmpty else { throw Fault(.notFound, "manifest for \(repository.description) not found: no tags") }
        var isNewer = false
        for reference in references {
            let tag = reference.digest.map(\.description) ?? reference.tag ?? ""
            let descriptor: Descriptor
            if let top { descriptor = top } else { descriptor = try await repository.resolve(.tag(tag)) }
            progress(JSONMessage(status: "Pulling from \(reference.path)", id: tag))
            isNewer = try await pull(reference, descriptor, progress) || isNewer
            progress(JSONMessage(status: "Digest: \(descriptor.digest)"))
            images.events.publish(.image, "pull", reference.familiar, ["name": reference.familiarName])
        }
        let name = references.count == 1 ? references[0].familiar : references[0].familiarName
        progress(JSONMessage(status: "Status: \(isNewer ? "Downloaded newer image for" : "Image is up to date for") \(name)"))
    }

    /// False when it is here already.
    private func pull(_ reference: Reference, _ top: Descriptor, _ progress: @escaping @Sendable (JSONMessage) -> Void) async throws -> Bool {
        let images = images, platform = platform, isWhole = allPlatforms
        if try await AsyncIO.offload({ try images.isHere(reference, top.digest, platform, isWhole: isWhole) }) { return false }
        // Nothing that comes in is taken for a leftover; what it takes to know that ends with this call or this process.
        let hold = try await AsyncIO.offload { try IngestGuard(images) }
        defer { hold.end() }
        try await AsyncIO.offload { try images.prepare() }
        let chosen = try await choose(top)
        var fetched: [NewImage] = []
        for manifest in chosen.manifests { fetched.append(try await fetch(manifest, isListed: chosen.index != nil, progress)) }
        let index = chosen.index, new = fetched, source = repository.description
        return try await AsyncIO.offload {
            try images.database.transaction { rows in
                let known = try rows.imageIDs(named: reference)
                if let index { try rows.keep(index) }
                for image in new {
                    try rows.insert(image)
                    for layer in image.layers { try rows.noteSource(layer.blob, source) }
                    try rows.name(reference.pinned(top.digest), image: image.id, target: top.digest)
                    if reference.digest == nil { try rows.name(reference, image: image.id, target: top.digest) }
                }
                return new.contains { !known.contains($0.id) }
            }
        }
    }

    // MARK: Layers

    /// The image's layers with their diffIDs, from manifest and configuration.
    private func layers(_ manifest: Manifest, _ document: ImageDocument) throws -> [WantedLayer] {
        let diffIDs = document.rootfs.diffIDs
        guard diffIDs.count == manifest.layers.count else {
            throw Fault(.invalid, "invalid image: the configuration has \(diffIDs.count) layers, the manifest \(manifest.layers.count)")
        }
        guard diffIDs.count <= Images.layerLimit else { throw Fault(.invalid, "max depth exceeded: the image has more than \(Images.layerLimit) layers") }
        var result: [WantedLayer] = []
        for (diffID, descriptor) in zip(diffIDs, manifest.layers) {
            guard diffID.algorithm == "sha256" else { throw Fault(.invalid, "the layer \(diffID) is not named by its sha256") }
            guard MediaType.isLayer(descriptor.mediaType) else {
                throw Fault(.invalid, "unsupported media type of layer \(descriptor.digest): \(descriptor.mediaType.prefix(128))")
            }
            let parent = result.last?.chainID
            result.append(WantedLayer(descriptor: descriptor, diffID: diffID, chainID: LayerStore.chainID(diffID, over: parent), parent: parent))
        }
        return result
    }

    // MARK: Content

    /// `isListed`: an index has said for which platform it is.
    private func fetch(_ found: FetchedManifest, isListed: Bool, _ progress: @escaping @Sendable (JSONMessage) -> Void) async throws -> NewImage {
        let manifest = try Document.decode(Manifest.self, from: found.bytes, what: "image manifest")
        let type = manifest.config.mediaType.prefix(128)
        guard MediaType.isConfig(manifest.config.mediaType) else {
            let kind = type == "application/vnd.docker.plugin.v1+json" ? "plugin" : "unknown"
            throw Fault(.invalid, "Encountered remote \"\(type)\"(\(kind)) when fetching")
        }
        let images = images
        if let known = try await AsyncIO.offload({ try images.known(manifest.config.digest, as: found) }) { return known }
        let config = try await repository.document(manifest.config, what: "image configuration")
        let document = try Document.decode(ImageDocument.self, from: config, what: "image configuration")
        guard document.os == "linux" else { throw Fault(.invalid, "image operating system \"\(document.os)\" cannot be used on this platform") }
        if let platform, !isListed, !document.platform.satisfies(platform) {
            throw Fault(
                .notFound,
                "image with reference \(references[0].familiar) was found but does not provide the specified platform (\(platform)): it is for \(document.platform)")
        }
        let wanted = try layers(manifest, document)
        let fetched = try await download(wanted, progress)
        let layers = try await AsyncIO.offload { try images.settle(fetched) }
        return NewImage(
            config: config, document: document, id: manifest.config.digest, layers: layers, manifest: found.bytes,
            manifestDigest: found.digest)
    }

    /// Brings the layers in, a few at a time, in the order of the manifest.
    private func download(_ wanted: [WantedLayer], _ progress: @escaping @Sendable (JSONMessage) -> Void) async throws -> [FetchedLayer] {
        // A blob that an image has twice comes once.
        var places: [Digest: Int] = [:]
        for (place, layer) in wanted.enumerated() where places[layer.descriptor.digest] == nil { places[layer.descriptor.digest] = place }
        let jobs = wanted.enumerated().filter { places[$0.element.descriptor.digest] == $0.offset }.map { $0 }
        let images = images
        var results: [FetchedLayer?] = try await AsyncIO.offload { try wanted.map { try images.whole($0) } }
        func tell(_ status: String, _ layer: WantedLayer) { progress(JSONMessage(status: status, progressDetail: JSONProgress(), id: layer.id)) }
        for (place, layer) in jobs { tell(results[place] == nil ? "Pulling fs layer" : "Already exists", layer) }
        let missing = jobs.filter { results[$0.offset] == nil }
        for (_, layer) in missing.dropFirst(settings.concurrentDownloads) { tell("Waiting", layer) }
        let space = DiskSpace()
        try await withThrowingTaskGroup(of: (Int, FetchedLayer).self) { group in
            var waiting = missing[...]
            func startNext() {
                guard let (place, layer) = waiting.popFirst() else { return }
                let job = LayerDownload(images: images, repository: repository, layer: layer, attempts: settings.attempts, space: space, progress: progress)
                group.addTask { (place, try await job.run()) }
            }
            for _ in 0..<settings.concurrentDownloads { startNext() }
            while let (place, layer) = try await group.next() {
                results[place] = layer
                startNext()
            }
        }
        return try wanted.enumerated().compactMap { place, layer in
            if let own = results[place] { return own }
            guard let first = places[layer.descriptor.digest], let same = results[first] else { return nil }
            guard same.wanted.diffID == layer.diffID else {
                throw Fault(.invalid, "the image's configuration says two things of the layer \(layer.descriptor.digest)")
            }
            return FetchedLayer(wanted: layer, needsParents: same.needsParents)
        }
    }
}

extension Images {
    /// An overlay takes no more lower directories.
    static let layerLimit = 500

    /// Whether a name stands for this content already, with an image for the platform, or with `isWhole` all that the index has.
    fileprivate func isHere(_ reference: Reference, _ target: Digest, _ platform: Platform?, isWhole: Bool) throws -> Bool {
        try database.read { rows in
            let name = reference.digest == nil ? reference : reference.pinned(target)
            guard try rows.target(of: name) == target, let id = try rows.imageID(named: name, for: platform), let image = try rows.image(id) else { return false }
            // An index may have this machine's platform too when another one's was pulled by name.
            guard let index = try rows.index(target) else { return platform.map { image.platform.satisfies($0) } ?? true }
            if !isWhole { return image.platform.satisfies(platform ?? .host) }
            let wanted = PlatformChoice.linuxImages(try IndexContents(index, in: content).descriptors), here = try rows.imageIDs(named: name)
            return try wanted.allSatisfy { try rows.imageID(manifest: $0.digest).map(here.contains) ?? false }
        }
    }

    /// An image that is here just as the manifest has it.
    fileprivate func known(_ id: Digest, as manifest: FetchedManifest) throws -> NewImage? {
        try database.read { rows in
            guard let image = try rows.image(id), image.manifest == manifest.digest, image.layers.allSatisfy({ $0.blob.map(content.contains) ?? false }) else { return nil }
            return NewImage(
                config: try rows.documents(of: id).config, document: image.document, id: id, layers: image.layers, manifest: manifest.bytes,
                manifestDigest: manifest.digest)
        }
    }

    /// A layer of which nothing is missing.
    fileprivate func whole(_ layer: WantedLayer) throws -> FetchedLayer? {
        let (directory, isWhole) = try known(layer)
        return isWhole ? FetchedLayer(wanted: layer, known: directory) : nil
    }

    /// Puts what came in into its places, after all of it is on disk.
    fileprivate func settle(_ fetched: [FetchedLayer]) throws -> [ImageLayer] {
        var pending: [PendingLayer] = []
        // By the directory's name to be: a layer that stands alone is one wherever an image has it.
        var made: [Digest: Int] = [:]
        var below: [String] = []
        for layer in fetched {
            let key = layer.needsParents ? layer.wanted.chainID : layer.wanted.diffID
            if let one = try layer.pending ?? (layer.needsParents ? unpack(layer.wanted, over: below.reversed()) : nil) {
                made[key] = pending.count
                pending.append(one)
            }
            if let place = made[key] { below.append(pending[place].path) } else if let known = layer.known { below.append(layers.path(of: known.directory)) }
        }
        Failpoint.hit(.pullAfterContent)
        try pending.first?.directory.syncFileSystem()
        Failpoint.hit(.pullAfterSync)
        let places = try pending.map { (directory: try $0.commit(), size: $0.size) }
        let directories = Dictionary(fetched.compactMap { layer in layer.known.map { (layer.wanted.diffID, $0) } }) { first, _ in first }
        let result = try fetched.map { layer in
            let key = layer.needsParents ? layer.wanted.chainID : layer.wanted.diffID
            guard let place = made[key].map({ places[$0] }) ?? layer.known ?? directories[layer.wanted.diffID] else { throw Fault(.internal, "a layer got lost") }
            return ImageLayer(
                diffID: layer.wanted.diffID, chainID: layer.wanted.chainID, directory: place.directory, size: place.size,
                blob: layer.wanted.descriptor.digest, blobSize: layer.wanted.descriptor.size, mediaType: layer.wanted.descriptor.mediaType)
        }
        Failpoint.hit(.pullAfterLayers)
        return result
    }

    /// A layer that only makes sense over those below it.
    private func unpack(_ layer: WantedLayer, over below: [String]) throws -> PendingLayer {
        let watermark = Watermark(layer.descriptor.size)
        watermark.end()
        let source = try LayerStream(
            OpenFile(FileDescriptor.open(content.blobPath(layer.descriptor.digest))), watermark, digest: layer.descriptor.digest)
        return try layers.unpack(source, expected: layer.diffID, chainParent: layer.parent, parents: below)
    }
}

extension Transaction {
    /// A repository of some registry has this blob.
    borrowing func noteSource(_ blob: Digest?, _ repository: String) throws {
        if let blob { try run("INSERT OR IGNORE INTO blob_sources VALUES (?, ?)", .text(blob.description), .text(repository)) }
    }
}
