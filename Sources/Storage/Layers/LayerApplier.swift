internal import Archive
internal import Linux
internal import Values

/// Unpacks one layer into a directory, whiteouts in overlayfs's form. Holds the rules; `LayerTree` finds the way.
final class LayerApplier {
    static let opaque = PathBytes("trusted.overlay.opaque")
    private static let yes = Array("y".utf8)

    private let tree: LayerTree
    private var rootIsOpaque = false
    private let limits: ArchiveLimits
    /// Bits of a mode that making a file with it may not set.
    private let unsetBits: UInt32
    private var entries = 0
    private var nameBytes = 0
    /// Bytes of the regular files, holes included; within `limits`.
    private(set) var size: Int64 = 0

    /// Nil for layers.
    private let extraction: TreeExtraction?

    init(root: borrowing FileDescriptor, lowers: LowerLayers?, extraction: TreeExtraction? = nil, limits: ArchiveLimits = ArchiveLimits()) throws {
        tree = try LayerTree(root: root, lowers: lowers, isLayer: extraction == nil)
        self.extraction = extraction
        self.limits = limits
        // Elsewhere a directory's default ACL may want its say.
        unsetBits = extraction == nil ? 0o7000 | (try Process.fileModeMask()) : 0o7777
    }

    var dependsOnParents: Bool { tree.dependsOnParents }

    /// Attributes by which overlayfs steers itself: no archive may set them.
    static func isOverlays(_ name: PathBytes) -> Bool {
        let bytes = name.bytes
        return bytes.starts(with: "trusted.overlay.".utf8) || bytes.starts(with: "user.overlay.".utf8)
    }

    func apply(_ reader: TarReader) throws {
        while let entry = try reader.next() {
            try count(entry)
            do {
                try apply(entry, reader)
            } catch let error as SyscallError {
                throw LayerError(entry.pathText, "cannot unpack", cause: error)
            }
        }
        if rootIsOpaque { try hideAllBelow() }
        for (path, modified) in tree.times { try setTimes(path, modified) }
    }

    /// Before anything is made of it: a size that is only claimed costs nothing.
    private func count(_ entry: TarEntry) throws(LayerError) {
        entries += 1
        guard entries <= limits.entries else { throw LayerError("", "more than \(limits.entries) members") }
        nameBytes += entry.path.count
        guard nameBytes <= limits.nameBytes else { throw LayerError("", "names of more than \(limits.nameBytes) bytes") }
        guard entry.size <= limits.size - size else { throw LayerError(entry.pathText, "files of more than \(limits.size) bytes") }
        size += entry.size
    }

    private func apply(_ entry: TarEntry, _ reader: TarReader) throws {
        var entry = entry
        switch extraction?.owner {
        case .caller: (entry.user, entry.group) = (Credentials.effectiveUser, Credentials.effectiveGroup)
        case .fixed(let user, let group): (entry.user, entry.group) = (user, group)
        case .archived, nil: break
        }
        guard let path = extraction.map({ $0.place(entry.path) }) ?? LayerPath(entry.path) else {
            throw LayerError(entry.pathText, "name leads out of the layer")
        }
        guard let last = path.parts.last else {
            if entry.kind == .directory { try setRoot(entry) }
            return
        }
        guard let name = PathBytes(last) else { throw LayerError(entry.pathText, "NUL in name") }
        if extraction == nil, last.starts(with: Whiteout.prefix) { return try applyWhiteout(entry, path, last) }
        let parent = try tree.directory(path.parent)
        if extraction?.keepsKinds == true { try checkKind(entry, name, in: parent) }
        switch entry.kind {
        case .directory: try makeDirectory(entry, path, name, in: parent)
        case .regular: try makeFile(entry, name, in: parent, reader)
        case .hardLink: try makeHardLink(entry, name, in: parent)
        case .symbolicLink:
            guard let target = PathBytes(entry.linkTarget), target.count > 0 else { throw LayerError(entry.pathText, "symbolic link without a target") }
            try replacing(name, in: parent) { () throws(SyscallError) in try parent.descriptor.makeSymbolicLink(name, to: target) }
            try finish(entry, name, in: parent)
        case .characterDevice, .blockDevice, .fifo:
            let type: UInt32 = entry.kind == .fifo ? 0o010000 : entry.kind == .characterDevice ? 0o020000 : 0o060000
            let device = DeviceNumber(major: entry.deviceMajor, minor: entry.deviceMinor)
            try replacing(name, in: parent) { () throws(SyscallError) in try parent.descriptor.makeNode(name, mode: type | 0o600, device: device) }
            try finish(entry, name, in: parent)
        }
    }

    /// Docker's words.
    private func checkKind(_ entry: TarEntry, _ name: PathBytes, in parent: LayerTree.Directory) throws {
        guard let status = try parent.descriptor.statusIfAny(of: name), status.isDirectory != (entry.kind == .directory) else { return }
        let (old, new) = status.isDirectory ? ("directory", "non-directory") : ("non-directory", "directory")
        throw LayerError("", "cannot overwrite \(old) \"\(name)\" with \(new) \"\(entry.pathText)\"")
    }

