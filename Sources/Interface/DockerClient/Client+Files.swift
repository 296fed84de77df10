package import DockerAPI
internal import HTTP
package import HTTPTransport
internal import JSON
internal import Values

extension Client {
    /// HEAD /containers/{id}/archive; nil when there is nothing at the path.
    package func pathStatus(_ id: String, path: String) async throws -> PathStat? {
        do {
            return try Self.pathStatus(try await send(Request(.head, "/containers/\(id)/archive", query: ["path": path])))
        } catch let error as APIError where error.status == 404 {
            // An answer to HEAD has no words: without the container there is nothing to copy either.
            _ = try await inspectContainer(id)
            return nil
        }
    }

    /// What is at the path, as a tar stream.
    package func readPath(_ id: String, path: String) async throws -> (status: PathStat, archive: Response) {
        let response = try await get("/containers/\(id)/archive", ["path": path])
        return (try Self.pathStatus(response), response)
    }

    /// Unpacks a tar in the directory at the path.
    package func writePath(_ id: String, path: String, _ archive: RequestBody, copiesOwner: Bool) async throws {
        let query: Query = .of(("path", path), ("noOverwriteDirNonDir", "true"), ("copyUIDGID", flag(copiesOwner)))
        let request = Request(.put, "/containers/\(id)/archive", query: query, headers: ["Content-Type": "application/x-tar"], body: archive)
        _ = try await send(request).collect(limit: 1 << 20)
    }

    private static func pathStatus(_ response: Response) throws -> PathStat {
        guard let bytes = Base64.decode(response.headers["X-Docker-Container-Path-Stat"] ?? "") else {
            throw ConnectionFailure("unable to decode container path stat header")
        }
        return try JSON.decode(PathStat.self, from: bytes)
    }
}
