internal import Diagnostics
internal import Diagnostics
internal import Values

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

    /// What it holds is gone when nobody has it mounted, and another mount of it is another one.
    package var isInMemory: Bool { type == "tmpfs" || type == "ramfs" }

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

/// The kernel knows servers by address only: this one's is to be looked up by who can, and told to `Volumes.remember`.
package struct UnknownServer: Error, Sendable, CustomStringConvertible {
    package var name: String
    package var description: String { "error resolving passed in network volume address: \(name)" }
}

extension VolumeMountPlan {
    /// `addr=` of a file server, or the host in `//host/share`, as an address: what `addresses` has for the name. Throws `UnknownServer` for
    /// a name that is not there, and what is there instead of an address.
    func withAddress(_ addresses: [String: Result<IPAddress, Fault>]) throws -> VolumeMountPlan {
        func address(of name: String) throws -> String {
            if name.isEmpty || IPAddress(name) != nil { return name }
            guard let address = addresses[name] else { throw UnknownServer(name: name) }
            return try address.get().description
        }
        guard ["nfs", "nfs4", "cifs"].contains(type) else { return self }
        var plan = self
        if let index = options.firstIndex(where: { $0.hasPrefix("addr=") }) {
            plan.options[index] = "addr=\(try address(of: String(options[index].dropFirst("addr=".count))))"
        } else if type == "cifs", source.hasPrefix("//") {
            let host = String(source.dropFirst(2).prefix { $0 != "/" })
            plan.source = "//\(try address(of: host))\(source.dropFirst(2 + host.count))"
        }
        return plan
    }
}
