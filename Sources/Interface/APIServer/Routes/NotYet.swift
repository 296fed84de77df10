internal import Diagnostics
internal import HTTP
internal import HTTPTransport

extension Context {
    /// Calls that Docker has and Davit has not yet: they say so.
    static let notYet: [Route] = [
        notYet(.get, "/plugins", "plugins")
    ]

    private static func notYet(_ method: Method, _ pattern: String, _ what: String) -> Route {
        Route(method, pattern) { _ in throw Fault(.notImplemented, "\(what) is not available yet") }
    }
}
