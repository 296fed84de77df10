internal import Archive
internal import AsyncIO
internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import JSON
package import OCI

/// A repository of a registry: its manifests, blobs and tags. A value that many tasks may use at once.
package struct Repository: Sendable {
    package let registry: Registry
    package let name: RepositoryName

    /// `localhost:5000/team/app`, as references have it.
    package var description: String { "\(registry.domain)/\(name)" }

    var pull: Set<Scope> { [.pull(name)] }
    var push: Set<Scope> { [.push(name)] }

    /// Names of tags in the registry's order, at most `count`, after `last`.
    package func tags(count: Int? = nil, after last: String? = nil) async throws -> NamePage {
        try await registry.page(.tags(name), scope: .pull(name), count: count, after: last) { (answer: TagList) in answer.tags }
    }

    /// Every tag. Throws when there are more than `limit`.
    package func allTags(limit: Int = 100_000) async throws -> [String] {
        var all: [String] = [], last: String?
        repeat {
            let page = try await tags(after: last)
            all += page.names
            guard all.count <= limit else { throw Fault(.invalid, "\(description) has more than \(limit) tags") }
            // A page that says that it is followed by itself would never end.
            last = page.next == last ? nil : page.next
        } while last != nil
        return all
    }

    /// What refers to a manifest: signatures, attestations and the like. From a registry without that call the tag that stands in for
    /// it is read; an empty index where there is none. See distribution-spec, "Listing Referrers".
    package func referrers(to digest: Digest, artifactType: String? = nil) async throws -> Index {
        var query: Query = [:]
        if let artifactType { query.append("artifactType", artifactType) }
        do {
            var call = Call(.get, .path(RegistryEndpoint.referrers(name, digest).path, query), scopes: pull)
            call.headers["Accept"] = MediaType.index
            let response = try await registry.send(call)
            let index = try await Document.decode(Index.self, from: response.body.collect(limit: Document.limit), what: "list of referrers")
            return response.headers.tokens(RegistryHeader.filtersApplied).contains("artifacttype") ? index : Self.filtered(index, artifactType)
        } catch let fault as Fault where fault.kind == .notFound {
            do {
                let found = try await manifest(.tag(digest.referrersTag))
                return Self.filtered(try Document.decode(Index.self, from: found.bytes, what: "list of referrers"), artifactType)
            } catch let fault as Fault where fault.kind == .notFound {
                return Index(manifests: [])
            }
        }
    }

    private static func filtered(_ index: Index, _ artifactType: String?) -> Index {
        guard let artifactType else { return index }
        var index = index
        index.manifests.removeAll { $0.artifactType != artifactType }
        return index
    }
}

extension Registry {
    /// One page of a list; the next one's place is in the `Link` field. See distribution-spec, "Content Discovery".
    func page<Answer: Decodable>(
        _ endpoint: RegistryEndpoint, scope: Scope, count: Int?, after last: String?, _ names: (Answer) -> [String]
    ) async throws -> NamePage {
        var query: Query = [:]
        if let count { query.append("n", "\(count)") }
        if let last { query.append("last", last) }
        let response = try await send(Call(.get, .path(endpoint.path, query), scopes: [scope]))
        let bytes = try await response.body.collect(limit: Self.listLimit)
        let answer: Answer
        do { answer = try JSON.decode(Answer.self, from: bytes) } catch {
            throw Fault(.invalid, "\(domain): the answer to \(endpoint.path) is no list: \(error)", cause: error)
        }
        return NamePage(names: names(answer), next: response.headers["Link"].flatMap { Self.last($0, response.url) })
    }

    /// Bytes of a list that are read.
    private static let listLimit = 64 << 20

    /// The parameter `last` of the link that is the next page.
    private static func last(_ link: String, _ url: URL) -> String? {
        guard link.contains("rel=\"next\"") || link.contains("rel=next"), let start = link.firstIndex(of: "<"),
            let end = link[start...].firstIndex(of: ">"),
            // A link that is none ends the list.
            let next = try? url.resolving(String(link[link.index(after: start)..<end])), let text = next.query, let query = try? Query(parsing: text)
        else { return nil }
        return query["last"]
    }
}
