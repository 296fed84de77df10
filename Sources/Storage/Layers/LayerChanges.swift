package import Linux
internal import Values

/// One line of `docker diff`.
package struct LayerChange: Sendable, Hashable {
    package enum Kind: Int, Sendable {
        // Docker's numbers in GET /containers/{id}/changes.
        case modified = 0
        case added = 1
        case deleted = 2

        /// The letter that `docker diff` prints.
        package var letter: String {
            switch self {
            case .modified: "C"
            case .added: "A"
            case .deleted: "D"
            }
        }
    }

    /// Absolute.
    package var path: String
    package var kind: Kind

    package init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// What an overlay's upper directory changes of the layers below it, sorted by path. A directory counts as modified when its
    /// mode, owner or time changed, or something in it was added or deleted.
    package static func list(upper: borrowing FileDescriptor, over lowers: LowerLayers) throws -> [LayerChange] {
        var collector = Collector(lowers: lowers)
        _ = try collector.collect(upper, LayerPath(parts: []))
        return collector.changes
    }

    private struct Collector {
        let lowers: LowerLayers
        var changes: [LayerChange] = []

        /// True when something directly in the directory was added or deleted.
        mutating func collect(_ directory: borrowing FileDescriptor, _ path: LayerPath) throws -> Bool {
            var isTouched = false
            let names = try directory.sortedNames()
            var deleted: [PathBytes] = []
            if !path.parts.isEmpty, try directory.extendedAttribute(LayerApplier.opaque, of: PathBytes(".")) == Array("y".utf8) {
                deleted = try lowers.names(in: path).subtracting(names).sorted()
            }
            for name in (names + deleted).sorted() {
                let inside = LayerPath(parts: path.parts + [name.bytes])
                guard let status = try directory.statusIfAny(of: name) else {
                    if deleted.contains(name) {
                        add(inside, .deleted)
                        isTouched = true
                    }
                    continue
                }
                let below = try lowers.find(inside) { _, _, status in status }
                if status.isWhiteout {
                    guard below != nil else { continue }
                    add(inside, .deleted)
                    isTouched = true
                } else if status.isDirectory {
                    let place = changes.count
                    let child = try directory.open(name, [.readOnly, .directory, .noFollow])
                    let childTouched = try collect(child, inside)
                    guard let below else {
                        changes.insert(LayerChange(path: "/" + inside.text, kind: .added), at: place)
                        isTouched = true
                        continue
                    }
                    let same =
                        below.isDirectory && below.permissions == status.permissions && below.user == status.user && below.group == status.group
                        && below.modified == status.modified
                    if !same || childTouched { changes.insert(LayerChange(path: "/" + inside.text, kind: .modified), at: place) }
                } else {
                    add(inside, below == nil ? .added : .modified)
                    if below == nil { isTouched = true }
                }
            }
            return isTouched
        }

        private mutating func add(_ path: LayerPath, _ kind: Kind) { changes.append(LayerChange(path: "/" + path.text, kind: kind)) }
    }
}
