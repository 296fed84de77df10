internal import AsyncIO
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI

// `/v2/<name>/blobs/uploads/` and below.
extension RegistryAPI {
    /// How much of a body is gathered before it is written and hashed, in bytes; as much again is on its way meanwhile.
    private static let blockBytes = 1 << 20

    func beginUpload(_ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let query = exchange.request.query, pusher = exchange.pusher
        if let text = query["mount"] {
            let source = query["from"].flatMap { RepositoryName($0) }
            // A mount from nowhere in particular would tell of repositories that the client may not see.
            if let digest = Digest(text), source != nil || (query["from"] == nil && access.isOpen),
                try await call({ try $0.mount(digest, from: source, into: name, by: pusher) }) != nil
            {
                return created(digest, name, exchange)
            }
        }
        let wanted = query["digest"]
        if let wanted, Digest(wanted)?.hasherAlgorithm == nil { throw Refusal(.digestInvalid, "invalid digest", detail: .string(String(wanted.prefix(160)))) }
        if let algorithm = query["digest-algorithm"], !["sha256", "sha384", "sha512"].contains(algorithm) {
            throw Refusal(.digestInvalid, "unsupported digest algorithm", detail: .string(String(algorithm.prefix(40))))
        }
        let upload = try await call { store in
            let upload = try store.beginUpload(in: name)
            if let algorithm = query["digest-algorithm"] { upload.expect(algorithm) }
            return upload
        }
        guard let digest = wanted.flatMap({ Digest($0) }) else { return accepted(upload, exchange) }
        // All in one request; what does not arrive whole is of no use to anyone.
        do {
            return try await claimed(upload) {
                upload.expect(digest.algorithm)
                try await receive(exchange.request, into: upload)
                return try await finish(upload, digest, name, exchange)
            }
        } catch {
            // The purge takes what stays; the first error is the one to tell.
            try? await call { try $0.cancel(upload) }
            throw error
        }
    }

    func uploadStatus(_ id: UploadID, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        var response = accepted(try await upload(id, name), exchange)
        response.status = 204
        return response
    }

    func patchUpload(_ id: UploadID, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let upload = try await upload(id, name)
        return try await claimed(upload) {
            try checkRange(exchange.request, upload, exchange)
            try await receive(exchange.request, into: upload)
            return accepted(upload, exchange)
        }
    }

    func finishUpload(_ id: UploadID, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let upload = try await upload(id, name)
        guard let text = exchange.request.query["digest"] else { throw Refusal(.digestInvalid, detail: .string("digest missing")) }
        guard let digest = Digest(text), digest.hasherAlgorithm != nil else { throw Refusal(.digestInvalid, detail: .string("digest parsing failed")) }
        return try await claimed(upload) {
            try checkRange(exchange.request, upload, exchange)
            if upload.size == 0 { upload.expect(digest.algorithm) }
            try await receive(exchange.request, into: upload)
            return try await finish(upload, digest, name, exchange)
        }
    }

    func cancelUpload(_ id: UploadID, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let upload = try await upload(id, name)
        try await call { try $0.cancel(upload) }
        return Response(204, headers: [RegistryHeader.uploadID: id.description])
    }

    // MARK: - Parts

    private func upload(_ id: UploadID, _ name: RepositoryName) async throws -> Upload {
        guard let upload = try await call({ try $0.upload(id, in: name) }) else { throw Refusal(.blobUploadUnknown) }
        return upload
    }

    /// For one request at a time: two that both append would make something that neither meant.
    private func claimed(_ upload: Upload, _ body: () async throws -> Response) async throws -> Response {
        guard upload.claim() else { throw Refusal(.rangeInvalid, "another request is adding to this upload") }
        defer { upload.giveUp() }
        return try await body()
    }

    private func finish(_ upload: Upload, _ digest: Digest, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let pusher = exchange.pusher
        try await call { try $0.commit(upload, as: digest, by: pusher) }
        return created(digest, name, exchange)
    }

    /// `Content-Range: <first>-<last>`, not the form of RFC 9110: the next byte wanted must be the first that comes.
    private func checkRange(_ request: Request, _ upload: Upload, _ exchange: Exchange) throws {
        guard var text = request.headers["Content-Range"].map({ $0[...] }) else { return }
        if text.hasPrefix("bytes ") { text = text.dropFirst(6).prefix { $0 != "/" } }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        func wrong(_ code: RegistryErrorCode) -> Refusal {
            Refusal(code, headers: ["Location": location(upload, exchange), "Range": range(upload), RegistryHeader.uploadID: upload.id.description])
        }
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]), last >= first, first == UInt64(clamping: upload.size) else {
            throw wrong(.rangeInvalid)
        }
        if let length = request.body.length, length != last - first + 1 { throw wrong(.sizeInvalid) }
    }

    /// Writes the body to the upload; the next block is gathered while one is written. What came before the client broke off stays.
    private func receive(_ request: Request, into upload: Upload) async throws {
        let source = request.body
        var count: UInt64 = 0
        var (block, cause) = await gather(source)
        while !block.isEmpty {
            let bytes = block
            count += UInt64(bytes.count)
            async let written: Void = AsyncIO.offload { try upload.append(bytes) }
            if cause == nil { (block, cause) = await gather(source) } else { block = [] }
            try await written
        }
        if let cause { throw cause }
        if let length = source.length, length != count { throw Refusal(.sizeInvalid) }
    }

    /// Nothing at the end. With what ended it when that is not the end that was to be.
    private func gather(_ source: RequestBody) async -> (block: [UInt8], cause: (any Error)?) {
        var block: [UInt8] = []
        do {
            while block.count < Self.blockBytes, let more = try await source.next() {
                if block.isEmpty {
                    block = more
                } else {
                    block.reserveCapacity(Self.blockBytes + more.count)
                    block += more
                }
            }
        } catch { return (block, error) }
        return (block, nil)
    }

    private func location(_ upload: Upload, _ exchange: Exchange) -> String {
        exchange.locations.url(.upload(upload.repository, id: upload.id.description))
    }

    /// Inclusive at both ends; an upload without bytes says `0-0` too.
    private func range(_ upload: Upload) -> String { "0-\(max(upload.size, 1) - 1)" }

    private func accepted(_ upload: Upload, _ exchange: Exchange) -> Response {
        Response(
            202, headers: ["Location": location(upload, exchange), "Range": range(upload), RegistryHeader.uploadID: upload.id.description])
    }

    private func created(_ digest: Digest, _ name: RepositoryName, _ exchange: Exchange) -> Response {
        Response(
            201, headers: ["Location": exchange.locations.url(.blob(name, digest)), RegistryHeader.contentDigest: digest.description])
    }
}
