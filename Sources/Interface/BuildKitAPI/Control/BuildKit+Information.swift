internal import AsyncIO
internal import Builder
internal import DockerAPI
internal import Engine
internal import Images
internal import OCI
internal import Protobuf
internal import RPC

extension BuildKit {
    private var version: BuilderVersion {
        var version = BuilderVersion()
        (version.package, version.version, version.dockerfileVersion) = ("davit", "v\(Engine.version)", Builder.dockerfileVersion)
        return version
    }

    var info: InfoResponse {
        var info = InfoResponse()
        info.version = version
        return info
    }

    /// The one that there is. The label of a snapshotter tells buildx that images are OCI's in the store: then it offers archives and pushes
    /// straight from the build. That of the gateway is what `host-gateway` is for `--add-host`.
    var workers: ListWorkersResponse {
        get throws {
            var worker = Worker(), response = ListWorkersResponse()
            worker.id = "davit"
            worker.labels = ["org.mobyproject.buildkit.worker.executor": "davit", "org.mobyproject.buildkit.worker.snapshotter": "overlayfs"]
            worker.platforms = [WorkerPlatform(.host)]
            worker.version = version
            worker.labels["org.mobyproject.buildkit.worker.moby.host-gateway-ip"] = try engine.hostGateway()
            response.workers = [worker]
            return response
        }
    }

    func diskUsage(_ call: RPCCall) async throws {
        let images = engine.images
        var response = DiskUsageResponse()
        response.records = try await AsyncIO.offload { try images.buildCache() }.map { UsageRecord($0) }
        try await call.send(response)
    }

    func prune(_ call: RPCCall) async throws {
        let request = try await call.request(PruneRequest.self), engine = engine
        let gone = try await AsyncIO.offload {
            let before = try engine.images.buildCache()
            var filters = Filters()
            for text in request.filters where !text.isEmpty {
                guard let equals = text.firstIndex(of: "=") else { throw RPCStatus(.invalidArgument, "invalid filter \(text)") }
                let name = text[..<equals].filter { $0 != "=" && $0 != "~" }
                filters.add(String(name), String(text[text.index(after: equals)...].drop { $0 == "=" }))
            }
            if request.keepDuration > 0 { filters.add("until", "\(request.keepDuration / 1_000_000_000)s") }
            let report = try engine.builder.prune(all: request.all, filters: filters, keep: request.reservedSpace), names = Set(report.cachesDeleted ?? [])
            return before.filter { names.contains($0.id) }
        }
        for cache in gone { try await call.send(UsageRecord(cache)) }
    }
}

extension UsageRecord {
    fileprivate init(_ cache: BuildCache) {
        self.init()
        (id, isInUse, size, isShared) = (cache.id, cache.inUse, cache.size, cache.shared)
        (created, lastUsed, uses) = (Moment(cache.createdAt), cache.lastUsedAt.map { Moment($0) }, cache.usageCount)
        (description, type, parents) = (cache.description, cache.type, cache.parents ?? [])
    }
}

/// `grpc.health.v1.HealthCheckResponse`: 1 is well.
struct Health: ProtobufMessage {
    var status = 1

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &status) }
}
