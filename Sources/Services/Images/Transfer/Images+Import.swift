package import Archive
internal import Content
package import Diagnostics
internal import Layers
package import Linux
package import OCI
internal import Values

extension Images {
    /// Makes an image of one layer out of a root file system in a tar, compressed or not, read from `file` to its end. `changes` are
    /// Dockerfile instructions, `message` is kept as the comment; without one it is Docker's. Returns the image's id.
    package func `import`(
        from file: borrowing FileDescriptor, name: String? = nil, changes: [String] = [], message: String = "", platform: Platform? = nil
    ) throws(Fault) -> Digest {
        let source: FileSource
        do { source = FileSource(try file.duplicate()) } catch { throw Fault(.internal, "cannot read the archive: \(error)", cause: error) }
        return try `import`(from: source, name: name, changes: changes, message: message, platform: platform)
    }

    /// The same from any source of bytes.
    package func `import`(
        from source: any ByteSource, name: String? = nil, changes: [String] = [], message: String = "", platform: Platform? = nil
    ) throws(Fault) -> Digest {
        let reference = try name.map { text throws(Fault) in try newName(text) }
        let config = try ConfigChanges.apply(changes, to: ImageConfig())
        if let platform, platform.os != "linux" { throw Fault(.invalid, "operating system is not supported") }
        try prepare()
        let hold = try ingestHold()
        defer { _ = hold }
        return try asFault("cannot import the archive") {
            let pending = try layers.unpackAsOwn(Decompressor(source))
            let layer = try commit(pending, over: nil)
            let now = Timestamp.now
            let comment = message.isEmpty ? "Imported from -" : message
            var document = ImageDocument(
                platform: platform ?? .host, created: now, config: config, diffIDs: [layer.diffID],
                history: [.init(created: now, comment: comment)])
            document.comment = comment
            let id = try record(document, layers: [layer], name: reference)
            publish("import", id, name: reference?.familiar)
            return id
        }
    }

    /// Makes an image out of what a container changed: `upper` is the overlay's upper directory, which must hold still meanwhile.
    ///
    /// `base` is the container's image; `config` what the new one's containers run with, after `changes`. Returns the image's id.
    package func commit(
        upper: String, base: Image?, config: ImageConfig, name: String? = nil, author: String = "", message: String = "", changes: [String] = []
    ) throws(Fault) -> Digest {
        let reference = try name.map { text throws(Fault) in try newName(text) }
        let command = config.cmd ?? []
        let config = try ConfigChanges.apply(changes, to: config)
        try prepare()
        let hold = try ingestHold()
        defer { _ = hold }
        return try asFault("cannot commit") {
            let pending = try layerOf(upper: upper)
            let isEmpty = pending.diffID == Self.emptyTar
            var layers = base?.layers ?? []
            if !isEmpty { layers.append(try commit(pending, over: layers.last?.chainID)) }
            let now = Timestamp.now
            let step = ImageDocument.History(
                created: now, createdBy: command.isEmpty ? nil : command.joined(separator: " "), author: author.isEmpty ? nil : author,
                comment: message.isEmpty ? nil : message, emptyLayer: isEmpty ? true : nil)
            var document = ImageDocument(
                platform: base?.platform ?? .host, created: now, config: config, diffIDs: layers.map(\.diffID), history: (base?.history ?? []) + [step])
            document.author = author.isEmpty ? nil : author
            document.comment = message.isEmpty ? nil : message
            return try record(document, layers: layers, parent: base?.id, name: reference)
        }
    }

    /// Copies an upper directory into a layer by way of its tar, in a file without a name: so the layer is just what others will
    /// unpack of that tar.
    func layerOf(upper: String) throws -> PendingLayer {
        let file = OpenFile(try FileDescriptor.open("\(content.path)/ingest", [.readWrite, .temporary], mode: 0o600))
        try TreeArchiver.write(FileDescriptor.open(upper, [.directory]), as: .layer, to: FileSink(file.descriptor.duplicate()))
        return try layers.unpackAsOwn(SeekableSource(file))
    }
}

/// A file from its start on, wherever it stands.
final class SeekableSource: ByteSource {
    private let file: OpenFile
    private var offset: Int64 = 0

    init(_ file: OpenFile) { self.file = file }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try unsafe file.descriptor.read(into: buffer, at: offset)
        offset += Int64(count)
        return count
    }
}
