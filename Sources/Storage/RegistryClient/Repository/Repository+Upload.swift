internal import AsyncIO
internal import Diagnostics
internal import HTTP
package import HTTPTransport
package import OCI

extension Repository {
    /// Sends a blob of `size` bytes: in one piece, and after a cut what the registry says that it lacks. `body` makes the stream of its bytes
    /// from an offset on, again if the server first asks who we are. The registry verifies the digest.
    package func upload(_ digest: Digest, size: Int64, _ body: @escaping @Sendable (_ offset: Int64) throws -> RequestBody) async throws {
        var place = try await beginUpload()
        var offset: Int64 = 0, farthest: Int64 = 0, attempt = 1
        while true {
            do {
                if offset > 0, offset < size {
                    // distribution-spec, "Pushing a blob in chunks"; RFC 9110 has another form.
                    let start = offset
                    place = try self.place(try await call(.patch, place, range: "\(start)-\(size - 1)") { try body(start) })
                    offset = size
                }
                if offset == 0 { try await finish(place, digest) { try body(0) } } else { try await finish(place, digest) { .empty } }
                return
            } catch let fault as Fault where fault.kind == .unavailable && attempt < registry.settings.attempts {
                try await AsyncIO.sleep(Backoff.pause(before: attempt))
                // The answer alone may have been lost.
                if try await self.size(of: digest) != nil { return }
                let reached = try await progress(of: place, size: size)
                // As long as something arrives each time it is worth going on.
                attempt = reached.offset > farthest ? 1 : attempt + 1
                (place, offset) = reached
                farthest = max(farthest, offset)
            }
        }
    }

    private func beginUpload() async throws -> URL {
        let begun = try await registry.send(Call(.post, .path(RegistryEndpoint.uploads(name).path), scopes: push))
        await begun.body.drop()
        return try place(begun)
    }

    private func place(_ response: ClientResponse) throws -> URL {
        guard let location = response.headers["Location"] else { throw Fault(.invalid, "\(description): the registry does not say where to upload to") }
        do throws(HTTPError) { return try response.url.resolving(location) } catch {
            throw Fault(.invalid, "\(description): invalid place to upload to: \(error.message)")
        }
    }

    private func call(_ method: Method, _ place: URL, range: String? = nil, _ body: (@Sendable () throws -> RequestBody)? = nil) async throws -> ClientResponse {
        var call = Call(method, .url(place, server: registry.server(of: place)), scopes: push)
        if let range { call.headers["Content-Range"] = range }
        if let body {
            call.headers["Content-Type"] = "application/octet-stream"
            call.body = .made(body)
            // Part of it may have arrived.
            call.mayRepeat = false
        }
        let response = try await registry.send(call)
        await response.body.drop()
        return response
    }

    private func finish(_ place: URL, _ digest: Digest, _ body: @escaping @Sendable () throws -> RequestBody) async throws {
        var place = place
        place.appendQuery("digest", digest.description)
        _ = try await call(.put, place, body)
    }

    /// How far an upload has come, by the registry's word; a new one when it knows nothing of it, or of no byte for sure.
    private func progress(of place: URL, size: Int64) async throws -> (place: URL, offset: Int64) {
        do {
            let response = try await call(.get, place)
            // `0-99`, or `bytes=0-99`; `0-0` may be one byte or none.
            let last = response.headers["Range"]?.split(separator: "-").last.flatMap { Int64($0) } ?? 0
            if last > 0, last < size { return (response.headers["Location"] == nil ? place : try self.place(response), last + 1) }
        } catch let fault as Fault where fault.kind == .notFound || fault.kind == .invalid {}
        return (try await beginUpload(), 0)
    }
}
