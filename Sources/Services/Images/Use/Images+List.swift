internal import Database
package import Diagnostics
package import DockerAPI
internal import OCI
internal import Values

extension Images {
    /// Bytes of all layers of all images, each counted once.
    package func layersSize() throws(Fault) -> Int {
        let images = try asFault("cannot list images") { try database.read { try $0.allImages() } }
        let sizes = Dictionary(images.flatMap(\.layers).map { ($0.directory, $0.size) }) { first, _ in first }
        return Int(sizes.values.reduce(0, +))
    }

    /// The images as `docker images` lists them, the newest first. Without `all`, images without a name that others were made
    /// from are left out. Filters: `dangling`, `label`, `before`, `since`, `reference`, `until`.
    /// `sharedSize` counts the bytes in layers that another image has too; -1 stands for "not counted".
    package func list(all: Bool = false, filters: Filters = Filters(), sharedSize: Bool = false) throws(Fault) -> [ImageSummary] {
        let wanted = try ImageFilters(filters) { name throws(Fault) in try resolve(name) }
        let images = try asFault("cannot list images") { try database.read { try $0.allImages() } }
        let parents = Set(images.compactMap(\.parent))
        var users: [String: Int] = [:]
        if sharedSize { for layer in images.flatMap(\.layers) { users[layer.directory, default: 0] += 1 } }
        return images.compactMap { image in
            if !all, image.names.isEmpty, parents.contains(image.id) { return nil }
            guard wanted.matches(image) else { return nil }
            let names = image.names.filter { wanted.matches($0) }
            if wanted.asksForNames, names.isEmpty { return nil }
            var summary = ImageSummary(containers: -1, id: image.id.description, sharedSize: -1)
            summary.created = image.created == .never ? 0 : Int(image.created.seconds)
            summary.labels = image.config.labels
            summary.parentId = image.parent?.description ?? ""
            summary.repoTags = names.filter { $0.digest == nil }.map(\.familiar)
            summary.repoDigests = names.filter { $0.digest != nil }.map(\.familiar)
            summary.size = Int(image.size)
            if sharedSize { summary.sharedSize = Int(image.layers.reduce(0) { $0 + (users[$1.directory] ?? 0 > 1 ? $1.size : 0) }) }
            return summary
        }
    }
}
