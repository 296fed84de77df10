internal import Arguments
internal import DockerAPI
internal import Diagnostics
internal import HTTPTransport
internal import JSON
internal import OCI
internal import RegistryClient

/// What the registry commands work on. They talk to registries themselves: no engine is needed, and nothing is kept.
final class Remote: Sendable {
    private let session: Session
    private let settings: RegistrySettings
    private let client: HTTPClient

    init(_ session: Session) throws {
        self.session = session
        settings = try RegistrySettings.load()
        client = settings.client()
    }

    /// A registry, with what the user has for it.
    func registry(_ domain: String) throws -> Registry {
        let kept = try session.preferences.credentials(for: RegistryAddress.key(of: domain))
        let credentials = kept.map {
            RegistryCredentials(username: $0.username, password: $0.password, identityToken: $0.identityToken, registryToken: $0.registryToken)
        }
        return try Registry(domain, credentials: credentials, settings: settings, client: client)
    }

    /// The registry that an argument names; Docker Hub without one.
    func registry(argument: String?) throws -> Registry { try registry(RegistryAddress.domain(of: argument ?? "")) }

    /// What a name stands for: `latest` when it says nothing more.
    func place(_ text: String) throws -> Place {
        let reference = try Self.reference(text)
        let repository = try registry(reference.domain).repository(of: reference)
        let manifest = reference.digest.map { ManifestReference.digest($0) } ?? .tag(reference.tag ?? Reference.defaultTag)
        return Place(reference: reference, repository: repository, manifest: manifest)
    }

    /// A name in a registry.
    struct Place: Sendable {
        let reference: Reference
        let repository: Repository
        let manifest: ManifestReference

        /// The name with its tag or digest, in full.
        var name: String { "\(reference.withDefaultTag)" }

        /// The manifest of one platform, where the name stands for several. Nil takes whatever it stands for.
        func manifest(for platform: Platform?) async throws -> FetchedManifest {
            let found = try await repository.manifest(manifest)
            guard found.isIndex, let platform else { return found }
            let index = try Document.decode(Index.self, from: found.bytes, what: "index")
            let candidates = index.manifests.filter { $0.platform != nil }
            guard let best = Platform.best(of: candidates.compactMap(\.platform), for: platform) else {
                throw Fault(.notFound, "no manifest for platform \(platform) in \(name)")
            }
            return try await repository.manifest(.digest(candidates[best].digest))
        }

        /// The configuration of an image.
        func configuration(for platform: Platform) async throws -> [UInt8] {
            let found = try await manifest(for: platform)
            let image = try Document.decode(Manifest.self, from: found.bytes, what: "manifest")
            return try await repository.document(image.config, what: "configuration")
        }
    }

    static func reference(_ text: String) throws -> Reference {
        do throws(ReferenceError) { return try Reference(text) } catch { throw Invalid("\(error)") }
    }

    /// `--platform`; nil when not given.
    static func platform(_ session: Session) throws -> Platform? {
        guard let text = session.platform else { return nil }
        do throws(PlatformError) { return try Platform(text) } catch { throw Invalid("\(error)") }
    }

    /// A document as people read it.
    static func pretty(_ bytes: [UInt8]) throws -> String { String(decoding: try JSONValue(parsing: bytes).indented(by: "  "), as: UTF8.self) + "\n" }
}

extension Repository {
    /// The descriptor of an image's manifest, with the platform that its configuration names.
    func described(_ manifest: FetchedManifest) async throws -> Descriptor {
        var descriptor = manifest.descriptor
        let image = try Document.decode(Manifest.self, from: manifest.bytes, what: "manifest")
        guard MediaType.isConfig(image.config.mediaType) else { return descriptor }
        let configuration = try Document.decode(ImageDocument.self, from: try await document(image.config, what: "configuration"), what: "configuration")
        descriptor.platform = configuration.platform
        return descriptor
    }
}
