internal import AsyncIO
internal import Containers
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Values

extension Context {
    /// GET /containers/{id}/stats: one sample with what was before it, or one each second.
    func containerStats(_ request: Request) async throws -> Response {
        let id = request.capture("id")
        let first = try await call { try $0.containers.statistics(id) }
        // Not given means a stream.
        let isStream = request.query["stream"] == nil || request.query.flag("stream")
        if !isStream {
            // What the processors did is told by two samples, a moment apart.
            if request.query.flag("one-shot") || first.read == .never { return try .json(first) }
            try await AsyncIO.sleep(.milliseconds(250))
            return try .json(try await call { try $0.containers.statistics(id) }.after(first))
        }
        return Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { output in
                var sample = first
                while true {
                    try await output.write(try JSON.encode(sample) + [10])
                    try await AsyncIO.sleep(.seconds(1))
                    let before = sample
                    do {
                        sample = try await call { try $0.containers.statistics(first.id) }.after(before)
                    } catch let fault as Fault where fault.kind == .notFound { return }
                }
            })
    }
}

extension ContainerStats {
    /// With the sample before it.
    fileprivate func after(_ before: ContainerStats) -> ContainerStats {
        var result = self
        result.preread = before.read
        result.precpuStats = before.cpuStats
        return result
    }
}
