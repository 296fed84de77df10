internal import DockerAPI
internal import JSON
internal import Linux
internal import Values

/// `--progress rawjson`: BuildKit's messages of how a build goes, a line each.
enum BuildStatus {
    static func line(_ step: BuildProgress, began: Duration) -> String {
        let now = Timestamp.now.description, digest = "sha256:" + String(repeating: "0", count: 64 - "\(step.number)".count) + "\(step.number)"
        var status: JSONObject = [:]
        if !step.name.isEmpty || step.done || step.cached {
            var vertex: JSONObject = ["digest": .string(digest), "name": .string(step.name)]
            if !step.name.isEmpty { vertex["started"] = .string(now) }
            if step.done { vertex["completed"] = .string(now) }
            if step.cached { vertex["cached"] = .bool(true) }
            if !step.error.isEmpty { vertex["error"] = .string(step.error) }
            status["vertexes"] = .array([.object(vertex)])
        }
        if !step.log.isEmpty {
            status["logs"] = .array([
                .object(["vertex": .string(digest), "stream": JSONValue(step.isError ? 2 : 1), "data": .string(Base64.encode(Array(step.log.utf8))), "timestamp": .string(now)])
            ])
        }
        return String(decoding: JSONValue.object(status).compact, as: UTF8.self)
    }
}
