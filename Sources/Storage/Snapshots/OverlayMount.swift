package import Values

/// What to mount to see layers as one file system: values only, nothing here mounts. See the kernel's overlayfs.rst.
///
/// Mount it with `redirect_dir=off,metacopy=off,index=off`: layers are made and read by name alone.
package struct OverlayMount: Sendable, Hashable, Codable {
    /// Absolute paths of the lower directories, the topmost first; never empty.
    package var lower: [String]
    /// Where changes go; nil for a read-only view.
    package var upper: String?
    package var work: String?
    /// Leave syncing to chance, for what does not outlive its process (`--rm`, build steps).
    package var volatile: Bool

    /// The view of an image's layers (absolute paths, the lowest first) with a container's own on top.
    package init(layers: [String], container: ContainerPaths, emptyLayer: String, volatile: Bool) {
        self.init(layers: layers, emptyLayer: emptyLayer)
        upper = container.upper
        work = container.work
        self.volatile = volatile
    }

    /// The read-only view of layers (absolute paths, the lowest first). `emptyLayer` stands in where there are none.
    package init(layers: [String], emptyLayer: String) {
        lower = layers.isEmpty ? [emptyLayer] : layers.reversed()
        volatile = false
    }
}
