internal import Builder
internal import Diagnostics
internal import DockerAPI
internal import JSON
internal import RPC
internal import Values

/// Errors of builds as BuildKit's clients take them.
enum SolveFailure {
    static func message(_ error: any Error) -> String { Build.message(error).error }

    /// With the place in the Dockerfile, which clients show, when there is one.
    static func status(_ error: any Error, at place: Build.Place? = nil) -> RPCStatus {
        if let status = error as? RPCStatus { return status }
        if error is CancellationError { return RPCStatus(.canceled, "context canceled") }
        return RPCStatus(.unknown, message(error), details: (place ?? (error as? Fault)?.cause as? Build.Place).map { [detail($0)] } ?? [])
    }

    /// `errdefs.Source` of BuildKit, which is JSON inside.
    private static func detail(_ place: Build.Place) -> RPCDetail {
        let ranges = place.lines.map { line in
            let position = JSONValue.object(["line": JSONValue(line)])
            return JSONValue.object(["start": position, "end": position])
        }
        let info: JSONObject = [
            "filename": .string(place.file), "data": .string(Base64.encode(Array(place.text.utf8))), "definition": .object([:]), "language": .string("Dockerfile"),
        ]
        let source = JSONValue.object(["info": .object(info), "ranges": .array(ranges)])
        return RPCDetail(type: "github.com/moby/buildkit/errdefs.Source+json", value: source.compact)
    }
}
