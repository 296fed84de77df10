package import Diagnostics
package import JSON
internal import Linux
internal import Synchronization

/// The settings that Docker keeps in `daemon.json`, and the daemon's flags, which say the same in other words: each part of Davit reads those that
/// are about it. The file is read anew each time, by every process; what only flags say, the daemon alone knows.
package enum DaemonFile {
    /// Davit's own directory of settings: `/etc/davit`, or `DAVIT_CONFIG_DIR`.
    package static var directory: String { Environment.value("DAVIT_CONFIG_DIR") ?? "/etc/davit" }

    /// Docker's own file, which counts where Davit has none. What it says of sockets and directories is about Docker.
    package static let dockers = "/etc/docker/daemon.json"

    private struct Source: Sendable {
        /// The only file, which must be there; nil for the usual ones.
        var path: String?
        var flags = JSONObject()
    }

    private static let source = Mutex(Source())

    /// Has this process read the file `path` alone, when there is one, and go by `flags`, in the file's words.
    package static func use(_ path: String?, flags: JSONObject) { source.withLock { $0 = Source(path: path, flags: flags) } }

    /// The flags of this process, in the file's words.
    package static var flags: JSONObject { source.withLock { $0.flags } }

    /// The file's path, and what is in it: nothing without a file, and for an empty one. At most 1 MiB.
    package static func file() throws(Fault) -> (path: String, settings: JSONObject) {
        let named = source.withLock { $0.path }
        for path in named.map({ [$0] }) ?? ["\(directory)/daemon.json", dockers] {
            do {
                guard let bytes = try named == nil ? FileSystem.readIfPresent(path, limit: 1 << 20) : FileSystem.read(path, limit: 1 << 20) else { continue }
                return (path, bytes.isEmpty ? JSONObject() : try JSON.decode([String: JSONValue].self, from: bytes).json.object ?? JSONObject())
            } catch { throw Fault(.invalid, "cannot read \(path): \(error)", cause: error) }
        }
        return ("daemon.json", JSONObject())
    }

    /// What the file and the flags say of what `T` is about. Throws for what is wrong with that.
    package static func read<T: JSONRecord>(_ type: T.Type = T.self) throws(Fault) -> T {
        var (path, settings) = try file()
        for flag in flags.members {
            // Runtimes of both are there.
            if flag.name == "runtimes", let own = flag.value.object {
                settings[flag.name] = .object(own.members.reduce(into: settings[flag.name]?.object ?? JSONObject()) { $0[$1.name] = $1.value })
            } else {
                settings[flag.name] = flag.value
            }
        }
        do { return try T(json: .object(settings)) } catch let fault as Fault { throw fault } catch { throw Fault(.invalid, "cannot read \(path): \(error)", cause: error) }
    }
}
