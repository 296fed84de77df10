import Containers
package import DockerAPI
import Images
import Volumes

extension Engine {
    /// GET /system/df. It walks the files of containers and volumes, so it is as slow as they are many. `kinds`: Docker's words `image`,
    /// `container`, `volume` and `build-cache`; none means all.
    package func diskUsage(_ kinds: Set<String> = []) throws -> DiskUsage {
        func isWanted(_ kind: String) -> Bool { kinds.isEmpty || kinds.contains(kind) }
        var usage = DiskUsage()
        let containers = isWanted("image") || isWanted("container") ? try containers.list(all: true, size: isWanted("container")) : []
        if isWanted("container") { usage.containers = containers }
        if isWanted("image") {
            usage.layersSize = try images.layersSize()
            usage.images = try images.list(sharedSize: true).map { image in
                var image = image
                image.containers = containers.count { $0.imageID == image.id }
                return image
            }
        }
        if isWanted("volume") { usage.volumes = try volumes.usage() }
        if isWanted("build-cache") { usage.buildCache = try images.buildCache() }
        return usage
    }
}
