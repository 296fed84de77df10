/// What a container mounts to use a volume, in the words of mount(8) and of the runtime spec's `mounts`.
package struct VolumeMountPlan: Sendable, Hashable {
    /// What is mounted: the volume's directory, or the `device` it was created with.
    package var source: String
    /// `bind`, or the file system's name.
    package var type: String
    /// As in fstab(5); those of the mount and those of the file system together.
    package var options: [String]
    /// The source is the volume's own directory, which an image's content may be copied into.
    package var isDirectory: Bool

    /// The plain case: a directory of the host.
    static func directory(_ path: String) -> VolumeMountPlan {
        VolumeMountPlan(source: path, type: "bind", options: ["rbind"], isDirectory: true)
    }

    /// `--opt type=… --opt device=… --opt o=…`. Mounted in each container apart, not once on the host: nothing to undo outlives it.
    static func device(_ device: String, type: String, options: String?) -> VolumeMountPlan {
        let words = (options ?? "").split(separator: ",").map(String.init)
        let isBind = words.contains("bind") || words.contains("rbind")
        return VolumeMountPlan(source: device, type: isBind ? "bind" : type, options: words, isDirectory: false)
    }
}
