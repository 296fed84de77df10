internal import Diagnostics
internal import HTTP
internal import Linux
internal import OCI
internal import TLS

/// One server through which a registry is reached.
struct RegistryHost: Sendable, Hashable {
    var origin: URL.Origin
    /// What stands before `/v2/`: empty but for some mirrors.
    var prefix = ""
    /// How TLS is spoken to it; one for each client certificate, to be tried in this order.
    var tls: [TLSClientSettings]
    var isMirror = false

    /// Docker Hub's registry, which has another name than its images.
    static let hub = URL.Origin(.https, "registry-1.docker.io", 443)

    /// The servers of a registry, in the order to be tried: mirrors, then itself, then itself without TLS where that is allowed.
    static func all(of domain: String, _ settings: RegistrySettings) throws(Fault) -> [RegistryHost] {
        let secure = try origin(domain)
        let certificates = try HostCertificates(host: domain, in: settings.certificateDirectories)
        let isInsecure = settings.isInsecure(secure)
        // Whoever gives a registry roots of its own wants it verified, on this machine too.
        let tls = try Self.tls(certificates, verifies: !isInsecure || !certificates.roots.isEmpty)
        var hosts: [RegistryHost] = []
        if domain == Reference.defaultDomain {
            for mirror in settings.mirrors { hosts.append(try Self.mirror(mirror, settings)) }
        }
        hosts.append(RegistryHost(origin: secure, tls: tls))
        if isInsecure {
            var plain = secure
            plain.scheme = .http
            if !domain.hasSuffix(":\(secure.port)") { plain.port = URL.Scheme.http.defaultPort }
            hosts.append(RegistryHost(origin: plain, tls: tls))
        }
        return hosts
    }

    private static func origin(_ domain: String) throws(Fault) -> URL.Origin {
        if domain == Reference.defaultDomain { return hub }
        do throws(HTTPError) { return try URL.origin(.https, domain) } catch { throw Fault(.invalid, error.message) }
    }

    private static func mirror(_ address: String, _ settings: RegistrySettings) throws(Fault) -> RegistryHost {
        let url: URL
        do throws(HTTPError) { url = try URL(address) } catch { throw Fault(.invalid, "invalid mirror: \(error.message)") }
        let certificates = try HostCertificates(host: url.origin.authority, in: settings.certificateDirectories)
        let tls = try Self.tls(certificates, verifies: !settings.isInsecure(url.origin) || !certificates.roots.isEmpty)
        let prefix = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
        return RegistryHost(origin: url.origin, prefix: prefix, tls: tls, isMirror: true)
    }

    /// Certificates are a few kilobytes each.
    private static let pemLimit = 1 << 20

    private static func tls(_ certificates: HostCertificates, verifies: Bool) throws(Fault) -> [TLSClientSettings] {
        do throws(SyscallError) {
            var roots: [[UInt8]] = []
            for root in certificates.roots { roots.append(try FileSystem.read(root, limit: pemLimit)) }
            let base = TLSClientSettings(trust: TLSTrust(system: true, extra: roots), verifies: verifies)
            var all: [TLSClientSettings] = []
            for pair in certificates.identities {
                var settings = base
                settings.identity = TLSIdentity(
                    certificates: try FileSystem.read(pair.certificate, limit: pemLimit), key: try FileSystem.read(pair.key, limit: pemLimit))
                all.append(settings)
            }
            return all.isEmpty ? [base] : all
        } catch { throw Fault(.internal, "cannot read the certificates of a registry: \(error)", cause: error) }
    }
}
