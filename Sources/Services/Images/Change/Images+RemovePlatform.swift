internal import Database
package import Diagnostics
package import DockerAPI
package import OCI
internal import Values

extension Images {
    /// Removes the images for `platforms` of what a name stands for, and leaves its others where they are. The name goes with the last one.
    /// All or, when one of them is missing or in use, none; `force` as in `remove(_:force:keepParents:)`.
    package func remove(_ name: String, platforms: [Platform], force: Bool = false) throws(Fault) -> [ImageDeleteItem] {
        let hold = try ImageHold(paths.imagesLock, exclusive: true)
        var removals: [(image: Image, isInUse: Bool)] = []
        for platform in platforms {
            let image = try resolve(name, platform: platform)
            let users = try asFault("cannot find out who uses \(name)") { try usage(image.id) }
            if let user = users.first(where: \.isRunning) {
                throw Removal.conflict(image.id, "cannot be forced", "image is being used by running container \(user.short)")
            }
            if !force, let user = users.first {
                throw Removal.conflict(image.id, "must be forced", "image is being used by stopped container \(user.short)")
            }
            if !removals.contains(where: { $0.image.id == image.id }) { removals.append((image, !users.isEmpty)) }
        }
        let planned = removals
        let items = try asFault("cannot remove \(name)") {
            try database.transaction { rows in
                var items: [ImageDeleteItem] = []
                for (image, isInUse) in planned {
                    guard try rows.children(of: image.id).isEmpty else {
                        throw Removal.conflict(image.id, "cannot be forced", "image has dependent child images")
                    }
                    let deleted = try rows.erase(image, keepingLayers: isInUse)
                    for name in image.names where try rows.imageIDs(named: name).isEmpty { items.append(ImageDeleteItem(untagged: name.familiar)) }
                    items += deleted
                }
                return items
            }
        }
        _ = consume hold
        // What cannot be deleted now is deleted at the next opportunity; the images are gone all the same.
        _ = try? collect()
        publish(items, of: planned.first?.image.id)
        return items
    }
}
