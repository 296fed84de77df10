internal import Arguments
internal import Linux
internal import Values

extension Root {
    /// `--docker` of `context create` and `context update`.
    static func dockerEndpoint() -> Flag {
        .list(
            "docker", type: "stringToString", "set the docker endpoint (default [])",
            problem: { text in
                do { _ = try DockerEndpoint.pairs(text) } catch { return "\(error)" }
                return nil
            })
    }

    /// What help says of it.
    static func aboutEndpoint(_ verb: String) -> String {
        """
        Docker endpoint config:

        NAME                DESCRIPTION
        from                Copy named context's Docker endpoint configuration
        host                Docker endpoint on which to connect
        ca                  Trust certs signed only by this CA
        cert                Path to TLS certificate file
        key                 Path to TLS key file
        skip-tls-verify     Skip TLS certificate validation

        Example:

        $ docker context \(verb) my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"
        """
    }
}

/// The endpoint that `--docker` describes, with the files it names.
struct DockerEndpoint {
    var endpoint = EngineContext.Endpoint()
    var material = ContextStore.Material()

    /// Bytes of a file that are read.
    private static let fileLimit = 1 << 20

    /// Throws in Docker's words for what no engine could be reached by.
    init(_ values: [String], _ contexts: Contexts) throws {
        do {
            var options: [String: String] = [:]
            for (key, value) in try values.flatMap(Self.pairs) { options[key] = value }
            try set(options, contexts)
        } catch { throw Invalid("unable to create docker endpoint config: \((error as? Exit)?.message ?? "\(error)")") }
    }

    /// `key=value,…`, with commas within quotes, as pflag reads maps.
    static func pairs(_ text: String) throws -> [(String, String)] {
        // A single pair needs no quotes for its commas' sake only; those around it go.
        let single = text.filter { $0 == "=" }.count == 1
        let fields = single ? [text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text] : try MountFlag.commaSeparated(text)
        return try fields.map { field in
            guard let pair = field.cut("=") else { throw Invalid("\(field) must be formatted as key=value") }
            return pair
        }
    }

    private mutating func set(_ options: [String: String], _ contexts: Contexts) throws {
        let files = [("ca", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")]
        let unknown = Set(options.keys).subtracting(files.map(\.0) + ["from", "host", "skip-tls-verify"]).sorted()
        if !unknown.isEmpty { throw Invalid(unknown.map { "unrecognized config key: \($0)" }.joined(separator: "\n")) }
        if let name = options["from"] {
            guard let other = try contexts.context(name).endpoint else { throw Invalid("unable to get endpoint from context \(Syntax.quoted(name))") }
            endpoint = other
            return
        }
        for (option, file) in files {
            if let path = options[option], !path.isEmpty { material[file] = try FileSystem.read(path, limit: Self.fileLimit) }
        }
        if let text = options["skip-tls-verify"] {
            guard let skips = Syntax.bool(text) else { throw Invalid("skip-tls-verify: parsing \(Syntax.quoted(text)): invalid syntax") }
            endpoint.skipsVerification = skips
        }
        endpoint.host = options["host"] ?? ""
        if !endpoint.host.isEmpty { try check() }
    }

    /// Throws for a host that is no address, and for files that TLS cannot be spoken with.
    private func check() throws {
        let tls = ContextTLS(material: material, skipsVerification: endpoint.skipsVerification), host = endpoint.host
        do {
            if tls.isUsed, !["unix://", "ssh://", "fd://", "npipe://"].contains(where: host.hasPrefix) { try tls.check() }
        } catch { throw Invalid("invalid docker endpoint options: \(error)") }
        do {
            if let (_, address) = host.cut(":"), address == "//", !host.hasPrefix("ssh:") { throw Exit(1, "unable to parse docker host `\(host)`") }
            _ = try EngineAddress.transport(host, tls)
        } catch let error as Exit {
            let how = host.hasPrefix("ssh:") ? "invalid docker endpoint options" : "unable to apply docker endpoint options"
            throw Invalid("\(how): \(error.message ?? "")")
        }
    }
}
