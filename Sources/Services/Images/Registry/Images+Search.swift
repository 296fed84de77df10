internal import Diagnostics
package import DockerAPI
internal import OCI
package import RegistryClient

extension Images {
    /// What `docker search` gives when nobody says how many, and the most it gives.
    private static let searchDefault = 25, searchLimit = 100

    /// Repositories of Docker Hub, or for `host/term` of another registry, that have to do with `term`. `filters` may have `is-official`,
    /// `is-automated` and `stars` (at least so many).
    package func search(_ term: String, limit: Int?, filters: Filters, credentials: RegistryCredentials?) async throws -> [ImageSearchItem] {
        let limit = limit.flatMap { $0 == 0 ? nil : $0 } ?? Self.searchDefault
        guard (1...Self.searchLimit).contains(limit) else { throw Fault(.invalid, "limit \(limit) is outside the range of [1, 100]") }
        let wanted: (official: Bool?, automated: Bool?, stars: Int)
        do throws(Filters.Invalid) {
            try filters.validate(["is-automated", "is-official", "stars"])
            wanted = (try filters.flag("is-official"), try filters.flag("is-automated"), try Self.stars(filters["stars"]))
        } catch { throw Fault(.invalid, error.description) }
        guard !term.contains("://") else { throw Fault(.invalid, "invalid repository name (\(term)): must not contain a scheme") }
        // Docker Hub builds nothing by itself any more.
        if wanted.automated == true { return [] }
        let settings = try RegistrySettings.load()
        let (domain, rest) = Self.searchPlace(term)
        let registry = try Registry(domain, credentials: credentials, settings: settings, client: settings.client())
        return try await registry.search(rest, limit: limit).filter { hit in
            hit.starCount >= wanted.stars && wanted.official.map { $0 == hit.isOfficial } ?? true
        }.map { ImageSearchItem(description: $0.description, isOfficial: $0.isOfficial, name: $0.name, starCount: $0.starCount) }
    }

    private static func stars(_ texts: [String]) throws(Filters.Invalid) -> Int {
        var least = 0
        for text in texts {
            guard let number = Int(text) else { throw Filters.Invalid(description: "invalid filter 'stars=\(text)'") }
            least = max(least, number)
        }
        return least
    }

    /// The registry to search, and for what.
    static func searchPlace(_ term: String) -> (domain: String, term: String) {
        let slash = term.firstIndex(of: "/") ?? term.startIndex
        let first = term[..<slash]
        let isHost = first == "localhost" || first.contains(".") || first.contains(":")
        var rest = isHost ? String(term[term.index(after: slash)...]) : term
        let domain = isHost ? RegistryAddress.domain(of: String(first)) : Reference.defaultDomain
        guard domain == Reference.defaultDomain else { return (domain, rest) }
        if rest.hasPrefix("library/") { rest.removeFirst("library/".count) }
        return (Registry.hubSearch, rest)
    }
}
