internal import Diagnostics
internal import HTTP
internal import HTTPTransport
internal import JSON

/// One repository that a search has found, as Docker Hub's search of old describes it.
package struct SearchHit: Sendable, Hashable, Decodable {
    /// As it is to be pulled.
    package var name: String
    package var description: String
    package var starCount: Int
    package var isOfficial: Bool

    init(name: String) {
        self.name = name
        description = ""
        starCount = 0
        isOfficial = false
    }

    private enum CodingKeys: String, CodingKey {
        case name, description
        case starCount = "star_count"
        case isOfficial = "is_official"
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        name = Self.clean(try members.decode(String.self, forKey: .name))
        description = Self.clean(try members.decodeIfPresent(String.self, forKey: .description) ?? "")
        starCount = try members.decodeIfPresent(Int.self, forKey: .starCount) ?? 0
        isOfficial = try members.decodeIfPresent(Bool.self, forKey: .isOfficial) ?? false
    }

    /// Servers have no business with a terminal's control characters.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}

extension Registry {
    /// The server that Docker Hub is searched at.
    package static let hubSearch = "index.docker.io"

    private struct Answer: Decodable { var results: [SearchHit]? }

    /// Bytes of an answer that are read.
    private static let answerLimit = 8 << 20
    /// Names of a catalog that are looked through, and how many are asked for at once.
    private static let catalogLimit = 20_000, catalogPage = 1000

    /// Repositories that have to do with `term`, at most `limit`: what `GET /v1/search` finds, and where a registry has no such thing the
    /// names of its catalog with `term` in them.
    package func search(_ term: String, limit: Int) async throws -> [SearchHit] {
        do {
            let response = try await send(Call(.get, .path("/v1/search", ["q": term, "n": "\(limit)"])))
            let bytes = try await response.body.collect(limit: Self.answerLimit)
            // A page for people stands there in some registries.
            if let answer = try? JSON.decode(Answer.self, from: bytes) { return Array((answer.results ?? []).prefix(limit)) }
        } catch let fault as Fault where fault.kind == .notFound || fault.kind == .invalid {}
        return try await searchCatalog(term.lowercased(), limit: limit)
    }

    private func searchCatalog(_ term: String, limit: Int) async throws -> [SearchHit] {
        var hits: [SearchHit] = [], seen = 0
        var last: String?
        repeat {
            let page = try await catalog(count: Self.catalogPage, after: last)
            hits += page.names.filter { term.isEmpty || $0.contains(term) }.map { SearchHit(name: "\(domain)/\($0)") }
            seen += page.names.count
            last = page.names.isEmpty ? nil : page.next
        } while last != nil && hits.count < limit && seen < Self.catalogLimit
        return Array(hits.prefix(limit))
    }
}
