package import JSON

/// The answer to GET /system/df: what each kind of object takes on disk. Of kinds that were not asked for there is nothing.
package struct DiskUsage: JSONRecord, Sendable, Hashable {
    /// Bytes of all layers, each counted once.
    package var layersSize: Int = 0
    package var images: [ImageSummary]?
    package var containers: [ContainerSummary]?
    package var volumes: [Volume]?
    package var buildCache: [BuildCache]?

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("LayersSize", &layersSize)
        try m("Images", &images)
        try m("Containers", &containers)
        try m("Volumes", &volumes)
        try m("BuildCache", &buildCache)
    }
}