    /// Runs `make`, and once more when it found something at the name, after removing that.
    private func replacing(_ name: PathBytes, in parent: LayerTree.Directory, _ make: () throws(SyscallError) -> Void) throws(SyscallError) {
        if try isNew(make) { return }
        try parent.descriptor.removeTree(name)
        tree.forget()
        try make()
    }

    /// False when there is something at the name already.
    private func isNew(_ make: () throws(SyscallError) -> Void) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            try make()
            return true
        } catch  where error.errno == .exists { return false }
    }

    // MARK: Kinds

    private func setRoot(_ entry: TarEntry) throws {
        try tree.root.descriptor.changeOwner(user: entry.user, group: entry.group)
        try tree.root.descriptor.changeMode(to: entry.permissions)
        try setAttributes(entry, PathBytes("."), in: tree.root)
        tree.times.append((LayerPath(parts: []), entry.modified))
    }

    private func makeDirectory(_ entry: TarEntry, _ path: LayerPath, _ name: PathBytes, in parent: LayerTree.Directory) throws {
        let isNew = try isNew { () throws(SyscallError) in try parent.descriptor.makeDirectory(name, mode: entry.permissions & 0o777) }
        if !isNew, let status = try parent.descriptor.statusIfAny(of: name), !status.isDirectory {
            try parent.descriptor.removeFile(name)
            tree.forget()
            try parent.descriptor.makeDirectory(name, mode: 0o755)
            // A whiteout and then a directory: what is below stays hidden.
            if status.isWhiteout { try parent.descriptor.setExtendedAttribute(Self.opaque, to: Self.yes, of: name) }
        }
        if entry.user != 0 || entry.group != 0 || parent.passesGroup || !isNew {
            try parent.descriptor.changeOwner(name, user: entry.user, group: entry.group)
        }
        if entry.permissions & unsetBits != 0 || parent.passesGroup || !isNew { try parent.descriptor.changeMode(name, to: entry.permissions) }
        // Whether new files take the group may have changed.
        if entry.permissions & 0o2000 != 0 || !isNew { tree.forget() }
        try setAttributes(entry, name, in: parent)
        tree.times.append((path, entry.modified))
    }

    private func makeFile(_ entry: TarEntry, _ name: PathBytes, in parent: LayerTree.Directory, _ reader: TarReader) throws {
        if let file = try createFile(name, entry, in: parent) { return try fill(file, entry, takesGroup: parent.passesGroup, reader) }
        try parent.descriptor.removeTree(name)
        tree.forget()
        guard let file = try createFile(name, entry, in: parent) else { throw SyscallError("open", name.description, errno: .exists) }
        try fill(file, entry, takesGroup: parent.passesGroup, reader)
    }

    /// Nil when there is something at the name already.
    private func createFile(_ name: PathBytes, _ entry: TarEntry, in parent: LayerTree.Directory) throws(SyscallError) -> FileDescriptor? {
        do throws(SyscallError) {
            return try parent.descriptor.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: entry.permissions & 0o777)
        } catch  where error.errno == .exists { return nil }
    }

    private func fill(_ file: borrowing FileDescriptor, _ entry: TarEntry, takesGroup: Bool, _ reader: TarReader) throws {
        var end: Int64 = 0
        while let data = try unsafe reader.nextData() {
            if unsafe data.offset == end {
                try unsafe file.writeAll(data.bytes)
            } else {
                // A hole before it: from here on the file's own position is behind.
                try unsafe file.writeAll(data.bytes, at: data.offset)
                end = -1
                continue
            }
            end += Int64(unsafe data.bytes.count)
        }
        if end != entry.size { try file.setSize(entry.size) }
        // chown(2) clears set-user-id bits and capabilities, so it comes first.
        if entry.user != 0 || entry.group != 0 || takesGroup { try file.changeOwner(user: entry.user, group: entry.group) }
        if entry.permissions & unsetBits != 0 { try file.changeMode(to: entry.permissions) }
        for attribute in entry.extendedAttributes {
            guard let name = PathBytes(attribute.name), !Self.isOverlays(name) else { continue }
            try setAttribute(name, attribute.value, on: file)
        }
        try file.setTimes(entry.modified)
    }

    private func makeHardLink(_ entry: TarEntry, _ name: PathBytes, in parent: LayerTree.Directory) throws {
        guard let target = extraction.map({ $0.place(entry.linkTarget) }) ?? LayerPath(entry.linkTarget), let last = target.parts.last, let targetName = PathBytes(last) else {
            throw LayerError(entry.pathText, "hard link leads out of the layer")
        }
        var old = try tree.directory(target.parent)
        switch try old.descriptor.statusIfAny(of: targetName) {
        case nil:
            guard try tree.copyUp(target) else { throw LayerError(entry.pathText, "hard link to \(entry.linkTargetText), which does not exist") }
            old = try tree.directory(target.parent)
        case let status? where status.isDirectory: throw LayerError(entry.pathText, "hard link to a directory")
        case let status? where status.isWhiteout: throw LayerError(entry.pathText, "hard link to \(entry.linkTargetText), which does not exist")
        case let status?:
            // A link to itself would remove the file before linking it.
            if let own = try parent.descriptor.statusIfAny(of: name), own.inode == status.inode, own.device == status.device { return }
        }
        try replacing(name, in: parent) { () throws(SyscallError) in try parent.descriptor.makeHardLink(name, to: targetName, in: old.descriptor) }
    }

    /// Owner, mode, attributes and time of what is neither a directory nor a regular file.
    private func finish(_ entry: TarEntry, _ name: PathBytes, in parent: LayerTree.Directory) throws {
        if entry.user != 0 || entry.group != 0 || parent.passesGroup {
            try parent.descriptor.changeOwner(name, user: entry.user, group: entry.group)
        }
        if entry.kind != .symbolicLink { try parent.descriptor.changeMode(name, to: entry.permissions) }
        try setAttributes(entry, name, in: parent)
        try parent.descriptor.setTimes(of: name, entry.modified)
    }

    private func setAttributes(_ entry: TarEntry, _ file: PathBytes, in parent: LayerTree.Directory) throws {
        for attribute in entry.extendedAttributes {
            guard let name = PathBytes(attribute.name), !Self.isOverlays(name) else { continue }
            try Self.toleratingUnsupported { () throws(SyscallError) in
                try parent.descriptor.setExtendedAttribute(name, to: attribute.value, of: file)
            }
        }
    }

    private func setAttribute(_ name: PathBytes, _ value: [UInt8], on file: borrowing FileDescriptor) throws(SyscallError) {
        do throws(SyscallError) {
            try file.setExtendedAttribute(name, to: value)
        } catch  where error.errno == .notSupported || error.errno == .notPermitted { return }
    }

    /// As Docker: attributes that the file system does not know, or that we may not set, are left out.
    private static func toleratingUnsupported(_ body: () throws(SyscallError) -> Void) throws(SyscallError) {
        do throws(SyscallError) { try body() } catch  where error.errno == .notSupported || error.errno == .notPermitted { return }
    }

    // MARK: Whiteouts

    private func applyWhiteout(_ entry: TarEntry, _ path: LayerPath, _ last: [UInt8]) throws {
        if last == Whiteout.opaqueMarker {
            if path.parts.count == 1 {
                rootIsOpaque = true
            } else {
                try tree.directory(path.parent).descriptor.makeOpaque()
            }
            return
        }
        if last.starts(with: Whiteout.metaPrefix) { return }
        let hidden = Array(last.dropFirst(Whiteout.prefix.count))
        guard !hidden.isEmpty, !hidden.elementsEqual(".".utf8), !hidden.elementsEqual("..".utf8), let name = PathBytes(hidden) else {
            throw LayerError(entry.pathText, "whiteout of no name")
        }
        try hide(name, in: tree.directory(path.parent))
    }

    /// What this layer itself has at the name stays: whiteouts are about the layers below.
    private func hide(_ name: PathBytes, in parent: LayerTree.Directory) throws {
        if try isNew({ () throws(SyscallError) in try parent.descriptor.makeNode(name, mode: 0o020000) }) { return }
        guard try parent.descriptor.statusIfAny(of: name)?.isDirectory == true else { return }
        try parent.descriptor.setExtendedAttribute(Self.opaque, to: Self.yes, of: name)
    }

    /// overlayfs does not look for the opaque mark on a layer's root, so each name below is hidden by itself.
    private func hideAllBelow() throws {
        let root = LayerPath(parts: [])
        for name in try tree.parents(for: root).names(in: root).sorted() { try hide(name, in: tree.root) }
    }

    // MARK: Times

    private func setTimes(_ path: LayerPath, _ modified: Timestamp) throws {
        guard let last = path.parts.last, let name = PathBytes(last) else { return try tree.root.descriptor.setTimes(modified) }
        do throws(SyscallError) {
            guard let whole = PathBytes(path.parent.bytes.isEmpty ? Array(".".utf8) : path.parent.bytes) else { return }
            let parent = try tree.root.descriptor.open(whole, [.path, .directory], resolve: [.inRoot, .noMagicLinks])
            try parent.setTimes(of: name, modified)
        } catch  where error.errno == .noEntry || error.errno == .notDirectory {
            // A later member took its place.
            return
        } catch { throw error }
    }
}

extension FileDescriptor {
    /// Marks this directory of a layer as hiding what is below it.
    fileprivate borrowing func makeOpaque() throws(SyscallError) { try setExtendedAttribute(LayerApplier.opaque, to: Array("y".utf8)) }
}
