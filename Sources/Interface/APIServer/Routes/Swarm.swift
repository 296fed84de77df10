internal import Diagnostics
internal import HTTP
internal import HTTPTransport

extension Context {
    /// Swarms are not Davit's (overlays need none, and clusters are others' work): clients are told what Docker's engine tells them where
    /// there is none, which is what tools look for.
    static let swarm: [Route] =
        ["swarm", "nodes", "services", "tasks", "secrets", "configs"].flatMap { place in
            [Method.get, .post, .delete].flatMap { method in
                [none(method, "/\(place)"), none(method, "/\(place)/{rest:.*}")]
            }
        }

    private static func none(_ method: Method, _ pattern: String) -> Route {
        Route(method, pattern) { request in
            switch request.path.split(separator: "/").last {
            case "init", "join": throw Fault(.notImplemented, "swarm mode is not supported: overlay networks work without it")
            case "leave": throw Fault(.unavailable, "This node is not part of a swarm")
            default:
                throw Fault(
                    .unavailable,
                    "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.")
            }
        }
    }
}
