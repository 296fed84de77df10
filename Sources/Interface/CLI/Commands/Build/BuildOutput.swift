internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Layers
internal import Linux
internal import OCI
internal import Synchronization
internal import Terminal
internal import Values

/// One `--output`: what becomes of a finished build beside the image itself.
struct BuildOutput {
    private enum Kind: String { case local, tar, oci, docker, image, registry, none, cacheonly }

    private var kind: Kind
    private var destination = ""
    private var names: [String] = []
    private var pushes = false

    /// Throws buildx's words.
    init(_ text: String) throws {
        guard text.contains("=") else {
            // A path alone: a directory, or an archive on standard output.
            (kind, destination) = (text == "-" ? .tar : .local, text)
            return
        }
        var kind: Kind?
        var fields: [String: String] = [:]
        for field in text.split(separator: ",") {
            guard let (key, value) = String(field).cut("=") else { throw Exit(1, "ERROR: invalid value \(field)") }
            fields[key.lowercased()] = value
        }
        if let type = fields.removeValue(forKey: "type") {
            kind = Kind(rawValue: type)
            if kind == nil { throw Exit(1, "ERROR: exporter \(Syntax.quoted(type)) could not be found") }
        }
        guard let kind else { throw Exit(1, "ERROR: type is required for output") }
        self.kind = kind
        destination = fields.removeValue(forKey: "dest") ?? ""
        names = fields.removeValue(forKey: "name").map { [$0] } ?? []
        pushes = kind == .registry || fields.removeValue(forKey: "push") == "true"
        // What an image made here is in any case.
        for known in ["push", "load", "store", "unpack", "oci-mediatypes", "tar", "mode"] { fields[known] = nil }
        if let other = fields.keys.sorted().first { throw Exit(1, "ERROR: the output option \(other) is not supported yet") }
        if [.local, .tar].contains(kind), destination.isEmpty { destination = kind == .tar ? "-" : "." }
        if kind == .oci, destination.isEmpty { destination = "-" }
        if [.tar, .oci, .docker].contains(kind), destination == "-", TerminalDevice.outputIsTerminal {
            throw Exit(1, "ERROR: dest file is required for \(kind.rawValue) exporter. refusing to write to console")
        }
    }

    /// Whether the image gets its names here: those of an archive are taken from here too.
    var keepsImage: Bool { ![.local, .tar, .none, .cacheonly].contains(kind) }

    /// It writes to standard output, which then is nobody else's.
    var usesStandardOutput: Bool { destination == "-" }

    /// Gives the digest that a registry has it by, if one has it now.
    func write(_ built: JSONAux, tags: [String], platforms: [String], _ session: Session) async throws -> String? {
        let isIndex = built.images.first ?? built.id != built.id, image = built.id
        if isIndex, tags.isEmpty, keepsImage, kind != .image || pushes { throw Exit(1, "ERROR: an image for several platforms needs a name: use --tag") }
        if platforms.count > 1, kind == .tar { throw Exit(1, "ERROR: files of several platforms in one archive: use type=local") }
        let client = try session.client()
        switch kind {
        case .none, .cacheonly: break
        case .docker where destination.isEmpty: break
        case .docker, .oci:
            try await ArchiveOutput.write(client.saveImages(tags.isEmpty ? [image] : tags), to: destination == "-" ? "" : destination)
        case .image, .registry:
            for name in names {
                let reference = try Reference(name).withDefaultTag
                try await client.tagImage(image, repository: reference.familiarName, tag: reference.tag ?? Reference.defaultTag)
            }
            if pushes { return try await Self.push(names + tags, session) }
        case .local where platforms.count > 1:
            for (image, platform) in zip(built.images, platforms) { try await export(image, to: "\(destination)/\(Platform(platform).directoryName)", client) }
        case .local, .tar: try await export(built.images.first ?? image, to: destination, client)
        }
        return nil
    }

    /// Sends all names to their registries. Gives the digest that they have there.
    static func push(_ names: [String], _ session: Session) async throws -> String? {
        let sent = Mutex<String?>(nil)
        guard !names.isEmpty else { throw Exit(1, "ERROR: tag is needed when pushing to registry") }
        for name in names {
            let reference = try Reference(name).withDefaultTag
            let progress = Progress(quiet: session.flags.bool("quiet"), toError: true)
            try await session.client().pushImage(
                reference.familiarName, tag: reference.tag, auth: try session.credentials(for: reference)
            ) { message in
                progress.show(message)
                if let digest = message.aux?.digest, !digest.isEmpty { sent.withLock { $0 = digest } }
            }
        }
        return sent.withLock { $0 }
    }

    /// The image's files, by way of a container that is never started.
    private func export(_ image: String, to destination: String, _ client: Client) async throws {
        var create = ContainerCreateRequest()
        create.config.image = image
        create.config.cmd = ["export"]
        create.config.entrypoint = []
        create.config.volumes = nil
        let id = try await client.createContainer(create, name: nil).id
        do {
            let response = try await client.exportContainer(id)
            if kind == .tar {
                try await ArchiveOutput.write(response, to: destination == "-" ? "" : destination)
            } else {
                try FileSystem.makeDirectories(destination)
                try await ArchiveOutput.unpack(response, into: destination)
            }
        } catch {
            // It was never started, so nothing stands in the way; why the export failed is what counts.
            try? await client.removeContainer(id, force: true)
            throw error
        }
        try await client.removeContainer(id, force: true)
    }
}
