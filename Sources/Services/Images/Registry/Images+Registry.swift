package import Diagnostics
package import DockerAPI
package import OCI
package import RegistryClient
internal import Synchronization

extension RegistryCredentials {
    /// From what a client sends; nil when it sends nothing.
    package init?(_ config: AuthConfig?) {
        guard let config, !config.isEmpty else { return nil }
        self.init(username: config.username, password: config.password, identityToken: config.identityToken, registryToken: config.registryToken)
    }
}

extension Images {
    /// Proves a user's credentials to the registry that they are for. A refresh token when it gives one for them.
    package func login(_ config: AuthConfig) async throws -> AuthResponse {
        let settings = try RegistrySettings.load()
        let domain = RegistryAddress.domain(of: config.serverAddress)
        let registry = try Registry(domain, credentials: RegistryCredentials(config), settings: settings, client: settings.client())
        let token = try await registry.login()
        return AuthResponse(status: "Login Succeeded", identityToken: token ?? "")
    }

    /// What a name stands for in its registry, and for which platforms.
    package func distribution(_ reference: Reference, credentials: RegistryCredentials?) async throws -> DistributionInspect {
        let settings = try RegistrySettings.load()
        let registry = try Registry(reference.domain, credentials: credentials, settings: settings, client: settings.client())
        let repository = try registry.repository(of: reference)
        let reference = reference.withDefaultTag
        let found = try await repository.manifest(reference.digest.map { .digest($0) } ?? .tag(reference.tag ?? Reference.defaultTag))
        var platforms: [Platform] = []
        if found.isIndex {
            platforms = try Document.decode(Index.self, from: found.bytes, what: "image index").manifests.compactMap(\.platform)
        } else {
            let manifest = try Document.decode(Manifest.self, from: found.bytes, what: "image manifest")
            if MediaType.isConfig(manifest.config.mediaType) {
                let config = try await repository.document(manifest.config, what: "image configuration")
                platforms = [try Document.decode(ImageDocument.self, from: config, what: "image configuration").platform]
            }
        }
        return DistributionInspect(descriptor: found.descriptor, platforms: platforms)
    }
}

extension Images {
    /// How registries are reached, for `docker info`.
    package func describeRegistries(in info: inout SystemInfo) throws(Fault) {
        let settings = try RegistrySettings.load()
        let (networks, hosts) = settings.insecureByKind
        info.indexServerAddress = RegistryAddress.hub
        let mirrors = settings.mirrors.map { $0.hasSuffix("/") ? $0 : "\($0)/" }
        var config = RegistryServiceConfig(insecureRegistryCIDRs: networks, mirrors: mirrors.isEmpty ? nil : mirrors)
        config.indexConfigs = ["docker.io": RegistryIndex(name: "docker.io", mirrors: mirrors, secure: true, official: true)]
        for host in hosts { config.indexConfigs[host] = RegistryIndex(name: host, mirrors: [], secure: false, official: false) }
        info.registryConfig = config
    }
}

/// The answer to `GET /distribution/{name}/json`.
package struct DistributionInspect: Codable, Sendable, Hashable {
    package var descriptor: Descriptor
    package var platforms: [Platform]

    private enum CodingKeys: String, CodingKey {
        case descriptor = "Descriptor"
        case platforms = "Platforms"
    }
}

/// A hold on the store's lock for as long as some asynchronous work takes.
final class IngestGuard: Sendable {
    private let hold: Mutex<ImageHold?>

    init(_ images: Images) throws { hold = Mutex(try images.ingestHold()) }

    func end() { hold.withLock { $0 = nil } }
}
