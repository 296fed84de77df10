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
        let lines = JSONValue.object([
            "start": .object(["line": JSONValue(place.lines.lowerBound)]), "end": .object(["line": JSONValue(place.lines.upperBound)]),
        ])
        let source = JSONValue.object([
            "info": .object(["filename": .string(place.file), "data": .string(Base64.encode(Array(place.text.utf8))), "language": .string("Dockerfile")]),
            "ranges": .array([lines]),
        ])
        return RPCDetail(type: "github.com/moby/buildkit/errdefs.Source+json", value: source.compact)
    }
}
