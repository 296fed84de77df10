package import Diagnostics
internal import HTTP
package import HTTPTransport
internal import JSON
internal import Linux
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
        var path = "daemon.json"
        do {
            if let file = try DaemonFile.read() {
                path = file.path
                try settings.apply(JSON.decode(File.self, from: file.bytes))
                return settings
            }
        } catch { throw Fault(.invalid, "cannot read \(path): \(error)", cause: error) }
        try settings.setProxies(nil)
        return settings
    }

    private mutating func apply(_ file: File) throws(Fault) {
        insecureRegistries = file.insecureRegistries ?? []
        mirrors = file.mirrors ?? []
        for mirror in mirrors {
            do throws(HTTPError) { _ = try URL(mirror) } catch { throw Fault(.invalid, "invalid mirror: \(error.message)") }
        }
        nondistributable = file.nondistributable ?? []
        trustedRealms = file.trustedRealms ?? [:]
        if let count = file.downloads { concurrentDownloads = max(1, min(count, 64)) }
        if let count = file.uploads { concurrentUploads = max(1, min(count, 64)) }
        if let count = file.attempts { attempts = max(1, min(count, 100)) }
        try setProxies(file.proxies)
    }

    /// The file's word counts before the variables', which may be in capital letters or small ones.
    private mutating func setProxies(_ file: ProxyFile?) throws(Fault) {
        func variable(_ name: String) -> String { Environment.value(name) ?? Environment.value(name.lowercased()) ?? "" }
        do {
            proxies = try ProxySettings(
                http: file?.http ?? variable("HTTP_PROXY"), https: file?.https ?? variable("HTTPS_PROXY"), none: file?.except ?? variable("NO_PROXY"))
        } catch { throw Fault(.invalid, "invalid proxy settings: \(error)", cause: error) }
    }

    /// Docker's names; what is not about registries is somebody else's.
    private struct File: Decodable {
        var insecureRegistries: [String]?
        var mirrors: [String]?
        var nondistributable: [String]?
        var downloads: Int?
        var uploads: Int?
        var attempts: Int?
        var proxies: ProxyFile?
        var trustedRealms: [String: [String]]?

        enum CodingKeys: String, CodingKey {
            case insecureRegistries = "insecure-registries"
            case mirrors = "registry-mirrors"
            case nondistributable = "allow-nondistributable-artifacts"
            case downloads = "max-concurrent-downloads"
            case uploads = "max-concurrent-uploads"
            case attempts = "max-download-attempts"
            case proxies
            case trustedRealms = "trusted-realms"
        }
    }

    private struct ProxyFile: Decodable {
        var http: String?
        var https: String?
        var except: String?

        enum CodingKeys: String, CodingKey {
            case http = "http-proxy"
            case https = "https-proxy"
            case except = "no-proxy"
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
