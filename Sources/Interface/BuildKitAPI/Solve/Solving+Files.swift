internal import AsyncIO
internal import Builder
internal import Diagnostics
internal import Linux
internal import Protobuf
internal import RPC
internal import Values

// What clients look at before they build, such as the bake file of a repository, and of what they have built.
extension Solving {
    /// Bytes of a file that are given at most.
    private static let fileLimit = 16 << 20

    /// Fetches what a definition stands for that says only where files are from.
    func fetch(_ definition: Definition, _ request: BridgeSolveRequest) async throws -> BridgeSolveResponse {
        guard let address = definition.address else {
            throw RPCStatus(.unimplemented, "builds in low-level form (LLB) are not supported but for a single source of git or http: give a Dockerfile")
        }
        do {
            let id = keep(try await builder.fetch(address, for: client(FrontendOptions([:]))))
            return BridgeSolveResponse(id, definition, request)
        } catch { throw SolveFailure.status(error) }
    }

    func read(_ request: ReadFileRequest) async throws -> BytesMessage {
        let root = try await root(of: request.ref)
        return try await look(request.path) {
            let file = try root.descriptor.open(request.path, [.readOnly, .nonBlocking], resolve: [.inRoot, .noMagicLinks])
            guard try file.status().kind == .regular else { throw RPCStatus(.invalidArgument, "\(request.path) is not a regular file") }
            guard let range = request.range else { return BytesMessage(try file.readToEnd(limit: Self.fileLimit)) }
            let length = range.length > 0 ? min(range.length, Self.fileLimit) : Self.fileLimit
            return BytesMessage(try file.read(upTo: length, at: Int64(max(0, range.offset))))
        }
    }

    func status(_ request: StatFileRequest) async throws -> StatFileResponse {
        let root = try await root(of: request.ref)
        return try await look(request.path) {
            let status = try root.descriptor.open(request.path, [.path], resolve: [.inRoot, .noMagicLinks]).status()
            var response = StatFileResponse(), entry = FileEntry()
            entry.path = request.path.split(separator: "/").last.map(String.init) ?? ""
            entry.mode = GoFileMode(status).value
            (entry.user, entry.group, entry.modified) = (Int(status.user), Int(status.group), Int(status.modified.nanoseconds))
            entry.size = status.kind == .regular ? Int(status.size) : 0
            response.entry = entry
            return response
        }
    }

    private func look<Value: Sendable>(_ path: String, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        do { return try await AsyncIO.offload(body) } catch let error as SyscallError where [.noEntry, .notDirectory].contains(error.errno) {
            throw RPCStatus(.notFound, "\(path): no such file or directory")
        }
    }
}
