internal import Database
package import Diagnostics
package import DockerAPI
internal import Events
internal import OCI
internal import Values

extension Images {
    /// Takes a name from an image, and removes the image with it when that was its last; or removes the image that an id names.
    ///
    /// `force` also removes what several names or stopped containers refer to; nothing removes the image of a running container.
    /// Unless `keepParents`, images without a name that it was made from go too. Conflicts are told in Docker's words.
    package func remove(_ name: String, force: Bool = false, keepParents: Bool = false) throws(Fault) -> [ImageDeleteItem] {
        // Exclusive: nobody can begin to use the image between the question whether somebody does and its removal.
        let hold = try ImageHold(paths.imagesLock, exclusive: true)
        let image = try resolve(name)
        let users = try asFault("cannot find out who uses \(name)") { try usage(image.id) }
        var removal = Removal(force: force, keepParents: keepParents)
        let wanted = try ImageName(name)
        if !wanted.isIDPrefix(of: image.id), wanted.id == nil, let reference = wanted.lookup ?? wanted.reference, image.names.contains(reference) {
            try removal.untag(reference, name, image, users)
        } else {
            try removal.delete(image, users)
        }
        try asFault("cannot remove \(name)") { removal.items += try apply(removal, to: image) }
        _ = consume hold
        // What cannot be deleted now is deleted at the next opportunity; the image is gone all the same.
        _ = try? collect()
        publish(removal.items, of: image.id)
        return removal.items
    }

    /// Tells of names that were taken away and of images that are gone.
    func publish(_ items: [ImageDeleteItem], of image: Digest?) {
        for item in items {
            if !item.untagged.isEmpty, let image { publish("untag", image, name: item.untagged) }
            if !item.deleted.isEmpty { events.publish(.image, "delete", item.deleted, ["name": item.deleted]) }
        }
    }

    private func apply(_ removal: Removal, to image: Image) throws -> [ImageDeleteItem] {
        // Asked before the transaction, as the answer takes one of its own.
        let ancestors = try removal.deletes && !removal.keepParents ? ancestors(of: image) : []
        let siblings = removal.isByID ? [] : try siblings(of: image, removal.names)
        return try database.transaction { rows in
            for name in removal.names { try rows.removeName(name, from: removal.isByID ? image.id : nil) }
            var items: [ImageDeleteItem] = []
            for sibling in siblings where try rows.names(of: sibling.id).isEmpty && rows.children(of: sibling.id).isEmpty {
                items += try rows.erase(sibling, keepingLayers: false)
            }
            guard removal.deletes else { return items }
            if try !rows.children(of: image.id).isEmpty {
                if removal.isQuiet { return items }
                throw Removal.conflict(image.id, "cannot be forced", "image has dependent child images")
            }
            items += try rows.erase(image, keepingLayers: removal.inUse)
            for ancestor in ancestors {
                guard try rows.names(of: ancestor.id).isEmpty, try rows.children(of: ancestor.id).isEmpty else { break }
                items += try rows.erase(ancestor, keepingLayers: false)
            }
            return items
        }
    }

    /// Images for other platforms under these names that no container needs.
    private func siblings(of image: Image, _ names: [Reference]) throws -> [Image] {
        let ids = try database.read { rows in try names.flatMap { try rows.imageIDs(named: $0) } }
        return try Set(ids).subtracting([image.id]).sorted { $0.hex < $1.hex }.compactMap { id in try usage(id).isEmpty ? try self.image(id: id) : nil }
    }

    /// The images that this one was made from, the nearest first, as far as they have no name and no container.
    private func ancestors(of image: Image) throws -> [Image] {
        var result: [Image] = []
        var parent = image.parent
        while let id = parent, let next = try self.image(id: id), next.names.isEmpty, try usage(id).isEmpty {
            result.append(next)
            parent = next.parent
        }
        return result
    }

    /// Removes images that nothing needs: those without a tag, or with `dangling=false` all that no container uses.
    /// Further filters: `until`, `label`, `label!`.
    package func prune(filters: Filters = Filters()) throws(Fault) -> ImagesPruneReport {
        let dangling: Bool
        do throws(Filters.Invalid) {
            try filters.validate(["dangling", "label", "label!", "until"])
            dangling = try filters.flag("dangling") ?? true
        } catch { throw Fault(.invalid, error.description) }
        let until = try ImageFilters.until(filters)
        let hold = try ImageHold(paths.imagesLock, exclusive: true)
        let report = try asFault("cannot prune images") { () throws -> ImagesPruneReport in
            var report = ImagesPruneReport()
            // Children go before their parents, which may then be free to go too: until nothing changes.
            while true {
                let found = try pruneOnce(dangling: dangling) { image in
                    if let until, image.created > until { return false }
                    let labels = image.config.labels ?? [:]
                    return filters.matchesLabels(labels) && ImageFilters.lacksLabels(filters, labels)
                }
                if found.items.isEmpty { return report }
                report.imagesDeleted = (report.imagesDeleted ?? []) + found.items
                report.spaceReclaimed += Int(found.bytes)
            }
        }
        _ = consume hold
        // As in `remove`.
        _ = try? collect()
        publish(report.imagesDeleted ?? [], of: nil)
        events.publish(.image, "prune", "", ["reclaimed": "\(report.spaceReclaimed)"])
        return report
    }

    private struct Pruned: Sendable {
        var items: [ImageDeleteItem] = []
        var bytes: Int64 = 0
    }

