import AsyncIO
import HTTP2
import Linux
import Protobuf
import RPC

/// A client of BuildKit's protocol, as small as one can be: it serves one directory and some secrets, asks for a build, and takes what comes.
struct BuildKitClient: Sendable {
    let socket: String
    /// Files of the context and of the Dockerfile's directory: the name, and what is in it.
    var files: [String: String] = [:]
    var secrets: [String: String] = [:]

    /// What came of a build.
    struct Outcome: Sendable {
        var answer: [String: String] = [:]
        /// Names of steps, and what they wrote.
        var names: [String] = []
        var cached: [String] = []
        var output = ""
        var warnings: [(text: String, line: Int)] = []
        /// Files that were exported.
        var exported: [String: [UInt8]] = [:]
    }

    struct Text: ProtobufMessage {
        var first = ""

        init() {}
        init(_ first: String) { self.first = first }

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &first) }
    }

    private struct Exporter: ProtobufMessage {
        var type = ""
        var attributes: [String: String] = [:]

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &type)
            try f(2, &attributes)
        }
    }

    private struct Solve: ProtobufMessage {
        var ref = "", session = "", frontend = ""
        var options: [String: String] = [:]
        var exporters: [Exporter] = []
        var answer: [String: String] = [:]

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &ref)
            try f(5, &session)
            try f(6, &frontend)
            try f(7, &options)
            try f(13, &exporters)
        }
    }

    private struct Answer: ProtobufMessage {
        var values: [String: String] = [:]

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &values) }
    }

    private struct Warning: ProtobufMessage {
        struct Range: ProtobufMessage {
            struct Position: ProtobufMessage {
                var line = 0
                mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &line) }
            }
            var start: Position?
            mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &start) }
        }
        var text: [UInt8] = []
        var ranges: [Range] = []

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(3, &text)
            try f(7, &ranges)
        }
    }

    private struct Status: ProtobufMessage {
        var steps: [Step] = []
        var logs: [Log] = []
        var warnings: [Warning] = []

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &steps)
            try f(3, &logs)
            try f(4, &warnings)
        }
    }

    /// A call of the gateway, and what is known of its result.
    private struct Question: ProtobufMessage {
        var frontend = ""
        var options: [String: String] = [:]
        var takesResult = true, takesReference = true

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(2, &frontend)
            try f(3, &options)
            try f(5, &takesResult)
            try f(6, &takesReference)
        }
    }

    private struct Reply: ProtobufMessage {
        struct Result: ProtobufMessage {
            var metadata: [String: [UInt8]] = [:]
            mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(10, &metadata) }
        }
        var result: Result?

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(3, &result) }
    }

    private struct Step: ProtobufMessage {
        var name = ""
        var isCached = false

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(3, &name)
            try f(4, &isCached)
        }
    }

    private struct Log: ProtobufMessage {
        var text: [UInt8] = []

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(4, &text) }
    }

    /// One message of the transfer of a directory.
    struct Packet: ProtobufMessage {
        var kind = 0, id = 0
        var entry: Entry?
        var data: [UInt8] = []

        init(_ kind: Int = 0, id: Int = 0, entry: Entry? = nil, data: [UInt8] = []) { (self.kind, self.id, self.entry, self.data) = (kind, id, entry, data) }
        init() { self.init(0) }

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &kind)
            try f(2, &entry)
            try f(3, &id)
            try f(4, &data)
        }
    }

    struct Entry: ProtobufMessage {
        var path = ""
        var mode = 0o644
        var size = 0
        var link = ""

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &path)
            try f(2, &mode)
            try f(5, &size)
            try f(7, &link)
        }
    }

    // MARK: Connections

    private func open(_ path: String, _ headers: [String] = []) async throws -> AsyncConnection {
        let connection = try await AsyncConnection.connect(unix: socket)
        let head = ["POST \(path) HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: h2c"] + headers
        try await connection.writeAll(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let piece = try await connection.read()
            guard !piece.isEmpty else { throw RPCStatus(.unavailable, String(decoding: bytes, as: UTF8.self)) }
            bytes += piece
        }
        guard bytes.starts(with: Array("HTTP/1.1 101 ".utf8)), let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw RPCStatus(.unavailable, String(decoding: bytes, as: UTF8.self))
        }
        connection.unread(Array(bytes[end.upperBound...]))
        return connection
    }

    /// Calls the engine with `body`.
    func call<Result: Sendable>(_ body: @escaping @Sendable (RPCConnection) async throws -> Result) async throws -> Result {
        let connection = try RPCConnection(try await open("/grpc"), .client)
        return try await Self.with(connection, { throw RPCStatus(.unimplemented, $0.path) }, body)
    }

    private static func with<Result: Sendable>(
        _ connection: RPCConnection, _ serve: @escaping @Sendable (RPCCall) async throws -> Void, _ body: @escaping @Sendable (RPCConnection) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run(serve) }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(connection)) } catch { result = .failure(error) }
            connection.end()
            while try await group.next() != nil {}
            return try result.get()
        }
    }

    // MARK: A build

    /// Asks for a build of the context. Throws the engine's `RPCStatus`.
    func build(_ options: [String: String] = [:], exporter: String = "moby", _ attributes: [String: String] = [:], tunnelled: Bool = false) async throws -> Outcome {
        let name = "s\(UInt64.random(in: 0 ... .max))", exported = Exported()
        let serve: @Sendable (RPCCall) async throws -> Void = { try await answer($0, exported) }
        return try await call { engine in
            let (near, far) = try AsyncConnection.pair()
            let session = tunnelled ? near : try await open("/session", ["X-Docker-Expose-Session-Uuid: \(name)"])
            return try await withThrowingTaskGroup(of: Void.self) { group in
                if tunnelled { group.addTask { try await Self.tunnel(far, name, engine) } }
                defer { group.cancelAll() }
                return try await Self.with(try RPCConnection(session, .server), serve) { _ in
                    var request = Solve(), exporting = Exporter()
                    (request.ref, request.session, request.frontend, request.options) = ("r\(name)", name, "dockerfile.v0", options)
                    (exporting.type, exporting.attributes) = (exporter, attributes)
                    request.exporters = [exporting]
                    let asked = request
                    async let outcome = Self.follow("r\(name)", engine)
                    let answer = try await engine.call("/moby.buildkit.v1.Control/Solve", asked, as: Answer.self)
                    var result = try await outcome
                    (result.answer, result.exported) = (answer.values, await exported.files)
                    return result
                }
            }
        }
    }

    /// Asks about the Dockerfile, as clients do that steer their builds.
    func ask(_ question: String) async throws -> [String: String] {
        let name = "s\(UInt64.random(in: 0 ... .max))", exported = Exported()
        let serve: @Sendable (RPCCall) async throws -> Void = { try await answer($0, exported) }
        return try await call { engine in
            try await Self.with(try RPCConnection(try await open("/session", ["X-Docker-Expose-Session-Uuid: \(name)"]), .server), serve) { _ in
                var solve = Solve(), asked = Question()
                (solve.ref, solve.session) = ("r\(name)", name)
                (asked.frontend, asked.options) = ("dockerfile.v0", ["requestid": question])
                let begun = solve
                async let whole = engine.call("/moby.buildkit.v1.Control/Solve", begun, as: Answer.self)
                let steering = try engine.call("/moby.buildkit.v1.frontend.LLBBridge/Solve", metadata: [HTTP2Field("buildkit-controlapi-buildid", "r\(name)")])
                try await steering.send(asked)
                try steering.finish()
                let reply = try await steering.receive(Reply.self)
                let ending = try engine.call("/moby.buildkit.v1.frontend.LLBBridge/Return", metadata: [HTTP2Field("buildkit-controlapi-buildid", "r\(name)")])
                try await ending.send(Text())
                try ending.finish()
                _ = try await whole
                return (reply?.result?.metadata ?? [:]).mapValues { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    private static func follow(_ ref: String, _ engine: RPCConnection) async throws -> Outcome {
        let call = try engine.call("/moby.buildkit.v1.Control/Status")
        try await call.send(Text(ref))
        try call.finish()
        var outcome = Outcome()
        while let status = try await call.receive(Status.self) {
            for step in status.steps where !outcome.names.contains(step.name) { outcome.names.append(step.name) }
            for step in status.steps where step.isCached && !outcome.cached.contains(step.name) { outcome.cached.append(step.name) }
            outcome.warnings += status.warnings.map { (String(decoding: $0.text, as: UTF8.self), $0.ranges.first?.start?.line ?? 0) }
            outcome.output += status.logs.map { String(decoding: $0.text, as: UTF8.self) }.joined()
        }
        return outcome
    }

    /// A connection in a call.
    private static func tunnel(_ connection: AsyncConnection, _ name: String, _ engine: RPCConnection) async throws {
        let call = try engine.call("/moby.buildkit.v1.Control/Session", metadata: [HTTP2Field("x-docker-expose-session-uuid", name)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { while let message = try await call.receive(Packet.Bytes.self) { try await connection.writeAll(message.data) } }
            group.addTask { while case let bytes = try await connection.read(), !bytes.isEmpty { try await call.send(Packet.Bytes(bytes)) } }
            defer {
                connection.close()
                group.cancelAll()
            }
            try await group.next()
        }
    }

    // MARK: What the engine asks for

    private actor Exported {
        var files: [String: [UInt8]] = [:]
        func add(_ path: String, _ bytes: [UInt8]) { files[path, default: []] += bytes }
    }

    private func answer(_ call: RPCCall, _ exported: Exported) async throws {
        switch call.path {
        case "/moby.filesync.v1.FileSync/DiffCopy": try await send(call)
        case "/moby.filesync.v1.FileSend/DiffCopy": try await receive(call, exported)
        case "/moby.buildkit.secrets.v1.Secrets/GetSecret":
            let id = try await call.request(Text.self).first
            guard let secret = secrets[id] else { throw RPCStatus(.notFound, "no secret \(id)") }
            try await call.send(Text(secret))
        default: throw RPCStatus(.unimplemented, call.path)
        }
    }

    /// All files whose names are asked for, and the directories that they are in.
    private func send(_ call: RPCCall) async throws {
        let wanted = call.values("followpaths")
        let chosen = files.keys.filter { name in wanted.isEmpty || wanted.contains { name == $0 || name.hasPrefix("\($0)/") } }
        let names = Set(chosen + chosen.compactMap { name in name.lastIndex(of: "/").map { String(name[..<$0]) } }).sorted()
        for name in names {
            var entry = Entry()
            (entry.path, entry.size) = (name, files[name]?.utf8.count ?? 0)
            if files[name] == nil { entry.mode = 1 << 31 | 0o755 }
            try await call.send(Packet(0, entry: entry))
        }
        try await call.send(Packet())
        while let packet = try await call.receive(Packet.self) {
            switch packet.kind {
            case 1:
                guard names.indices.contains(packet.id) else { throw RPCStatus(.invalidArgument, "no such file") }
                let bytes = Array((files[names[packet.id]] ?? "").utf8)
                if !bytes.isEmpty { try await call.send(Packet(2, id: packet.id, data: bytes)) }
                try await call.send(Packet(2, id: packet.id))
            case 3: return try await call.send(Packet(3))
            default: throw RPCStatus(.unknown, String(decoding: packet.data, as: UTF8.self))
            }
        }
    }

    /// Asks for all files of what is exported, but links of other names.
    private func receive(_ call: RPCCall, _ exported: Exported) async throws {
        var paths: [Int: String] = [:], count = 0, open = 0, isTold = false
        while let packet = try await call.receive(Packet.self) {
            switch packet.kind {
            case 0:
                if let entry = packet.entry {
                    if entry.mode < 0o1000, entry.link.isEmpty {
                        paths[count] = entry.path
                        open += 1
                        try await call.send(Packet(1, id: count))
                    }
                    count += 1
                } else {
                    isTold = true
                }
            case 2:
                if packet.data.isEmpty { open -= 1 } else { await exported.add(paths[packet.id] ?? "?", packet.data) }
            case 3: return
            default: throw RPCStatus(.unknown, String(decoding: packet.data, as: UTF8.self))
            }
            if isTold, open == 0 { try await call.send(Packet(3)) }
        }
    }
}

extension BuildKitClient.Packet {
    /// Bytes of a stream.
    struct Bytes: ProtobufMessage {
        var data: [UInt8] = []

        init() {}
        init(_ data: [UInt8]) { self.data = data }

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &data) }
    }
}
