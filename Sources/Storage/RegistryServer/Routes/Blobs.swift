internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux
internal import OCI

// `/v2/<name>/blobs/<digest>`
extension RegistryAPI {
    func blob(_ digest: Digest, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let request = exchange.request
        let isHead = request.method == .head
        // Who only asks whether it is here will not send it: it must stay.
        let pusher = isHead && !store.isReadOnly ? exchange.pusher : nil
        let found = try await find(digest, name, pusher, isHead)
        let size = UInt64(clamping: found.size), tag = "\"\(digest)\""
        var headers: HeaderFields = [
            "Content-Type": "application/octet-stream", "Content-Length": "\(size)", RegistryHeader.contentDigest: digest.description, "Etag": tag,
            "Cache-Control": "max-age=31536000", "Accept-Ranges": "bytes",
        ]
        if request.headers.tokens("If-None-Match").contains(where: { $0 == tag || $0 == "*" }) {
            headers["Content-Length"] = nil
            return Response(304, headers: headers)
        }
        let isSame = request.headers["If-Range"].map { $0 == tag } ?? true
        switch isSame ? ByteRange.read(request.headers.all("Range"), size: size) : .whole {
        case .whole: return Response(200, headers: headers, body: found.body(0..<size))
        case .part(let range):
            headers["Content-Length"] = "\(range.count)"
            headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return Response(206, headers: headers, body: found.body(range))
        case .unsatisfiable: throw Refusal(.rangeInvalid, headers: ["Content-Range": "bytes */\(size)"])
        }
    }

    /// Here, or on its way from the registry that this one caches.
    private func find(_ digest: Digest, _ name: RepositoryName, _ pusher: Pusher?, _ isHead: Bool) async throws -> FoundBlob {
        if let (blob, file) = try await call({ store in try openBlob(digest, name, pusher, isHead, store) }) {
            return FoundBlob(size: blob.size, content: file.map { .file($0) } ?? .none)
        }
        if let upstream, isHead {
            if let size = try await upstream.size(of: digest, in: name) { return FoundBlob(size: size, content: .none) }
        } else if let download = try await upstream?.download(digest, in: name) {
            return FoundBlob(size: download.size, content: .download(download))
        }
        throw unknownBlob(digest)
    }

    func unknownBlob(_ digest: Digest) -> Refusal { Refusal(.blobUnknown, detail: .string(digest.description)) }

    func deleteBlob(_ digest: Digest, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        guard configuration.deletesEnabled else { throw Refusal(.unsupported) }
        guard try await call({ try $0.deleteBlob(digest, in: name) }) else { throw unknownBlob(digest) }
        return Response(202)
    }
}

/// A blob, wherever its bytes come from.
private struct FoundBlob: Sendable {
    var size: Int64
    var content: Content

    enum Content: Sendable {
        /// Nobody wants it.
        case none
        case file(OpenFile)
        case download(BlobDownload)
    }

    func body(_ range: Range<UInt64>) -> Response.Body {
        switch content {
        case .none: .empty
        case .file(let file): .file(file, offset: range.lowerBound, length: UInt64(range.count))
        case .download(let download): download.body(Int64(clamping: range.lowerBound)..<Int64(clamping: range.upperBound))
        }
    }
}

/// For HEAD the file stays closed.
private func openBlob(
    _ digest: Digest, _ name: RepositoryName, _ pusher: Pusher?, _ isHead: Bool, _ store: RegistryStore
) throws -> (RegistryStore.Blob, OpenFile?)? {
    guard let blob = try store.blob(digest, in: name, for: pusher) else { return nil }
    if isHead { return (blob, nil) }
    // It may have been deleted between the two.
    guard let file = try store.open(blob) else { return nil }
    return (blob, file)
}

/// A `Range` field: RFC 9110 §14.2.
package enum ByteRange: Equatable {
    case whole
    case part(Range<UInt64>)
    case unsatisfiable

    /// Of several ranges, or of what is none, nothing is heeded, as the RFC allows.
    package static func read(_ values: [String], size: UInt64) -> ByteRange {
        guard values.count == 1, values[0].hasPrefix("bytes="), !values[0].contains(",") else { return .whole }
        let parts = values[0].dropFirst("bytes=".count).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .whole }
        func number(_ text: Substring) -> UInt64? { text.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? UInt64(text) : nil }
        if parts[0].isEmpty {
            guard let count = number(parts[1]) else { return .whole }
            return count == 0 || size == 0 ? .unsatisfiable : .part(size - min(count, size)..<size)
        }
        guard let first = number(parts[0]) else { return .whole }
        guard first < size else { return .unsatisfiable }
        if parts[1].isEmpty { return .part(first..<size) }
        guard let last = number(parts[1]), last >= first else { return .whole }
        return .part(first..<min(last, size - 1) + 1)
    }
}
