import Diagnostics
package import DockerAPI
import Layers
import Linux
import Values

extension Containers {
    /// What the container has added, changed and deleted in its files.
    package func changes(_ reference: String) throws -> [FilesystemChange] {
        let record = try find(reference)
        let lowers = paths.layerDirectories(record.layers)
        let upper = try FileDescriptor.open(paths(record).upper, [.directory])
        return Self.withoutNameFiles(try LayerChange.list(upper: upper, over: LowerLayers(lowers))).map { change in
            let kind: ChangeKind =
                switch change.kind {
                case .added: .added
                case .modified: .modified
                case .deleted: .deleted
                }
            return FilesystemChange(path: change.path, kind: kind)
        }
    }

    /// Without the empty files that our own files are mounted on: no program in the container made them, and none can change them.
    private static func withoutNameFiles(_ changes: [LayerChange]) -> [LayerChange] {
        let own = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]
        let rest = changes.filter { !own.contains($0.path) }
        if rest.count == changes.count || rest.contains(where: { $0.path.hasPrefix("/etc/") }) { return rest }
        return rest.filter { $0.path != "/etc" }
    }
}
