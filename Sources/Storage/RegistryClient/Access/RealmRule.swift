internal import HTTP
internal import Values

/// Which server may be shown a registry's credentials when that registry names it as the place to get tokens from.
///
/// A registry that keeps its word names its own host or one of the same site, as Docker Hub (`registry-1.docker.io`) names
/// `auth.docker.io`. One that names a host of somebody else is broken or broken into: without credentials that host is asked all the
/// same, with them the request is refused, unless the machine's settings say that it belongs to the registry (`trusted-realms`).
/// Credentials that would cross the network in the clear go only where the registry itself is reached in the clear by the machine's
/// settings, and to the same host.
struct RealmRule {
    var registry: URL.Origin
    /// Hosts from the settings.
    var trusted: [String] = []

    func maySeeCredentials(_ realm: URL.Origin) -> Bool {
        guard realm.scheme == .https else { return registry.scheme == .http && realm.host == registry.host }
        if realm.host == registry.host || trusted.contains(where: { $0.lowercased() == realm.host }) { return true }
        guard IPAddress(realm.host) == nil, IPAddress(registry.host) == nil else { return false }
        return Self.site(realm.host) == Self.site(registry.host)
    }

    /// The part of a name that one owner has: its last two labels, or three where the second last is a registry's own (`co.uk`).
    static func site(_ host: String) -> String {
        let labels = host.split(separator: ".")
        guard labels.count > 2, let last = labels.last else { return host }
        let second = labels[labels.count - 2]
        let isShared = last.utf8.count == 2 && (second.utf8.count <= 2 || shared.contains(second)) || platforms.contains(labels.suffix(2).joined(separator: "."))
        return labels.suffix(isShared ? 3 : 2).joined(separator: ".")
    }

    private static let shared: Set<Substring> = ["com", "org", "net", "edu", "gov", "mil"]
    /// Names below which every label is another customer.
    private static let platforms: Set<String> = [
        "amazonaws.com", "azurecr.io", "azurewebsites.net", "cloudfront.net", "github.io", "gitlab.io", "herokuapp.com", "pages.dev", "pkg.dev",
        "run.app", "vercel.app", "workers.dev", "ngrok.io", "fly.dev", "web.app",
    ]
}
