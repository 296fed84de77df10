/// What people call a registry where they log in, brought to one form: with a scheme or not, with a path or not, and Docker Hub by its old
/// address.
package enum RegistryAddress {
    /// Docker Hub as configuration files and credential helpers know it.
    package static let hub = "https://index.docker.io/v1/"

    /// The registry's host as references have it.
    package static func domain(of address: String) -> String {
        let host = host(of: address)
        return ["", "docker.io", "index.docker.io", "registry-1.docker.io"].contains(host) ? Reference.defaultDomain : host
    }

    /// The name under which `config.json` and helpers keep the credentials for a registry.
    package static func key(of domain: String) -> String { Self.domain(of: domain) == Reference.defaultDomain ? hub : host(of: domain) }

    /// Without scheme and path.
    package static func host(of address: String) -> String {
        let lower = address.lowercased()
        let rest = lower.hasPrefix("https://") ? address.dropFirst(8) : lower.hasPrefix("http://") ? address.dropFirst(7) : address[...]
        return String(rest.prefix { $0 != "/" })
    }
}
