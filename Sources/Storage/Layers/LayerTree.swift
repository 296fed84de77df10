internal import Linux
internal import Values

/// The directory that a layer is unpacked into, and the way to every directory in it.
///
/// Nothing here joins paths on the host: each step is taken from a descriptor, and symbolic links of the layer are followed
/// inside it only (openat2 `RESOLVE_IN_ROOT`, or step by step where a parent is missing).
final class LayerTree {
    /// An open directory of the layer.
    final class Directory {
        let descriptor: FileDescriptor
        /// New files take this directory's group, so ownership must be set even when it is root's.
        let passesGroup: Bool

        init(_ descriptor: consuming FileDescriptor, passesGroup: Bool) {
            self.descriptor = descriptor
            self.passesGroup = passesGroup
        }
    }

    /// Open directories kept at most; archives are sorted enough for few.
    private static let cacheLimit = 128
    /// Links followed in one path, as the kernel's.
    private static let linkLimit = 40

    let root: Directory
    private let lowers: LowerLayers?
    private var cache: [LayerPath: Directory] = [:]
    private var last: (path: LayerPath, directory: Directory)?
    /// True when something was taken from the lower layers, or looked for there.
    private(set) var dependsOnParents = false

    /// Directories get their times last, when nothing is made in them any more. Later ones win.
    var times: [(path: LayerPath, modified: Timestamp)] = []

    /// What is missing is just made in a tree that is no layer.
    private let isLayer: Bool

    init(root: borrowing FileDescriptor, lowers: LowerLayers?, isLayer: Bool = true) throws {
        self.isLayer = isLayer
        self.root = Directory(try root.open(".", [.readOnly, .directory]), passesGroup: try root.status().permissions & 0o2000 != 0)
        self.lowers = lowers
    }

    /// Forgets open directories: one of them may have been replaced.
    func forget() {
        cache.removeAll(keepingCapacity: true)
        last = nil
    }

    /// The lower layers, which makes the unpacked layer one of this image only.
    func parents(for path: LayerPath) throws -> LowerLayers {
        guard let lowers else {
            var error = LayerError(path.text, "needs the layers below")
            error.needsParents = true
            throw error
        }
        dependsOnParents = true
        return lowers
    }

    /// The directory at `path`, made when it is missing.
    func directory(_ path: LayerPath) throws -> Directory {
        if path.parts.isEmpty { return root }
        if let last, last.path == path { return last.directory }
        let directory = try cache[path] ?? open(path)
        if cache.count >= Self.cacheLimit { cache.removeAll(keepingCapacity: true) }
        cache[path] = directory
        last = (path, directory)
        return directory
    }

    private func open(_ path: LayerPath) throws -> Directory {
        guard let name = PathBytes(path.bytes) else { throw LayerError(path.text, "NUL in name") }
        do throws(SyscallError) {
            return try opened(root.descriptor.open(name, [.readOnly, .directory], resolve: [.inRoot, .noMagicLinks]))
        } catch {
            guard error.errno == .noEntry || error.errno == .notDirectory else { throw error }
        }
        return try walk(path)
    }

    private func opened(_ descriptor: consuming FileDescriptor) throws(SyscallError) -> Directory {
        let status = try descriptor.status()
        return Directory(descriptor, passesGroup: status.permissions & 0o2000 != 0)
    }

    // MARK: Missing parents

