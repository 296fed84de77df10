internal import Diagnostics
package import DockerAPI

extension Build {
    /// What the client is told of a build that failed.
    package static func message(_ error: any Error) -> JSONMessage {
        if let failure = error as? BuildFailure {
            return JSONMessage(error: failure.message, errorDetail: JSONErrorDetail(code: failure.code, message: failure.message))
        }
        let text = error is CancellationError ? "context canceled" : (error as? Fault)?.message ?? "\(error)"
        return JSONMessage(error: text, errorDetail: JSONErrorDetail(message: text))
    }
}
