package import Builder
package import HTTPTransport
internal import AsyncIO
internal import Diagnostics
package import JSON
internal import Linux
internal import Protobuf
internal import Synchronization
internal import Values

/// The body of a request that is the context of another one.
final class Upload: Sendable {
    private let body: RequestBody
    private let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init(_ body: RequestBody) {
        self.body = body
        (ends, end) = AsyncStream.makeStream(of: Void.self)
    }

    /// Writes it to a new file.
    func write(to path: String) async throws {
        defer { end.finish() }
        try await body.withDescriptor { input in
            let output = try FileDescriptor.open(path, [.writeOnly, .create, .exclusive], mode: 0o600)
            while case let bytes = try input.read(upTo: 256 << 10), !bytes.isEmpty { try output.writeAll(bytes) }
        }
    }

    func waitUntilTaken() async { for await _ in ends {} }
}

// Clients before buildx: they ask by `POST /build`, and answer on a session all the same.
extension BuildKit {
    /// What such a client says in place of an address when the context is on its session, or comes as another request.
    static let sessionRemote = "client-session"
    static let uploadRemote = "upload-request"

    /// Builds what the request says for the client of a session. `write` gets what it is told, as JSON.
    package func build(
        _ request: BuildRequest, remote: String?, session: String, id: String, outputs: String?, _ write: @escaping @Sendable (JSONValue) async throws -> Void
    ) async throws {
        var asked = SolveRequest()
        (asked.ref, asked.session, asked.frontend) = (id.isEmpty ? Identifier.random().description : id, session, "dockerfile.v0")
        asked.exporters = try Self.exporters(outputs, names: request.tags)
        let solve = asked, solving = Solving(solve, self)
        guard solves.add(solving, as: solve.ref) else { throw Fault(.conflict, "job ID \(solve.ref) exists") }
        defer { for old in history.add(solving, isListed: true) { solves.remove(old) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await status in solving.log.follow() {
                    try await write(.object(["id": .string("moby.buildkit.trace"), "aux": .string(Base64.encode(status.protobuf()))]))
                }
            }
            let options = FrontendOptions([:], uploads: uploads, upload: remote == Self.uploadRemote ? "\(Self.uploadRemote):\(id)" : nil)
            let result = try await solving.run(solve) { try await solving.build(request, remote: remote == Self.sessionRemote ? nil : remote, options) }
            try await group.waitForAll()
            if let image = result.exporterResponse["containerimage.config.digest"] ?? result.exporterResponse["containerimage.digest"] {
                try await write(.object(["id": .string("moby.image.id"), "aux": .object(["ID": .string(image)])]))
                if request.isQuiet { try await write(.object(["stream": .string("\(image)\n")])) }
            }
        }
    }

    /// Keeps a body until the build that it is for has read it.
    package func upload(_ body: RequestBody, as name: String) async throws {
        let upload = Upload(body)
        guard uploads.add(upload, as: name) else { throw Fault(.conflict, "\(name) exists") }
        defer { uploads.remove(name) }
        await upload.waitUntilTaken()
        try Task.checkCancellation()
    }

    /// Whether the name of a build says that its body is another one's.
    package static func isUpload(_ id: String) -> Bool { id.hasPrefix("\(uploadRemote):") }

    /// Ends a build.
    package func cancel(_ id: String) async throws {
        guard let solving = try await solves.value(id) else { throw Fault(.notFound, "no such job \(id)") }
        solving.cancel()
    }

    /// `[{"Type": "local", "Attrs": {}}]`; without one the engine keeps the image.
    private static func exporters(_ text: String?, names: [String]) throws -> [Exporter] {
        var exporter = Exporter()
        (exporter.type, exporter.attributes) = ("moby", ["name": names.joined(separator: ",")])
        guard let text, case .array(let list) = try JSONValue(parsing: Array(text.utf8)), let first = list.first else { return [exporter] }
        guard list.count == 1 else { throw Fault(.invalid, "multiple outputs not supported") }
        if let type = first["Type"]?.string { exporter.type = type }
        for member in first["Attrs"]?.object?.members ?? [] { exporter.attributes[member.name] = member.value.string ?? "" }
        return [exporter]
    }
}