    /// Goes down step by step. What is missing is what the layers below have in its place, or a plain directory.
    private func walk(_ path: LayerPath) throws -> Directory {
        var rest = Array(path.parts.reversed())
        var trail: [(part: [UInt8], directory: Directory)] = []
        var links = 0
        while let part = rest.popLast() {
            if part.elementsEqual("..".utf8) {
                _ = trail.popLast()
                continue
            }
            guard let name = PathBytes(part) else { throw LayerError(path.text, "NUL in name") }
            let here = trail.last?.directory ?? root
            let reached = LayerPath(parts: trail.map(\.part) + [part])
            var target: [UInt8]?
            switch try here.descriptor.statusIfAny(of: name) {
            case let status? where status.isDirectory: break
            case let status? where status.kind == .symbolicLink: target = try here.descriptor.readLink(name)
            case let status? where status.isWhiteout && isLayer:
                // Removed from below and made anew by the same layer.
                try here.descriptor.removeFile(name)
                try here.descriptor.makeDirectory(name, mode: 0o755)
                try here.descriptor.setExtendedAttribute(LayerApplier.opaque, to: Array("y".utf8), of: name)
            case _?: throw LayerError(path.text, "parent \(reached.text) is not a directory")
            case nil: target = try makeImplicit(reached, name, in: here)
            }
            if let target {
                links += 1
                guard links <= Self.linkLimit else { throw LayerError(path.text, "too many symbolic links") }
                if target.first == UInt8(ascii: "/") { trail = [] }
                let steps = target.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }.map { Array($0) }
                guard rest.count + steps.count <= 4096 else { throw LayerError(path.text, "path too long") }
                rest += steps.reversed()
                continue
            }
            trail.append((part, try opened(here.descriptor.open(name, [.readOnly, .directory, .noFollow]))))
        }
        return trail.last?.directory ?? root
    }

    /// Makes a directory that the layer did not mention, with the looks it has below, so that the merged view keeps them.
    /// Gives a link's target instead when it is a link below.
    private func makeImplicit(_ path: LayerPath, _ name: PathBytes, in here: Directory) throws -> [UInt8]? {
        guard isLayer else {
            try here.descriptor.makeDirectory(name, mode: 0o755)
            return nil
        }
        let lowers = try parents(for: path)
        var target: [UInt8]?
        let found: Void? = try lowers.find(path) { directory, lowerName, status in
            switch status.kind {
            case .symbolicLink: target = try directory.readLink(lowerName)
            case .directory:
                try here.descriptor.makeDirectory(name, mode: 0o755)
                try copyLooks(of: lowerName, in: directory, status, to: name, in: here)
                times.append((path, status.modified))
            default: throw LayerError(path.text, "parent is not a directory in the layers below")
            }
        }
        if found == nil { try here.descriptor.makeDirectory(name, mode: 0o755) }
        return target
    }

    private func copyLooks(
        of lowerName: PathBytes, in directory: borrowing FileDescriptor, _ status: FileStatus, to name: PathBytes, in here: Directory
    ) throws {
        try here.descriptor.changeOwner(name, user: status.user, group: status.group)
        if status.kind != .symbolicLink { try here.descriptor.changeMode(name, to: status.permissions) }
        for attribute in try directory.extendedAttributes(of: lowerName) where !LayerApplier.isOverlays(attribute.name) {
            try here.descriptor.setExtendedAttribute(attribute.name, to: attribute.value, of: name)
        }
        try here.descriptor.setTimes(of: name, status.modified)
    }

    /// Brings a file of the layers below into this one, as overlayfs would to link it. False when there is none.
    func copyUp(_ path: LayerPath) throws -> Bool {
        guard isLayer, let last = path.parts.last, let name = PathBytes(last) else { return false }
        let lowers = try parents(for: path)
        let here = try directory(path.parent)
        return try lowers.find(path) { lower, lowerName, status in
            switch status.kind {
            case .directory: throw LayerError(path.text, "hard link to a directory")
            case .regular:
                let from = try lower.open(lowerName, [.readOnly, .noFollow])
                let to = try here.descriptor.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
                while true {
                    let bytes = try from.read(upTo: 1 << 20)
                    if bytes.isEmpty { break }
                    try to.writeAll(bytes)
                }
            case .symbolicLink:
                guard let target = PathBytes(try lower.readLink(lowerName)) else { return false }
                try here.descriptor.makeSymbolicLink(name, to: target)
            default: try here.descriptor.makeNode(name, mode: status.mode, device: status.deviceNumber)
            }
            try copyLooks(of: lowerName, in: lower, status, to: name, in: here)
            return true
        } ?? false
    }
}
