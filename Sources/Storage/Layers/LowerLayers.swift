internal import Linux

/// The unpacked layers below one, looked at as overlayfs would merge them. Never follows a symbolic link.
package final class LowerLayers {
    private final class Root {
        let directory: FileDescriptor
        init(_ directory: consuming FileDescriptor) { self.directory = directory }
    }

    /// The topmost first.
    private let roots: [Root]

    /// Opens unpacked layers, the topmost first.
    package init(_ paths: [String]) throws {
        roots = try paths.map { Root(try FileDescriptor.open($0, [.directory])) }
    }

    private static let opaque = PathBytes("trusted.overlay.opaque")
    private static let here = PathBytes(".")

    /// What stands at a path and in which layer. `body` gets the directory that holds it, the name in it and its status;
    /// it is not called when nothing is there. Every part but the last must be a directory in the merged view.
    func find<Result>(_ path: LayerPath, _ body: (borrowing FileDescriptor, PathBytes, FileStatus) throws -> Result) throws -> Result? {
        layers: for root in roots {
            var directory = try root.directory.open(Self.here, [.path, .directory])
            // Below an opaque directory or a whiteout nothing of the layers further down shows.
            var hides = false
            for (index, part) in path.parts.enumerated() {
                guard let name = PathBytes(part), let status = try directory.statusIfAny(of: name) else {
                    if hides { return nil }
                    continue layers
                }
                if status.isWhiteout { return nil }
                if index == path.parts.count - 1 { return try body(directory, name, status) }
                guard status.isDirectory else { return nil }
                directory = try directory.open(name, [.path, .directory, .noFollow])
                if try directory.extendedAttribute(Self.opaque, of: Self.here) == Array("y".utf8) { hides = true }
            }
            if path.parts.isEmpty { return try body(directory, Self.here, try root.directory.statusOfSelf()) }
        }
        return nil
    }

    /// The names in a directory of the merged view; empty when there is no such directory.
    func names(in path: LayerPath) throws -> Set<PathBytes> {
        var names: Set<PathBytes> = [], hidden: Set<PathBytes> = []
        layers: for root in roots {
            var directory = try root.directory.open(Self.here, [.readOnly, .directory])
            var hides = false
            for part in path.parts {
                guard let name = PathBytes(part), let status = try directory.statusIfAny(of: name) else {
                    if hides { return names }
                    continue layers
                }
                guard status.isDirectory else { return names }
                directory = try directory.open(name, [.readOnly, .directory, .noFollow])
                if try directory.extendedAttribute(Self.opaque, of: Self.here) == Array("y".utf8) { hides = true }
            }
            for name in try directory.sortedNames() where !hidden.contains(name) {
                if try directory.statusIfAny(of: name)?.isWhiteout == true { hidden.insert(name) } else if !names.contains(name) { names.insert(name) }
            }
            hidden.formUnion(names)
            if hides { return names }
        }
        return names
    }
}

extension FileDescriptor {
    /// The status of the open directory itself.
    borrowing func statusOfSelf() throws(SyscallError) -> FileStatus { try status() }
}
