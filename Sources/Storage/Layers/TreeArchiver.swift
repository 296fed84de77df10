package import Archive
package import Linux
internal import Values

/// Writes a directory tree as a tar that depends on nothing but the tree: names sorted by bytes, times in whole seconds,
/// ids as numbers. Of a layer or an overlay's upper directory it makes the OCI form of a layer.
package struct TreeArchiver {
    /// What a character device 0:0 and the opaque mark mean.
    package enum Form: Sendable {
        /// An unpacked layer or upper directory: they become `.wh.` members. See image-spec, layer.md.
        case layer
        /// A file system as it is.
        case plain
    }

    /// What becomes of a path when not all is archived.
    package enum Choice: Sendable {
        case taken
        /// Left out, with all that is in it.
        case left
        /// Left out, but not what is in it and is taken: that makes the directory too.
        case searched
    }

    private let form: Form
    private let writer: TarWriter
    /// Nil takes all.
    private var choose: ((String) -> Choice)?
    /// What is archived, when that is several layers seen as one; nil for a directory.
    private var merged: LowerLayers?
    /// The first name of each file that has several.
    private var links: [FileIdentity: [UInt8]] = [:]

    private struct FileIdentity: Hashable {
        var device: UInt64, inode: UInt64
    }

    /// Writes the whole archive of what is below `root`. Sockets are left out, as tar has no word for them.
    package static func write(_ root: borrowing FileDescriptor, as form: Form, to sink: any ByteSink) throws {
        var archiver = TreeArchiver(form: form, writer: TarWriter(sink))
        try archiver.writeEntries(of: root, below: [])
        try archiver.writer.finish()
    }

    /// Writes the archive of what `choose` takes of the files below `root`, by their paths from there.
    package static func write(_ root: borrowing FileDescriptor, to sink: any ByteSink, choosing choose: @escaping (String) -> Choice) throws {
        var archiver = TreeArchiver(form: .plain, writer: TarWriter(sink))
        archiver.choose = choose
        try archiver.writeEntries(of: root, below: [])
        try archiver.writer.finish()
    }

    /// Writes the archive of one file or directory with all below it, under another name.
    package static func write(_ name: String, in directory: borrowing FileDescriptor, as path: String, to sink: any ByteSink) throws {
        var archiver = TreeArchiver(form: .plain, writer: TarWriter(sink))
        guard let name = PathBytes(Array(name.utf8)) else { throw LayerError(path, "NUL in name") }
        guard let status = try directory.statusIfAny(of: name) else { throw SyscallError("lstat", path, errno: .noEntry) }
        try archiver.write(name, status, in: directory, as: Array(path.utf8))
        try archiver.writer.finish()
    }

    /// Writes the whole archive of layers as overlayfs would show them, without mounting anything. They may be in use: what
    /// changes meanwhile is archived as it was or as it is.
    package static func write(merged layers: LowerLayers, to sink: any ByteSink) throws {
        var archiver = TreeArchiver(form: .plain, writer: TarWriter(sink))
        archiver.merged = layers
        try archiver.writeMerged(LayerPath(parts: []), of: layers)
        try archiver.writer.finish()
    }

    private mutating func writeMerged(_ directory: LayerPath, of layers: LowerLayers) throws {
        for name in try layers.names(in: directory).sorted() {
            let path = LayerPath(parts: directory.parts + [name.bytes])
            guard path.bytes.count <= TarLimits().path else { throw LayerError(String(path.text.prefix(200)) + "…", "name longer than \(TarLimits().path) bytes") }
            // Gone between listing and looking: that is its state now.
            _ = try layers.find(path) { holder, name, status in try write(name, status, in: holder, as: path.bytes) }
        }
    }

    private mutating func writeEntries(of directory: borrowing FileDescriptor, below path: [UInt8]) throws {
        for name in try directory.sortedNames() {
            let path = path.isEmpty ? name.bytes : path + (path.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name.bytes
            guard path.count <= TarLimits().path else { throw LayerError(String(decoding: path.prefix(200), as: UTF8.self) + "…", "name longer than \(TarLimits().path) bytes") }
            // Gone between listing and looking: the tree is in use, and that is its state now.
            guard let status = try directory.statusIfAny(of: name) else { continue }
            switch choose?(String(decoding: path, as: UTF8.self)) {
            case .taken, nil: break
            case .left: continue
            case .searched:
                if status.isDirectory { try writeEntries(of: directory.open(name, [.readOnly, .directory, .noFollow]), below: path) }
                continue
            }
            try write(name, status, in: directory, as: path)
        }
    }

    private mutating func write(_ name: PathBytes, _ status: FileStatus, in directory: borrowing FileDescriptor, as path: [UInt8]) throws {
        if form == .layer, status.isWhiteout { return try writer.append(whiteout(of: name.bytes, in: path.dropLast(name.count))) }
        let kind: TarEntry.Kind
        switch status.kind {
        case .regular: kind = .regular
        case .directory: kind = .directory
        case .symbolicLink: kind = .symbolicLink
        case .characterDevice: kind = .characterDevice
        case .blockDevice: kind = .blockDevice
        case .fifo: kind = .fifo
        case .socket, .unknown: return
        }
        var entry = TarEntry(path: path, kind: kind, permissions: kind == .symbolicLink ? 0o777 : UInt32(status.permissions))
        entry.user = status.user
        entry.group = status.group
        entry.modified = Timestamp(seconds: status.modified.seconds)
        if kind != .directory, status.links > 1 {
            let identity = FileIdentity(device: status.device, inode: status.inode)
            if let first = links[identity] {
                entry.kind = .hardLink
                entry.linkTarget = first
                return try writer.append(entry)
            }
            links[identity] = path
        }
        var isOpaque = false
        for attribute in try directory.extendedAttributes(of: name) {
            if LayerApplier.isOverlays(attribute.name) {
                if attribute.name == LayerApplier.opaque, attribute.value == Array("y".utf8) { isOpaque = true }
            } else if attribute.name.description != "security.selinux" {
                // The label is the host's business.
                entry.extendedAttributes.append(.init(name: attribute.name.bytes, value: attribute.value))
            }
        }
        switch kind {
        case .regular: try writeFile(name, status, in: directory, &entry)
        case .directory:
            try writer.append(entry)
            if let merged { return try writeMerged(LayerPath(parts: path.split(separator: UInt8(ascii: "/")).map(Array.init)), of: merged) }
            let inside = try directory.open(name, [.readOnly, .directory, .noFollow])
            if form == .layer, isOpaque { try writer.append(whiteout(of: Array(Whiteout.opaqueMarker.dropFirst(4)), in: path + [UInt8(ascii: "/")])) }
            try writeEntries(of: inside, below: path)
        case .symbolicLink:
            entry.linkTarget = try directory.readLink(name)
            try writer.append(entry)
        default:
            (entry.deviceMajor, entry.deviceMinor) = (status.deviceNumber.major, status.deviceNumber.minor)
            try writer.append(entry)
        }
    }

    /// Exactly as many bytes as the status said: a file that grows or shrinks meanwhile is cut or filled with zeros.
    private func writeFile(_ name: PathBytes, _ status: FileStatus, in directory: borrowing FileDescriptor, _ entry: inout TarEntry) throws {
        entry.size = status.size
        let file = try directory.open(name, [.readOnly, .noFollow, .nonBlocking])
        try writer.append(entry)
        var rest = status.size
        while rest > 0 {
            var bytes = try file.read(upTo: Int(min(rest, 256 << 10)))
            if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Int(min(rest, 256 << 10))) }
            try unsafe bytes.withUnsafeBytes { try unsafe writer.write($0) }
            rest -= Int64(bytes.count)
        }
    }

    private func whiteout(of name: [UInt8], in directory: some Collection<UInt8>) -> TarEntry {
        TarEntry(path: Array(directory) + Whiteout.prefix + name, kind: .regular, permissions: 0)
    }
}
