internal import AsyncIO
internal import BuildKitAPI
internal import Builder
internal import Diagnostics
internal import DockerAPI
internal import Engine
internal import HTTP
internal import HTTPTransport
internal import Images
internal import JSON
internal import Synchronization

extension Context {
    /// POST /build
    func build(_ request: Request) async throws -> Response {
        let wanted = try await request.build(), remote = request.parameter("remote"), builder = engine.builder
        if let id = request.parameter("buildid"), BuildKit.isUpload(id) {
            try await buildKit.upload(request.body, as: id)
            return Response()
        }
        if let session = request.parameter("session") { return buildForSession(session, wanted, request) }
        let (messages, sender) = AsyncStream.makeStream(of: JSONMessage.self)
        let backlog = Backlog()
        let build = try await builder.prepare(wanted, remote: remote, body: request.body) { message in
            try backlog.add()
            if case .terminated = sender.yield(message) { throw CancellationError() }
        }
        return Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        defer { sender.finish() }
                        do { try await build.perform { sender.yield($0) } } catch { sender.yield(Build.message(error)) }
                    }
                    defer {
                        backlog.end()
                        group.cancelAll()
                    }
                    for await message in messages {
                        try await writer.write(JSON.encode(message) + [13, 10])
                        backlog.taken()
                    }
                    try await group.waitForAll()
                }
            })
    }

    /// The same for a client that has the files, and is told of all in BuildKit's words.
    private func buildForSession(_ session: String, _ wanted: BuildRequest, _ request: Request) -> Response {
        let id = request.parameter("buildid") ?? "", remote = request.parameter("remote"), outputs = request.parameter("outputs"), buildKit = buildKit
        return Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { writer in
                do {
                    try await buildKit.build(wanted, remote: remote, session: session, id: id, outputs: outputs) { try await writer.write($0.compact + [13, 10]) }
                } catch { try await writer.write(JSON.encode(Build.message(error)) + [13, 10]) }
            })
    }

    /// POST /build/cancel
    func cancelBuild(_ request: Request) async throws -> Response {
        guard let id = request.parameter("id") else { throw Fault(.invalid, "build ID not provided") }
        try await buildKit.cancel(id)
        return Response()
    }

    /// POST /build/prune
    func pruneBuildCache(_ request: Request) async throws -> Response {
        let all = request.query.flag("all"), filters = try request.filters()
        let keep = try request.number("reserved-space") ?? request.number("keep-storage") ?? 0
        return try .json(await call { try $0.builder.prune(all: all, filters: filters, keep: keep) })
    }
}

extension Request {
    /// The parameters of a build.
    fileprivate func build() async throws -> BuildRequest {
        var build = BuildRequest()
        build.style = query["version"] == "2" ? .buildKit : .classic
        build.tags = query.all("t").filter { !$0.isEmpty }
        build.dockerfile = parameter("dockerfile") ?? "Dockerfile"
        build.arguments = try decode("buildargs", "build args") ?? [:]
        build.labels = try decode("labels", "labels") ?? [:]
        build.target = query["target"] ?? ""
        build.platforms = try platforms()
        build.ignoresCache = query.flag("nocache")
        build.cacheSources = try decode("cachefrom", "build cache sources") ?? []
        build.pulls = query.flag("pull")
        build.isQuiet = query.flag("q")
        build.removes = query.flag("rm", default: true) || build.style == .buildKit
        build.removesFailed = query.flag("forcerm")
        if query.flag("squash") { throw Fault(.invalid, "squash is only supported with experimental mode") }
        build.networkMode = parameter("networkmode") ?? "default"
        build.extraHosts = query.all("extrahosts").flatMap { $0.split(separator: ",").map(String.init) }
        build.shmSize = try number("shmsize") ?? 0
        build.resources.memory = try number("memory") ?? 0
        build.resources.memorySwap = try number("memswap") ?? 0
        build.resources.cpuShares = try number("cpushares") ?? 0
        build.resources.cpuPeriod = try number("cpuperiod") ?? 0
        build.resources.cpuQuota = try number("cpuquota") ?? 0
        build.resources.cpusetCpus = query["cpusetcpus"] ?? ""
        build.resources.cpusetMems = query["cpusetmems"] ?? ""
        build.resources.cgroupParent = query["cgroupparent"] ?? ""
        build.resources.ulimits = try decode("ulimits", "ulimit settings")
        build.securityOptions = try decode("securityopt", "security options") ?? []
        // What is no credentials is none, as for a pull.
        build.credentials = headers["X-Registry-Config"].flatMap { try? AuthConfig.decodeAll(header: $0) } ?? [:]
        if let inputs = body.document as? BuildInputs {
            build.inputs = inputs
        } else if let header = headers[BuildInputs.header] {
            do { build.inputs = try BuildInputs.decode(header: header) } catch { throw Fault(.invalid, "invalid \(BuildInputs.header) header", cause: error) }
        }
        build.cacheImports = try build.inputs.cacheSources.map { try CachePlace($0) }
        build.cacheExports = try build.inputs.cacheTargets.map { try CachePlace($0) }
        build.annotations = try ImageAnnotations(flags: build.inputs.annotations)
        try build.attest(context: parameter("remote"))
        // Directories of this machine are for whoever is in this process.
        if body.document == nil, (build.cacheImports + build.cacheExports).contains(where: { $0.type == "local" }) {
            throw Fault(.invalid, "a cache in a directory is for builds of a directory by an engine in the same process")
        }
        return build
    }

    private func decode<Value: Decodable>(_ name: String, _ what: String) throws -> Value? {
        // Some clients say so that they have none.
        guard let text = parameter(name), text != "null" else { return nil }
        do { return try JSON.decode(Value.self, from: text) } catch { throw Fault(.invalid, "error reading \(what): \(error)", cause: error) }
    }
}

extension BuildRequest {
    /// Takes what attestations are asked for, and tells them of the request in BuildKit's words.
    fileprivate mutating func attest(context: String?) throws {
        for text in inputs.attestations {
            guard let type = text.split(separator: ",").first(where: { $0.hasPrefix("type=") }) else { throw Fault(.invalid, "attestation type not specified") }
            let rest = text.split(separator: ",").filter { $0 != type }.joined(separator: ",")
            try attestations.add(String(type.dropFirst("type=".utf8.count)), rest)
        }
        var parameters = ["filename": dockerfile]
        for (name, value) in arguments { if let value { parameters["build-arg:\(name)"] = value } }
        for (name, value) in labels { parameters["label:\(name)"] = value }
        for (name, place) in inputs.contexts { parameters["context:\(name)"] = place.contains("://") ? place : "local:\(name)" }
        if !target.isEmpty { parameters["target"] = target }
        if ignoresCache { parameters["no-cache"] = "" }
        parameters["context"] = context
        attestations.parameters = parameters
    }
}

/// How many messages wait for a client: a build that writes faster than it reads waits for it.
private final class Backlog: Sendable {
    private static let limit: Int64 = 10_000
    private let added = Mutex<Int64>(0)
    private let read = Mutex<Int64>(0)
    private let watermark = Watermark()

    /// Blocks while too many wait. Throws when nobody reads any more.
    func add() throws {
        let number = added.withLock { added in
            added += 1
            return added
        }
        if number > Self.limit { _ = try watermark.wait(past: number - Self.limit - 1) }
    }

    func taken() {
        let level = read.withLock { read in
            read += 1
            return read
        }
        watermark.rise(to: level)
    }

    func end() { watermark.fail(CancellationError()) }
}
