internal import AsyncIO
internal import BuildKitAPI
internal import Diagnostics
package import Engine
internal import HTTP
package import HTTPTransport
internal import HostNames
internal import Values
internal import Volumes

/// Docker's Engine API on top of an engine: the same responder for the command line in this process and for sockets.
package struct API: Sendable {
    private let router: Router
    /// What another API has and this one refuses.
    private let refused: Router
    private let commonHeaders: HeaderFields

    /// `isReadOnly`: nothing can be changed through it, and no files come out of containers and images.
    package init(_ engine: Engine, isReadOnly: Bool = false) {
        let routes = Context(engine: engine, buildKit: BuildKit(engine)).routes
        router = Router(isReadOnly ? routes.filter(\.isForReaders) : routes)
        refused = Router(isReadOnly ? routes : [])
        commonHeaders = [
            "Api-Version": APIVersion.newest.description, "Docker-Experimental": "false", "Ostype": "linux",
            "Server": "Davit/\(Engine.version) (linux)",
        ]
    }

    /// Answers one request; errors become responses here.
    package func respond(to request: Request) async -> Response {
        var response: Response
        do {
            response = try await route(request)
        } catch {
            response = FaultStatus.response(error)
        }
        // A stream that is handed over speaks for itself.
        if case .upgrade = response.body { return response }
        for field in commonHeaders.fields where response.headers[field.name] == nil { response.headers.append(field.name, field.value) }
        return response
    }

    private func route(_ request: Request) async throws -> Response {
        let (version, path) = try APIVersion.split(request.path)
        guard let (action, captures) = router.find(request.method, path) else {
            if refused.find(request.method, path) != nil { throw Fault(.forbidden, "\(request.method) \(path) is not answered here: this address is read-only") }
            return FaultStatus.response(404, "page not found")
        }
        var request = request
        request.captures = captures
        request.captures[APIVersion.capture] = version.description
        return try await action(request)
    }
}

/// What every route works on.
struct Context: Sendable {
    let engine: Engine
    let buildKit: BuildKit

    /// Calls a service, which may block, on a thread apart.
    func call<Result: Sendable>(_ body: @escaping @Sendable (Engine) throws -> Result) async throws -> Result {
        let engine = engine
        // A container may have one file server after another.
        for _ in 0..<64 {
            do { return try await AsyncIO.offload { try body(engine) } } catch let unknown as UnknownServer {
                engine.volumes.remember(await Self.address(of: unknown), of: unknown.name)
            }
        }
        throw Fault(.invalid, "a container's volumes lie on too many servers")
    }

    /// As Docker has it: of version 4 where there is one.
    private static func address(of server: UnknownServer) async -> Result<IPAddress, Fault> {
        do {
            let found = try await HostNames.shared.addresses(of: server.name)
            if let address = found.first(where: { $0.family == .v4 }) ?? found.first { return .success(address) }
            return .failure(Fault(.internal, "\(server)"))
        } catch { return .failure(Fault(.internal, "error resolving passed in network volume address: \(error)")) }
    }
}
