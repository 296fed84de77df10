import Diagnostics
import DockerAPI
import JSON
import Linux

/// What containers may use that do not ask for a limit of that kind: `default-ulimits` of `daemon.json`.
enum DefaultLimits {
    /// What was asked for, and the file's other limits, which is read anew each time. Throws for what is wrong with it.
    static func completing(_ asked: [Ulimit]?) throws(Fault) -> [Ulimit]? {
        var path = "daemon.json"
        do {
            guard let file = try DaemonFile.read() else { return asked }
            path = file.path
            let limits = try JSON.decode(File.self, from: file.bytes).limits ?? [:]
            let others = limits.values.filter { limit in asked?.contains { $0.name == limit.name } != true }
            return others.isEmpty ? asked : (asked ?? []) + others.sorted { $0.name < $1.name }
        } catch { throw Fault(.invalid, "cannot read \(path): \(error)", cause: error) }
    }

    private struct File: Decodable {
        var limits: [String: Ulimit]?

        enum CodingKeys: String, CodingKey { case limits = "default-ulimits" }
    }
}
