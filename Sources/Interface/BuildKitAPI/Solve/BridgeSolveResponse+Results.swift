internal import Builder
internal import DockerAPI
internal import JSON
internal import OCI

extension BridgeSolveResponse {
    /// Gives the answer to a question, by the names that its document and its text have there.
    init(_ answer: BuildAnswer) {
        var result = BridgeResult()
        result.metadata = ["result.json": Array(answer.document.utf8), "result.txt": Array(answer.text.utf8), "version": Array("1.0.0".utf8)]
        if let warnings = answer.warnings { result.metadata["result.statuscode"] = Array((warnings > 0 ? "1" : "0").utf8) }
        self.result = result
    }

    /// Tells of files that were fetched, by this name.
    init(_ id: String, _ definition: Definition, _ request: BridgeSolveRequest) {
        var result = BridgeResult(), reference = BridgeResult.Reference()
        (reference.id, reference.definition) = (id, definition)
        if request.takesReference { result.ref = reference } else { result.oldRef = id }
        if request.takesResult { self.result = result } else { ref = id }
    }

    /// Tells of what was built, by these names: of one thing, or of one for each platform as exporters of BuildKit's want it (exptypes.Platforms).
    init(_ results: [Build.Result], _ ids: [String], _ request: BridgeSolveRequest) throws {
        var result = BridgeResult(), references: [String: BridgeResult.Reference] = [:], platforms: [JSONValue] = []
        for (built, id) in zip(results, ids) {
            var reference = BridgeResult.Reference()
            (reference.id, reference.definition) = (id, Definition(result: id))
            let name = "\(built.platform)", config = "containerimage.config"
            var platform: JSONObject = ["architecture": .string(built.platform.architecture), "os": .string(built.platform.os)]
            if let variant = built.platform.variant { platform["variant"] = .string(variant) }
            platforms.append(.object(["ID": .string(name), "Platform": .object(platform)]))
            result.metadata[results.count == 1 ? config : "\(config)/\(name)"] = try built.document()
            references[name] = reference
        }
        result.metadata["refs.platforms"] = JSONValue.object(["Platforms": .array(platforms)]).compact
        if results.count > 1 {
            result.refs = BridgeResult.References()
            result.refs?.refs = references
        } else if request.takesReference {
            result.ref = references.first?.value
        } else {
            result.oldRef = ids.first ?? ""
        }
        if request.takesResult { self.result = result } else { ref = ids.first ?? "" }
    }
}
