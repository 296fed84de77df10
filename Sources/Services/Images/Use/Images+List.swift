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
    /// Of images for several platforms under one name the host's is listed, or else the first; `manifests` tells of all of them.
    /// `sharedSize` counts the bytes in layers that another image has too; -1 stands for "not counted".
    package func list(all: Bool = false, filters: Filters = Filters(), sharedSize: Bool = false, manifests: Bool = false) throws(Fault) -> [ImageSummary] {
        let wanted = try ImageFilters(filters) { name throws(Fault) in try resolve(name) }
        let images = try asFault("cannot list images") { try database.read { try $0.allImages() } }
        let parents = Set(images.compactMap(\.parent))
        var users: [String: Int] = [:]
        if sharedSize { for layer in images.flatMap(\.layers) { users[layer.directory, default: 0] += 1 } }
        let shown = Self.shown(images)
        var result: [ImageSummary] = []
        for image in images {
            if !all, image.names.isEmpty, parents.contains(image.id) { continue }
            guard wanted.matches(image) else { continue }
            let own = image.names.filter { shown[$0] == image.id }
            if own.isEmpty, !image.names.isEmpty { continue }
            let names = own.filter { wanted.matches($0) }
            if wanted.asksForNames, names.isEmpty { continue }
            var summary = ImageSummary(containers: -1, id: image.id.description, sharedSize: -1)
            summary.created = image.created == .never ? 0 : Int(image.created.seconds)
            summary.labels = image.config.labels
            summary.parentId = image.parent?.description ?? ""
            summary.repoTags = names.filter { $0.digest == nil }.map(\.familiar)
            summary.repoDigests = names.filter { $0.digest != nil }.map(\.familiar)
            summary.size = Int(image.size)
            if sharedSize { summary.sharedSize = Int(image.layers.reduce(0) { $0 + (users[$1.directory] ?? 0 > 1 ? $1.size : 0) }) }
            if manifests {
                let found = try self.manifests(of: image)
                summary.size = found.reduce(0) { $0 + $1.size.total }
                summary.manifests = found
            }
            result.append(summary)
        }
        return result
    }

    /// Which image a list shows for each name.
    static func shown(_ images: [Image]) -> [Reference: Digest] {
        var candidates: [Reference: [Image]] = [:]
        for image in images { for name in image.names { candidates[name, default: []].append(image) } }
        return candidates.compactMapValues { images in
            if images.count < 2 { return images.first?.id }
            let images = images.sorted { $0.id.hex < $1.id.hex }
            return images[Platform.best(of: images.map(\.platform), for: .host) ?? 0].id
        }
    }
}
