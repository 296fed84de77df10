internal import Diagnostics
internal import DockerAPI
internal import HTTP
internal import HTTPTransport
internal import JSON

/// The one place where errors become statuses.
enum FaultStatus {
    static func status(_ kind: Fault.Kind) -> Int {
        switch kind {
        case .invalid: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .notModified: 304
        case .notImplemented: 501
        case .unavailable: 503
        case .internal: 500
        }
    }

    /// An error as clients see it: `{"message": …}`.
    static func response(_ error: any Error) -> Response {
        switch error {
        // What lies below an internal fault is all that can help with it; in the others the message says everything.
        case let fault as Fault: response(status(fault.kind), fault.kind == .internal ? fault.description : fault.message)
        case let error as HTTPError: response(error.status, error.message)
        case let error as Filters.Invalid: response(400, error.description)
        case is CancellationError: response(503, "the request was cancelled")
        default: response(500, "\(error)")
        }
    }

    static func response(_ status: Int, _ message: String) -> Response {
        if status == 304 { return Response(304) }
        var object = JSONObject()
        object.append("message", .string(message))
        return Response(
            status, headers: ["Content-Type": "application/json"], body: .bytes(JSONValue.object(object).compact + [10]))
    }
}
