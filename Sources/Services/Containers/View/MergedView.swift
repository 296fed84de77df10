import Diagnostics
import Linux
import Values

extension Containers {
    /// Calls `body` with the root of a container that does not run, as its first process will see it but for the mounts. Mounted in a
    /// namespace of its own: nothing is left behind. Without `writable` what the container itself has changed is not there.
    ///
    /// To be called with the container's lock held: what is mounted to be written can be mounted once only.
    func withMergedView<Value>(_ record: ContainerRecord, writable: Bool, _ body: (borrowing FileDescriptor) throws -> Value) throws -> Value {
        let place = paths(record)
        let lower = (paths.layerDirectories(record.layers) + [paths.skeleton]).joined(separator: ":")
        var options = ["lowerdir=\(lower)", "redirect_dir=off", "metacopy=off", "index=off"]
        if writable { options += ["upperdir=\(place.upper)", "workdir=\(place.work)", "volatile"] }
        try FileSystem.makeDirectories(place.rootfs, mode: 0o700)
        if writable { try FileSystem.removeTree(place.volatileMark) }
        return try PrivateMounts.run {
            try Mounts.mountOverlay(options, on: place.rootfs)
            return try body(try FileDescriptor.open(place.rootfs, [.path, .directory]))
        }
    }
}
