internal import AsyncIO
internal import Containers
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux

extension Context {
    /// POST /containers/{id}/wait: the head goes out as soon as the wait is noted, so that a client can start the container then.
    func waitForContainer(_ request: Request) async throws -> Response {
        let id = request.capture("id"), text = request.parameter("condition") ?? WaitCondition.notRunning.rawValue
        guard let condition = WaitCondition(rawValue: text) else { throw Fault(.invalid, "invalid condition: \"\(text)\"") }
        let handle = try await call { try $0.containers.wait(id, condition: condition) }
        return Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { output in
                // On the loop rather than on a thread, however long it takes.
                if let connection = handle.connection { try await AsyncIO.readable(connection.descriptor) }
                var result: ContainerWaitResponse
                do {
                    result = try await AsyncIO.offload { try handle.result() }
                } catch let fault as Fault {
                    // Too late for a status.
                    result = ContainerWaitResponse(statusCode: 0, error: ContainerWaitError(message: fault.message))
                }
                try await output.write(try JSON.encode(result) + [10])
            })
    }
}
