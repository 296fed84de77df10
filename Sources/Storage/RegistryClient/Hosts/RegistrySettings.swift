package import Diagnostics
internal import HTTP
package import HTTPTransport
internal import JSON
internal import Linux
internal import Settings
internal import Values

/// How this machine reaches registries: the settings of Docker's `daemon.json` that are about them, and the proxy variables.
package struct RegistrySettings: Sendable, Hashable {
    /// Hosts (`host` or `host:port`) and networks (`10.0.0.0/8`) that need no valid TLS, or none at all. This machine itself never does.
    package var insecureRegistries: [String] = []
    /// Addresses asked before Docker Hub, for pulls alone.
    package var mirrors: [String] = []
    /// Hosts and networks, in the same form, that are sent layers which may not be given to just anyone.
    package var nondistributable: [String] = []
    /// For each registry's host the hosts that may see its credentials, beyond those of its own site.
    package var trustedRealms: [String: [String]] = [:]
    package var concurrentDownloads = 3
    package var concurrentUploads = 5
    /// Attempts at a request, the first included.
    package var attempts = 5
    package var proxies: ProxySettings
    /// `certs.d` directories, the first searched first.
    package var certificateDirectories: [String] = []

    /// Defaults: straight to every server.
    package init(proxies: ProxySettings = .none) { self.proxies = proxies }

    /// A client that goes to the web as these say.
    package func client() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.userAgent = "davit"
        configuration.proxies = proxies
        return HTTPClient(configuration)
    }

    /// Reads `daemon.json` of Davit's directory (`/etc/davit`, or `DAVIT_CONFIG_DIR`), or without one of Docker's, and the variables
    /// `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. Throws when a file is there and is not what it should be.
    package static func load() throws(Fault) -> RegistrySettings {
        var settings = RegistrySettings()
        settings.certificateDirectories = ["\(DaemonFile.directory)/certs.d", "/etc/docker/certs.d"]
        try settings.apply(DaemonFile.read())
        return settings
    }

    private mutating func apply(_ file: File) throws(Fault) {
        insecureRegistries = file.insecureRegistries
        mirrors = file.mirrors
        for mirror in mirrors {
            do throws(HTTPError) { _ = try URL(mirror) } catch { throw Fault(.invalid, "invalid mirror: \(error.message)") }
        }
        nondistributable = file.nondistributable
        trustedRealms = file.trustedRealms
        for (name, count) in [("max concurrent downloads", file.downloads), ("max concurrent uploads", file.uploads), ("max download attempts", file.attempts)] {
            if count < 0 { throw Fault(.invalid, "invalid \(name): \(count)") }
        }
        // 0 is what Docker does by itself.
        if file.downloads > 0 { concurrentDownloads = min(file.downloads, 64) }
        if file.uploads > 0 { concurrentUploads = min(file.uploads, 64) }
        if file.attempts > 0 { attempts = min(file.attempts, 100) }
        try setProxies(file.proxies)
    }

    /// The file's word counts before the variables', which may be in capital letters or small ones.
    private mutating func setProxies(_ file: ProxyFile) throws(Fault) {
        func variable(_ name: String) -> String { Environment.value(name) ?? Environment.value(name.lowercased()) ?? "" }
        do {
            proxies = try ProxySettings(
                http: file.http ?? variable("HTTP_PROXY"), https: file.https ?? variable("HTTPS_PROXY"), none: file.except ?? variable("NO_PROXY"))
        } catch { throw Fault(.invalid, "invalid proxy settings: \(error)", cause: error) }
    }

    /// Docker's names; what is not about registries is somebody else's.
    private struct File: JSONRecord {
        var insecureRegistries: [String] = []
        var mirrors: [String] = []
        var nondistributable: [String] = []
        var downloads = 0
        var uploads = 0
        var attempts = 0
        var proxies = ProxyFile()
        var trustedRealms: [String: [String]] = [:]

        mutating func members(_ m: inout JSONMembers) throws {
            try m("insecure-registries", &insecureRegistries)
            try m("registry-mirrors", &mirrors)
            try m("allow-nondistributable-artifacts", &nondistributable)
            try m("max-concurrent-downloads", &downloads)
            try m("max-concurrent-uploads", &uploads)
            try m("max-download-attempts", &attempts)
            try m("proxies", &proxies)
            // As flags are, they stand beside the rest.
            try proxies.members(&m)
            try m("trusted-realms", &trustedRealms)
        }
    }

    private struct ProxyFile: JSONRecord {
        var http: String?
        var https: String?
        var except: String?

        mutating func members(_ m: inout JSONMembers) throws {
            try m("http-proxy", &http)
            try m("https-proxy", &https)
            try m("no-proxy", &except)
        }
    }

    /// Whether a registry may be reached without valid TLS.
    func isInsecure(_ origin: URL.Origin) -> Bool {
        origin.host == "localhost" || IPAddress(origin.host)?.isLoopback ?? false || Self.lists(insecureRegistries, origin)
    }

    /// `insecureRegistries` as networks, this machine's among them, and as hosts.
    package var insecureByKind: (networks: [String], hosts: [String]) {
        let networks = insecureRegistries.filter { IPPrefix($0) != nil }
        return (networks + ["::1/128", "127.0.0.0/8"], insecureRegistries.filter { IPPrefix($0) == nil })
    }

    func mayHaveForeignLayers(_ origin: URL.Origin) -> Bool { Self.lists(nondistributable, origin) }

    private static func lists(_ entries: [String], _ origin: URL.Origin) -> Bool {
        let address = IPAddress(origin.host)
        return entries.contains { entry in
            if let address, let network = IPPrefix(entry) { return network.contains(address) }
            let entry = entry.lowercased()
            return entry == origin.host || entry == "\(origin.host):\(origin.port)"
        }
    }
}