    private func pruneOnce(dangling: Bool, _ wanted: (Image) -> Bool) throws -> Pruned {
        let candidates = try database.read { try $0.allImages() }.filter { (!dangling || $0.isDangling) && wanted($0) }
        let used = try candidates.map { ($0, try usage($0.id)) }
        let unused = used.filter { $0.1.isEmpty }.map(\.0)
        return try database.transaction { rows in
            var result = Pruned()
            for (image, users) in used where !users.isEmpty {
                for name in Self.spareNames(of: image, users) {
                    try rows.removeName(name, from: image.id)
                    result.items.append(ImageDeleteItem(untagged: name.familiar))
                }
            }
            for image in unused where try rows.children(of: image.id).isEmpty {
                result.items += image.names.map { ImageDeleteItem(untagged: $0.familiar) }
                let gone = try rows.erase(image, keepingLayers: false)
                let chains = Set(gone.map(\.deleted))
                result.bytes += image.layers.reduce(0) { $0 + (chains.contains($1.chainID.description) ? $1.size : 0) }
                result.items += gone
            }
            return result
        }
    }

    /// The names of an image in use that nobody needs: all but those that containers know it by, or but the last when none knows a name.
    private static func spareNames(of image: Image, _ users: [ImageUse]) -> [Reference] {
        let tags = image.names.filter { $0.digest == nil }
        // What a container was made by is an image's name or id.
        let known = Set(users.compactMap { (try? ImageName($0.image))?.reference })
        let kept = tags.contains(where: known.contains) ? tags.filter(known.contains) : tags.suffix(1)
        let repositories = Set(kept.map(\.name))
        return kept.isEmpty ? [] : image.names.filter { $0.digest == nil ? !kept.contains($0) : !repositories.contains($0.name) && !known.contains($0) }
    }
}

extension Transaction {
    /// Deletes an image's rows, or hides it while containers need its layers. Tells of it, and of the layers that no image has any more,
    /// topmost first.
    borrowing func erase(_ image: Image, keepingLayers: Bool) throws -> [ImageDeleteItem] {
        let id = Value.text(image.id.description)
        var items = [ImageDeleteItem(deleted: image.id.description)]
        if keepingLayers {
            try run("DELETE FROM image_names WHERE image = ?", id)
            try run("UPDATE images SET hidden = 1 WHERE id = ?", id)
            return items
        }
        try run("DELETE FROM images WHERE id = ?", id)
        for layer in image.layers.reversed() where try self.layer(chainID: layer.chainID) == nil {
            items.append(ImageDeleteItem(deleted: layer.chainID.description))
        }
        return items
    }
}

/// What removing an image by some name comes to: values in, a plan out. The rules are those of Docker's `rmi`.
struct Removal: Sendable {
    let force: Bool
    let keepParents: Bool
    /// Names to take away.
    private(set) var names: [Reference] = []
    /// Whether the image goes as well.
    private(set) var deletes = false
    /// Whether containers, all stopped, still need its layers.
    private(set) var inUse = false
    /// Whether a conflict about the image itself is kept silent, as a name has been taken away already.
    private(set) var isQuiet = false
    /// Whether it is about this very image, not about all that have its names for other platforms.
    private(set) var isByID = false
    var items: [ImageDeleteItem] = []

    init(force: Bool, keepParents: Bool) {
        self.force = force
        self.keepParents = keepParents
    }

    static func conflict(_ id: Digest, _ remedy: String, _ reason: String) -> Fault {
        Fault(.conflict, "conflict: unable to delete \(id.short) (\(remedy)) - \(reason)")
    }

    /// By one of the image's names. `text` is what the user typed.
    mutating func untag(_ reference: Reference, _ text: String, _ image: Image, _ users: [ImageUse]) throws(Fault) {
        if !force, Self.isOneName(image.names), let user = users.first {
            throw Fault(
                .conflict,
                "conflict: unable to remove repository reference \"\(text)\" (must force) - container \(user.short) is using its referenced image \(image.id.short)")
        }
        take(reference)
        var rest = image.names.filter { $0 != reference }
        // The last tag of a repository takes the repository's digests along.
        if reference.digest == nil, !rest.contains(where: { $0.name == reference.name && $0.digest == nil }) {
            for name in rest where name.name == reference.name { take(name) }
            rest.removeAll { $0.name == reference.name }
        }
        guard rest.isEmpty else { return }
        isQuiet = true
        // Conflicts with containers are not told: the name is gone, which is what was asked for.
        if users.contains(where: \.isRunning) || (!force && !users.isEmpty) { return }
        deletes = true
        inUse = !users.isEmpty
    }

    /// By its id.
    mutating func delete(_ image: Image, _ users: [ImageUse]) throws(Fault) {
        if let user = users.first(where: \.isRunning) {
            throw Self.conflict(image.id, "cannot be forced", "image is being used by running container \(user.short)")
        }
        if !force {
            guard Self.isOneName(image.names) else { throw Self.conflict(image.id, "must be forced", "image is referenced in multiple repositories") }
            if let user = users.first { throw Self.conflict(image.id, "must be forced", "image is being used by stopped container \(user.short)") }
        }
        for name in image.names { take(name) }
        isByID = true
        deletes = true
        inUse = !users.isEmpty
    }

    private mutating func take(_ name: Reference) {
        names.append(name)
        items.append(ImageDeleteItem(untagged: name.familiar))
    }

    /// At most one tag, and digests of the same repository only.
    static func isOneName(_ names: [Reference]) -> Bool {
        if names.count <= 1 { return true }
        return names.filter { $0.digest == nil }.count <= 1 && Set(names.map(\.name)).count == 1
    }
}
