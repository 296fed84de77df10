internal import HTTP
internal import HTTPTransport
internal import JSON
internal import OCI

// Lists, a page at a time: `_catalog`, `tags/list`, `referrers`.
extension RegistryAPI {
    func catalog(_ exchange: Exchange) async throws -> Response {
        let limit = try pageSize(exchange.request.query, most: configuration.catalogLimit)
        var all = try await call { try $0.catalog() }.map(\.description)
        if let allowed = access.visible(to: exchange.user) { all = all.filter(allowed) }
        let (page, last) = page(all, exchange.request.query, limit ?? configuration.catalogLimit)
        var response = try json(Catalog(repositories: page))
        if let last { response.headers["Link"] = exchange.locations.next(.catalog, ["last": last, "n": "\(limit ?? configuration.catalogLimit)"]) }
        return response
    }

    func tags(_ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let asked = try pageSize(exchange.request.query, most: nil)
        var found = await upstream?.tags(of: name)
        if found == nil { found = try await call { try $0.tags(of: name) } }
        guard let all = found else { throw unknownName(name) }
        let limit = min(asked ?? .max, configuration.tagsLimit)
        let (page, last) = page(all, exchange.request.query, limit)
        var response = try json(TagList(name: name.description, tags: page))
        if let last { response.headers["Link"] = exchange.locations.next(.tags(name), ["last": last, "n": "\(limit)"]) }
        return response
    }

    func referrers(_ subject: Digest, _ name: RepositoryName, _ exchange: Exchange) async throws -> Response {
        let query = exchange.request.query
        // A plus sign that nobody encoded has become a space, which no media type has.
        let artifactType = query["artifactType"].flatMap { $0.isEmpty ? nil : $0.replacing(" ", with: "+") }
        let last = query["last"].flatMap { Digest($0) }
        let limit = min(try pageSize(query, most: nil) ?? .max, RegistryStore.referrersPage)
        if let others = await upstream?.referrers(of: subject, in: name, artifactType: artifactType) {
            var response = try json(Index(manifests: others), type: MediaType.index)
            if artifactType != nil { response.headers[RegistryHeader.filtersApplied] = "artifactType" }
            return response
        }
        let (found, hasMore) = try await call { try $0.referrers(of: subject, in: name, artifactType: artifactType, after: last, limit: limit) }
        var response = try json(Index(manifests: found), type: MediaType.index)
        if artifactType != nil { response.headers[RegistryHeader.filtersApplied] = "artifactType" }
        if hasMore, let end = found.last {
            var next: Query = ["last": end.digest.description, "n": "\(limit)"]
            if let artifactType { next.append("artifactType", artifactType) }
            response.headers["Link"] = exchange.locations.next(.referrers(name, subject), next)
        }
        return response
    }

    func unknownName(_ name: RepositoryName) -> Refusal { Refusal(.nameUnknown, detail: .object(["name": .string(name.description)])) }

    private func json(_ value: some Encodable, type: String = "application/json") throws -> Response {
        Response(200, headers: ["Content-Type": type], body: .bytes(try JSON.encode(value) + [10]))
    }

    /// `n`; nil when it is not given.
    private func pageSize(_ query: Query, most: Int?) throws -> Int? {
        guard let text = query["n"], !text.isEmpty else { return nil }
        guard let number = Int(text), number >= 0, number <= most ?? .max else { throw Refusal(.paginationNumberInvalid, detail: .object(["n": .string(String(text.prefix(40)))])) }
        return number
    }

    /// At most `limit` names from the first after `last` on; the last of them when there are more.
    private func page(_ names: [String], _ query: Query, _ limit: Int) -> (page: [String], last: String?) {
        var rest = names[...]
        if let last = query["last"], !last.isEmpty {
            rest = rest.drop { !last.utf8.lexicographicallyPrecedes($0.utf8) }
        }
        let page = Array(rest.prefix(limit))
        return (page, page.count < rest.count ? page.last : nil)
    }
}
