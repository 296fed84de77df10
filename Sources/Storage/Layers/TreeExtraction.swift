package import Archive
package import Linux

/// Unpacks an archive into a tree that is in use, such as a container's: without whiteouts, which mean nothing there.
///
/// Names are walked from the tree's root (openat2 `RESOLVE_IN_ROOT`), so links in it lead where they lead in it, and nowhere else.
package struct TreeExtraction: Sendable {
    package enum Owner: Sendable, Hashable {
        /// As the archive says.
        case archived
        /// Whoever unpacks.
        case caller
        case fixed(user: UInt32, group: UInt32)
    }

    /// Where the archive's own root lies, below the tree's.
    package var directory: String
    package var owner: Owner
    /// A directory is not replaced by something else, nor the other way round.
    package var keepsKinds: Bool
    /// The first part of the members' names, and what stands in its place.
    package var rename: (from: String, to: String)?

    package init(into directory: String = "/", owner: Owner = .archived, keepsKinds: Bool = true, rename: (from: String, to: String)? = nil) {
        self.directory = directory
        self.owner = owner
        self.keepsKinds = keepsKinds
        self.rename = rename
    }

    /// Reads the archive, however compressed, to its end. Throws `LayerError` with the member's name.
    package func run(_ archive: consuming any ByteSource, in root: borrowing FileDescriptor) throws {
        let applier = try LayerApplier(root: root, lowers: nil, extraction: self)
        try applier.apply(TarReader(try Decompressor(archive)))
    }

    /// The member's place below the tree's root; nil when it leads out of the directory.
    func place(_ name: [UInt8]) -> LayerPath? {
        guard var path = LayerPath(name), let base = LayerPath(Array(directory.utf8)) else { return nil }
        if let rename {
            let from = Array(rename.from.utf8), to = Array(rename.to.utf8)
            // The archive of a root has it without a name.
            if from.isEmpty { path.parts.insert(to, at: 0) } else if path.parts.first == from { path.parts[0] = to }
        }
        return LayerPath(parts: base.parts + path.parts)
    }
}
