internal import Arguments
internal import DockerClient
internal import HTTP
internal import HTTPTransport
internal import Linux
internal import TLS

/// The TLS flags that client and daemon share, with Docker's defaults: `~/.docker` or `DOCKER_CERT_PATH` has `ca.pem`, `cert.pem` and
/// `key.pem`; `DOCKER_TLS_VERIFY` and `DOCKER_TLS` stand for the flags.
struct TLSFlags: EngineTLS {
    let isUsed: Bool
    let verifies: Bool
    private let paths: [String: String]
    private let given: Set<String>

    static let all: [Flag] = [
        .bool("tls", "Use TLS; implied by --tlsverify"),
        .value("tlscacert", "Trust certs signed only by this CA (default \"~/.docker/ca.pem\")"),
        .value("tlscert", "Path to TLS certificate file (default \"~/.docker/cert.pem\")"),
        .value("tlskey", "Path to TLS key file (default \"~/.docker/key.pem\")"),
        .bool("tlsverify", "Use TLS and verify the remote"),
    ]

    init(_ flags: [FlagValues]) {
        func isSet(_ name: String, _ variable: String) -> Bool {
            flags.contains { $0.bool(name) } || !(Environment.value(variable) ?? "").isEmpty
        }
        verifies = isSet("tlsverify", "DOCKER_TLS_VERIFY")
        // As Docker: who says anything of verification wants TLS.
        isUsed = verifies || isSet("tls", "DOCKER_TLS") || flags.contains { $0.isSet("tlsverify") }
        let directory = Environment.value("DOCKER_CERT_PATH").flatMap { $0.isEmpty ? nil : $0 } ?? "\(Environment.value("HOME") ?? "/root")/.docker"
        var paths: [String: String] = [:], given: Set<String> = []
        for (flag, file) in [("tlscacert", "ca.pem"), ("tlscert", "cert.pem"), ("tlskey", "key.pem")] {
            let value = flags.compactMap { $0.optional(flag) }.last { !$0.isEmpty }
            if value != nil { given.insert(flag) }
            paths[flag] = value ?? "\(directory)/\(file)"
        }
        (self.paths, self.given) = (paths, given)
    }

    /// A file's text; nil when it is not there and nobody asked for it.
    private func read(_ flag: String, required: Bool = false) throws -> [UInt8]? {
        let path = paths[flag] ?? ""
        guard let bytes = try FileSystem.readIfPresent(path, limit: 1 << 20) else {
            if required || given.contains(flag) { throw Exit(1, "could not read \(flag.dropFirst(3)) file: open \(path): no such file or directory") }
            return nil
        }
        return bytes
    }

    /// The files that there are, as a context keeps them.
    func material() throws -> ContextStore.Material {
        var material = ContextStore.Material()
        for (flag, file) in [("tlscacert", "ca.pem"), ("tlscert", "cert.pem"), ("tlskey", "key.pem")] { material[file] = try read(flag) }
        return material
    }

    /// Throws Exit and SyscallError.
    func client() throws -> TLSClientSettings {
        var settings = TLSClientSettings(verifies: verifies)
        if verifies, let authority = try read("tlscacert") { settings.trust = TLSTrust(system: false, extra: [authority]) }
        if let certificates = try read("tlscert"), let key = try read("tlskey", required: true) {
            settings.identity = TLSIdentity(certificates: certificates, key: key)
        }
        return settings
    }

    /// Throws Exit and SyscallError.
    func server() throws -> TLSServerSettings {
        let certificates = try read("tlscert", required: true) ?? [], key = try read("tlskey", required: true) ?? []
        var settings = TLSServerSettings(identity: TLSIdentity(certificates: certificates, key: key))
        if verifies { settings.clients = .verified(by: [try read("tlscacert", required: true) ?? []]) }
        return settings
    }
}

/// An engine elsewhere, as `-H`, `DOCKER_HOST` and contexts name it.
enum EngineAddress {
    /// Throws Exit for what is no address.
    static func transport(_ host: String, _ tls: any EngineTLS) throws -> EngineTransport {
        guard let separator = host.firstRange(of: "://") else { throw Exit(1, "unable to parse docker host `\(host)`") }
        let address = String(host[separator.upperBound...])
        switch host[..<separator.lowerBound] {
        case "unix": return EngineTransport(unix: address.isEmpty ? "/var/run/docker.sock" : address)
        case "tcp", "http", "https":
            let scheme: URL.Scheme = tls.isUsed || host.hasPrefix("https") ? .https : .http
            return EngineTransport(network: try origin(scheme, address, host), tls: try tls.client())
        case "ssh":
            do throws(SSHDestination.Invalid) { return try SSHDestination(host).transport } catch { throw Exit(1, error.description) }
        case "fd", "npipe": throw Exit(1, "cannot connect to \(host): only unix://, tcp:// and ssh:// addresses are supported")
        default: throw Exit(1, "unable to parse docker host `\(host)`")
        }
    }

    private static func origin(_ scheme: URL.Scheme, _ address: String, _ host: String) throws -> URL.Origin {
        let text = address.prefix { $0 != "/" }
        do {
            var origin = try URL.origin(scheme, text.hasPrefix(":") || text.isEmpty ? "localhost\(text)" : String(text))
            if !text.hasSuffix(":\(origin.port)") { origin.port = scheme == .https ? 2376 : 2375 }
            return origin
        } catch {
            throw Exit(1, "unable to parse docker host `\(host)`: \(error.message)")
        }
    }
}
