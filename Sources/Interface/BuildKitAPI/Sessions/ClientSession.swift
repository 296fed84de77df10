internal import AsyncIO
internal import Builder
internal import Diagnostics
internal import DockerAPI
internal import HTTP
internal import HTTP2
internal import HTTPTransport
internal import Linux
internal import Protobuf
internal import RPC

/// A client that answers on the connection that it has given us.
struct ClientSession: Sendable {
    let connection: RPCConnection
    private static let pieceBytes = 32 << 10

    /// Begins a call of one of its services.
    func call(_ path: String, _ metadata: [HTTP2Field] = []) throws -> RPCCall { try connection.call(path, metadata: metadata) }

    /// Fields of metadata; what is not ASCII is encoded as in an address, which another field says.
    static func metadata(_ name: String, _ values: [String]) -> [HTTP2Field] {
        if values.allSatisfy({ $0.utf8.allSatisfy { (0x20..<0x7f).contains($0) } }) { return values.map { HTTP2Field(name, $0) } }
        return values.map { HTTP2Field(name, PercentEncoding.encode($0)) } + [HTTP2Field("\(name)-encoded", "1")]
    }

    /// Copies files of one of its directories into an empty directory. `progress` gets the bytes that have come.
    func receive(_ name: String, _ files: ClientFiles, into path: String, _ progress: (Int) -> Void) async throws {
        let metadata = [HTTP2Field("dir-name", name)] + Self.metadata("followpaths", files.paths) + Self.metadata("exclude-patterns", files.ignored)
        let call = try call("/moby.filesync.v1.FileSync/DiffCopy", metadata)
        defer { call.cancel() }
        try await withTaskCancellationHandler {
            try await TreeReceiver(call, into: OpenFile(try FileDescriptor.open(path, [.directory]))).run(progress)
        } onCancel: {
            call.cancel()
        }
    }

    /// Takes a stream of bytes that it offers.
    func download(_ path: String, to file: String) async throws {
        let call = try call("/moby.upload.v1.Upload/Pull", Self.metadata("urlpath", [path]) + [HTTP2Field("urlhost", "buildkit-session")])
        defer { call.cancel() }
        try call.finish()
        let output = OpenFile(try FileDescriptor.open(file, [.writeOnly, .create, .exclusive], mode: 0o600))
        while let piece = try await call.receive(BytesMessage.self) { try await AsyncIO.offload { try output.descriptor.writeAll(piece.data) } }
    }

    /// Gives it a file that `write` writes; `exporter` is the place among those that were asked for.
    func send(exporter: Int, _ write: @escaping @Sendable (consuming FileDescriptor) throws -> Void) async throws {
        let call = try call("/moby.filesync.v1.FileSend/DiffCopy", [HTTP2Field("buildkit-attachable-exporter-id", "\(exporter)")])
        defer { call.cancel() }
        try await Response(body: .written(by: write)).forEachPiece { bytes in
            for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
                try await call.send(BytesMessage(Array(bytes[start..<min(start + Self.pieceBytes, bytes.count)])))
            }
        }
        try call.finish()
        // Its status follows.
        while try await call.receive() != nil {}
    }

    /// Gives it a directory.
    func send(exporter: Int, directory: OpenFile, _ progress: @escaping @Sendable (Int) -> Void) async throws {
        let call = try call("/moby.filesync.v1.FileSend/DiffCopy", [HTTP2Field("buildkit-attachable-exporter-id", "\(exporter)")])
        defer { call.cancel() }
        try await TreeSender(call, directory).run(progress)
    }

    /// Nil when it has none of that name.
    func secret(_ id: String) async throws -> [UInt8]? {
        var request = SecretRequest()
        request.id = id
        do {
            return try await connection.call("/moby.buildkit.secrets.v1.Secrets/GetSecret", request, as: BytesMessage.self).data
        } catch let status as RPCStatus where [.notFound, .unimplemented].contains(status.code) { return nil }
    }

    /// Nil when it has nothing for that registry.
    func credentials(for host: String) async throws -> AuthConfig? {
        var request = CredentialsRequest()
        // Docker's clients know their hub by this name.
        request.host = host == "docker.io" ? "registry-1.docker.io" : host
        do {
            let answer = try await connection.call("/moby.filesync.v1.Auth/Credentials", request, as: CredentialsResponse.self)
            var config = AuthConfig()
            if answer.username.isEmpty { config.identityToken = answer.secret } else { (config.username, config.password) = (answer.username, answer.secret) }
            return config.isEmpty ? nil : config
        } catch let status as RPCStatus where status.code == .unimplemented { return nil }
    }
}
