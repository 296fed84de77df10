internal import Synchronization

/// The settings that Docker keeps in `daemon.json`: each part of Davit reads those that are about it.
package enum DaemonFile {
    /// Davit's own directory of settings: `/etc/davit`, or `DAVIT_CONFIG_DIR`.
    package static var directory: String { Environment.value("DAVIT_CONFIG_DIR") ?? "/etc/davit" }

    private static let named = Mutex<String?>(nil)

    /// Has this process read that file alone, which must be there: `daemon --config-file`.
    package static func use(_ path: String) { named.withLock { $0 = path } }

    /// The file of that directory, or without one Docker's own; nil without either, and for an empty one. At most 1 MiB.
    package static func read() throws(SyscallError) -> (path: String, bytes: [UInt8])? {
        if let path = named.withLock({ $0 }) {
            let bytes = try FileSystem.read(path, limit: 1 << 20)
            return bytes.isEmpty ? nil : (path, bytes)
        }
        for path in ["\(directory)/daemon.json", "/etc/docker/daemon.json"] {
            if let bytes = try FileSystem.readIfPresent(path, limit: 1 << 20) { return (path, bytes) }
        }
        return nil
    }
}
