internal import Archive
internal import Diagnostics
internal import HTTP
package import HTTPTransport
package import OCI

/// A blob on its way in.
package struct BlobStream: Sendable {
    /// The first byte's place in the blob: what was asked for, or 0 when the registry gives no parts.
    package var offset: Int64
    /// Bytes of the whole blob, when the registry says so.
    package var size: Int64?
    package var body: ResponseStream
}

extension Repository {
    /// The size of a blob in bytes; nil when the repository has none of that digest.
    package func size(of digest: Digest) async throws -> Int64? {
        do {
            let response = try await registry.send(Call(.head, .path(RegistryEndpoint.blob(name, digest).path), scopes: pull))
            await response.body.drop()
            return response.headers["Content-Length"].flatMap { Int64($0) } ?? 0
        } catch let fault as Fault where fault.kind == .notFound { return nil }
    }

    /// Begins to read a blob, from `offset` on where the registry can. The caller verifies what it gets.
    package func blob(_ digest: Digest, from offset: Int64 = 0) async throws -> BlobStream {
        var call = Call(.get, .path(RegistryEndpoint.blob(name, digest).path), scopes: pull)
        call.mayUseMirrors = true
        if offset > 0 { call.headers["Range"] = "bytes=\(offset)-" }
        return try Self.stream(try await registry.send(call), offset)
    }

    /// A blob that a manifest says is to be had elsewhere, as foreign layers are. No credentials go there.
    package func blob(at address: String, from offset: Int64 = 0) async throws -> BlobStream {
        let url: URL
        do throws(HTTPError) { url = try URL(address) } catch { throw Fault(.invalid, "invalid address of a layer: \(error.message)") }
        var call = Call(.get, .url(url, server: nil))
        if offset > 0 { call.headers["Range"] = "bytes=\(offset)-" }
        return try Self.stream(try await registry.send(call), offset)
    }

    private static func stream(_ response: ClientResponse, _ offset: Int64) throws -> BlobStream {
        guard response.status == 206 else {
            return BlobStream(offset: 0, size: response.body.length.map { Int64(clamping: $0) }, body: response.body)
        }
        // `bytes 100-199/200`: RFC 9110 §14.4.
        guard let range = response.headers["Content-Range"], range.hasPrefix("bytes "), let dash = range.firstIndex(of: "-"),
            let start = Int64(range[range.index(range.startIndex, offsetBy: 6)..<dash]), start >= 0, start <= offset
        else { throw Fault(.invalid, "the registry gives another part of a blob than was asked for") }
        let total = range.lastIndex(of: "/").flatMap { Int64(range[range.index(after: $0)...]) }
        return BlobStream(offset: start, size: total, body: response.body)
    }

    /// Makes the repository have a blob that another one of the same registry has, without sending it. False when the registry would
    /// rather have it sent.
    package func mount(_ digest: Digest, from other: RepositoryName) async throws -> Bool {
        let query: Query = ["mount": digest.description, "from": other.description]
        var call = Call(.post, .path(RegistryEndpoint.uploads(name).path, query), scopes: push.union([.pull(other)]))
        call.mayRepeat = false
        let response = try await registry.send(call)
        await response.body.drop()
        if response.status == 201 { return true }
        // It has begun an upload instead, which nobody will go on with.
        if let location = response.headers["Location"], let url = try? response.url.resolving(location) {  // No address: nothing to cancel.
            _ = try? await registry.send(Call(.delete, .url(url, server: registry.server(of: url)), scopes: push))  // It ends by itself after a time.
        }
        return false
    }

    /// Removes a blob.
    package func deleteBlob(_ digest: Digest) async throws {
        let response = try await registry.send(Call(.delete, .path(RegistryEndpoint.blob(name, digest).path), scopes: [.delete(name)]))
        await response.body.drop()
    }
}

extension Repository {
    /// Gives a blob piece by piece to `each`. Throws when all of it is not what the digest says, which is known at its end only.
    package func read(_ digest: Digest, _ each: ([UInt8]) async throws -> Void) async throws {
        guard let algorithm = ContentHasher.Algorithm(rawValue: digest.algorithm) else { throw Fault(.invalid, "unsupported digest algorithm: \(digest.algorithm)") }
        let hasher = ContentHasher(algorithm)
        let stream = try await blob(digest)
        while let piece = try await stream.body.next() {
            hasher.update(piece)
            try await each(piece)
        }
        guard hasher.finish() == digest else { throw Fault(.invalid, "\(description): what came is not \(digest)") }
    }
}
