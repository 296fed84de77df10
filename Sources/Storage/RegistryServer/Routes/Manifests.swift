internal import Archive
internal import AsyncIO
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI

// `/v2/<name>/manifests/<reference>`
extension RegistryAPI {
    func manifest(_ reference: ManifestReference, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let request = exchange.request
        let found: StoredManifest
        if let upstream {
            guard let read = try await upstream.manifest(reference, in: name) else { throw unknown(reference, name) }
            found = read
        } else if request.method == .head, case .digest(let digest) = reference, !store.isReadOnly {
            let pusher = exchange.pusher
            guard let read = try await call({ try $0.manifest(digest, in: name, for: pusher) }) else { throw unknown(reference, name) }
            found = read
        } else if let known = store.knownManifest(reference, in: name) {
            found = known
        } else {
            guard let read = try await call({ try $0.manifest(reference, in: name) }) else { throw unknown(reference, name) }
            found = read
        }
        let chosen = try await negotiate(found, reference, name, request.headers)
        let digest = chosen.digest.description
        var headers: HeaderFields = [
            "Content-Type": chosen.mediaType, "Content-Length": "\(chosen.bytes.count)", RegistryHeader.contentDigest: digest, "Etag": "\"\(digest)\"",
        ]
        if request.headers.tokens("If-None-Match").contains(where: { $0 == "\"\(digest)\"" || $0 == digest || $0 == "*" }) {
            headers["Content-Length"] = nil
            return Response(304, headers: headers)
        }
        return Response(200, headers: headers, body: request.method == .head ? .empty : .bytes(chosen.bytes))
    }

    private func unknown(_ reference: ManifestReference, _ name: RepositoryName) -> Refusal {
        switch reference {
        case .tag(let tag): Refusal(.manifestUnknown, detail: .object(["Tag": .string(tag)]))
        case .digest(let digest): Refusal(.manifestUnknown, detail: .object(["Name": .string(name.description), "Revision": .string(digest.description)]))
        }
    }

    /// What fits `Accept`, as Docker's registry sees it: Docker's own types are given out to anyone, OCI's only to who knows them, and
    /// a list that a client does not know is taken for its image for linux/amd64. A client that says nothing, or `*/*`, gets what is there.
    private func negotiate(
        _ found: StoredManifest, _ reference: ManifestReference, _ name: RepositoryName, _ headers: HeaderFields
    ) async throws -> StoredManifest {
        let accepted = headers.tokens("Accept").map { $0.prefix { $0 != ";" && $0 != " " } }
        if accepted.isEmpty || accepted.contains(where: { $0 == found.mediaType || $0 == "*/*" || $0 == "application/*" }) { return found }
        switch found.mediaType {
        case MediaType.manifest: throw Refusal(.manifestUnknown, "OCI manifest found, but accept header does not support OCI manifests")
        case MediaType.index: throw Refusal(.manifestUnknown, "OCI index found, but accept header does not support OCI indexes")
        case MediaType.dockerManifestList:
            // A list that we cannot read goes out as it is.
            guard case .tag = reference, let list = try? Document.decode(Index.self, from: found.bytes, what: "manifest list") else { return found }
            guard let image = list.manifests.first(where: { $0.platform?.os == "linux" && $0.platform?.architecture == "amd64" }),
                let chosen = try await named(image.digest, name)
            else { throw unknown(reference, name) }
            return chosen
        default: return found
        }
    }

    private func named(_ digest: Digest, _ name: RepositoryName) async throws -> StoredManifest? {
        if let upstream { return try await upstream.manifest(.digest(digest), in: name) }
        return try await call { try $0.manifest(.digest(digest), in: name) }
    }

    func putManifest(_ reference: ManifestReference, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let request = exchange.request
        let bytes: [UInt8]
        do { bytes = try await request.body.collect(limit: ManifestCheck.sizeLimit) } catch let error as HTTPError where error.status == 413 {
            throw Refusal(.manifestInvalid, "manifest larger than \(ManifestCheck.sizeLimit) bytes", status: 413)
        }
        if let length = request.body.length, length != UInt64(bytes.count) { throw Refusal(.sizeInvalid) }
        let contentType = request.headers["Content-Type"]
        var tags = request.query.all("tag")
        guard tags.count <= 64, tags.allSatisfy({ if case .tag = ManifestReference($0) { true } else { false } }) else { throw Refusal(.tagInvalid, "invalid tag") }
        var expected: Digest?
        switch reference {
        case .tag(let tag): tags = [tag]
        case .digest(let digest): expected = digest
        }
        let asked = expected, named = tags, pusher = exchange.pusher, platforms = configuration.listedPlatforms, urls = configuration.layerURLs
        let (digest, subject) = try await call { store in
            let manifest = try ManifestCheck.check(bytes, contentType: contentType)
            try urls?.check(manifest)
            guard let algorithm = asked.map({ $0.hasherAlgorithm }) ?? .sha256 else { throw RegistryError(.digestInvalid, "unsupported digest algorithm") }
            let digest = ContentHasher.digest(bytes, algorithm)
            if let asked, asked != digest { throw RegistryError(.digestInvalid) }
            try store.put(bytes, manifest, digest: digest, tags: named, in: name, by: pusher) { reference in
                guard let platforms, reference.kind == .manifest else { return true }
                return platforms.contains { $0.os == reference.platform?.os && $0.architecture == reference.platform?.architecture }
            }
            return (digest, manifest.subject)
        }
        var headers: HeaderFields = [
            "Location": exchange.locations.url(.manifest(name, .digest(digest))), RegistryHeader.contentDigest: digest.description,
        ]
        if let subject { headers[RegistryHeader.subject] = subject.description }
        if expected != nil { for tag in tags { headers.append(RegistryHeader.tag, tag) } }
        return Response(201, headers: headers)
    }

    func deleteManifest(_ reference: ManifestReference, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        guard configuration.deletesEnabled else { throw Refusal(.unsupported) }
        let isDeleted = try await call { store in
            switch reference {
            case .tag(let tag): try store.deleteTag(tag, in: name)
            case .digest(let digest): try store.deleteManifest(digest, in: name)
            }
        }
        guard isDeleted else { throw unknown(reference, name) }
        return Response(202)
    }
}
