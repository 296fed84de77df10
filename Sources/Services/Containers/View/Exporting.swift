import Content
import Diagnostics
package import DockerAPI
package import Images
import Layers
package import Linux
package import OCI
import Values

extension Containers {
    /// Writes the container's files as one tar to `file`. Nothing is mounted and a running container goes on running, so what it
    /// changes meanwhile comes as it was or as it is. Mounts are not part of it.
    package func export(_ reference: String, to file: borrowing FileDescriptor) throws {
        let record = try find(reference)
        try TreeArchiver.write(merged: LowerLayers([paths(record).upper] + layerPaths(record)), to: FileSink(file.duplicate()))
        publish("export", record)
    }

    /// Makes an image of what the container has changed in its own; gives the image's id. A running container is frozen
    /// meanwhile unless `pauses` is false. `changes` are Dockerfile instructions.
    package func commit(
        _ reference: String, config: ContainerConfig? = nil, name: String? = nil, author: String = "", message: String = "", changes: [String] = [],
        pauses: Bool = true
    ) throws -> Digest {
        let record = try refreshed(reference)
        var freezes = pauses && record.running && !record.paused
        if freezes {
            // It may end just now, or be frozen by somebody else: either way it stands still.
            do { try pause(reference) } catch let fault as Fault where fault.kind == .conflict { freezes = false }
        }
        defer {
            // It may have ended meanwhile, and then there is nothing to thaw.
            if freezes { try? unpause(reference) }
        }
        guard let base = Digest(record.imageID) else {
            throw Fault(.internal, "container \(record.id) has no proper image id: \(record.imageID)")
        }
        var imageConfig = ImageConfig(record.config), changes = changes
        if let config, config != ContainerConfig() {
            // What is given is changed first, and then completed by the container's: the order of the environment tells.
            var given = ContainerConfig(try ConfigChanges.apply(changes, to: ImageConfig(config)))
            given.merge(imageConfig)
            imageConfig = ImageConfig(given)
            changes = []
        }
        let image = try images.commit(
            upper: paths(record).upper, base: try images.image(id: base), config: imageConfig, name: name, author: author,
            message: message, changes: changes)
        publish("commit", record, ["comment": message, "imageID": "\(image)", "imageRef": name ?? ""])
        return image
    }

    /// Makes a layer of what a container that has ended changed in its own, over the layers of its image: its directory becomes the layer, so
    /// that the container can only be removed afterwards. Nil when nothing was changed. `mountPoints` are paths that were made to mount
    /// something on: they go where they are still empty, the last ones first. `keeping`: the container stays as it is, and the layer is a copy.
    package func takeChanges(_ reference: String, over layers: [ImageLayer], removing mountPoints: [String] = [], keeping: Bool = false) throws -> ImageLayer? {
        let record = try find(reference)
        return try locked(record.id, reference: reference) { record in
            guard !record.running else { throw Fault(.conflict, "container \(record.id) is running") }
            let upper = try FileDescriptor.open(paths(record).upper, [.path, .directory])
            for path in mountPoints.reversed() { Self.removeEmpty(path, in: upper) }
            return try keeping ? images.copy(paths(record).upper, over: layers) : images.adopt(paths(record).upper, over: layers)
        }
    }

    /// What is not there, or not empty, stays as it is.
    private static func removeEmpty(_ path: String, in root: borrowing FileDescriptor) {
        let parts = path.split(separator: "/").map(String.init)
        guard let name = parts.last, let parent = try? root.open("/" + parts.dropLast().joined(separator: "/"), [.path, .directory], resolve: [.inRoot, .noSymbolicLinks]),
            let status = try? parent.statusIfAny(of: PathBytes(name))
        else { return }
        if status.isDirectory { try? parent.removeDirectory(PathBytes(name)) } else if status.kind == .regular, status.size == 0 { try? parent.removeFile(name) }
    }

    /// Absolute, the topmost first.
    private func layerPaths(_ record: ContainerRecord) -> [String] {
        paths.layerDirectories(record.layers)
    }
}
