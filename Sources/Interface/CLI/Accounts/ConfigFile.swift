internal import Arguments
internal import DockerAPI
internal import JSON
internal import Linux
internal import OCI
internal import Values

/// The user's `config.json`, shared with Docker's own client: what we do not know in it stays as it is.
struct ConfigFile: Sendable {
    let path: String
    private var content: JSONObject

    /// Where it lies, and what else belongs to the user's client.
    var directory: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    /// The largest file that is read, in bytes.
    private static let limit = 8 << 20

    /// One with nothing in it, whatever the file says. `directory` nil: `DOCKER_CONFIG`, or `~/.docker`.
    init(emptyIn directory: String?) {
        let home = Environment.value("HOME") ?? "/root"
        path = (directory ?? Environment.value("DOCKER_CONFIG").flatMap { $0.isEmpty ? nil : $0 } ?? "\(home)/.docker") + "/config.json"
        content = [:]
    }

    /// A file that is not there is an empty one.
    init(directory: String?) throws {
        self.init(emptyIn: directory)
        let file: [UInt8]?
        do { file = try FileSystem.readIfPresent(path, limit: Self.limit) } catch { throw Invalid("Error loading config file: \(error)") }
        guard let bytes = file, !bytes.isEmpty else { return }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { throw Invalid("Error loading config file: \(path): \(error)") }
        guard let object = value.object else { throw Invalid("Error loading config file: \(path): it is no JSON object") }
        content = object
    }

    /// Writes it anew, readable by its owner alone. Where it is a link, what it leads to is written.
    private func save() throws {
        let directory = directory
        try FileSystem.makeDirectories(directory, mode: 0o700)
        var target = path
        // A link to nowhere, or none: then the name itself is written.
        if let link = try? FileDescriptor.currentDirectory().readLink(path) { target = link.hasPrefix("/") ? link : "\(directory)/\(link)" }
        try FileSystem.replace(target, with: JSONValue.object(content).indented(by: "\t"), mode: 0o600, sync: true)
    }

    private func word(_ name: String) -> String? { content[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// The program that keeps the credentials for a registry; nil when this file does.
    private func helper(for key: String) -> CredentialHelper? {
        let helpers = content["credHelpers"]?.object
        let name = helpers?[key]?.string ?? helpers?[RegistryAddress.host(of: key)]?.string ?? word("credsStore")
        return name.flatMap { $0.isEmpty ? nil : CredentialHelper(name: $0) }
    }

    /// What `pruneFilters` says that goes with every prune, each `name=value`.
    var pruneFilters: [String] { content["pruneFilters"]?.array?.compactMap(\.string) ?? [] }

    /// Where the user has more plug-ins: `cliPluginsExtraDirs`.
    var pluginDirectories: [String] { content["cliPluginsExtraDirs"]?.array?.compactMap(\.string) ?? [] }

    /// What the user wants unless a flag says otherwise: `psFormat`, `imagesFormat`, `networksFormat`, `volumesFormat`, `statsFormat`, `detachKeys`;
    /// and the context that is used, `currentContext`.
    func preference(_ name: String) -> String? { word(name) }

    /// Names the context that is used from now on; nil for the built-in one.
    mutating func setContext(_ name: String?) throws {
        content["currentContext"] = name.map { .string($0) }
        try save()
    }

    // MARK: Proxies

    /// What containers of the engine at `host` are told of proxies (`proxies`, by host or `default`): variables in capitals and small letters.
    func proxyVariables(host: String?) -> [(name: String, value: String)] {
        let proxies = content["proxies"]?.object
        guard let chosen = (host.flatMap { proxies?[$0] } ?? proxies?["default"])?.object else { return [] }
        let names = [("httpProxy", "HTTP_PROXY"), ("httpsProxy", "HTTPS_PROXY"), ("noProxy", "NO_PROXY"), ("ftpProxy", "FTP_PROXY"), ("allProxy", "ALL_PROXY")]
        return names.flatMap { key, variable -> [(name: String, value: String)] in
            guard let value = chosen[key]?.string, !value.isEmpty else { return [] }
            return [(variable, value), (variable.lowercased(), value)]
        }
    }

    // MARK: Credentials

    /// A registry that something is kept for.
    struct Account {
        var key: String
        /// Empty where a helper alone knows.
        var username: String
        /// This file, or a helper's program.
        var keeper: String
    }

    /// All that this file tells of, by name.
    func accounts() throws -> [Account] {
        var keys = Set(content["auths"]?.object?.members.map(\.name) ?? [])
        keys.formUnion(content["credHelpers"]?.object?.members.map(\.name) ?? [])
        return try keys.sorted().map { key in
            if let helper = helper(for: key) { return Account(key: key, username: "", keeper: "docker-credential-\(helper.name)") }
            return Account(key: key, username: try credentials(for: key)?.username ?? "", keeper: path)
        }
    }

    /// What is known for a registry, nil when nothing is. `key` as `RegistryAddress.key` has it.
    func credentials(for key: String) throws -> AuthConfig? {
        if let helper = helper(for: key) { return try helper.get(key) }
        guard let auths = content["auths"]?.object else { return nil }
        // Other tools write addresses in other forms.
        let host = RegistryAddress.host(of: key)
        guard let entry = auths[key] ?? auths.members.first(where: { RegistryAddress.host(of: $0.name) == host })?.value else { return nil }
        var config: AuthConfig = try entry.decode(AuthConfig.self)
        config.auth = ""
        config.serverAddress = key
        return config.isEmpty ? nil : config
    }

    /// Keeps what a login gave. True when it now lies in this file, where whoever can read it can use it.
    mutating func store(_ config: AuthConfig, for key: String) throws -> Bool {
        if let helper = helper(for: key) {
            try helper.store(config, for: key)
            // Docker notes that there is something for the registry, and no more.
            try put(key, .object([:]))
            return false
        }
        var entry: JSONObject = [:]
        if config.identityToken.isEmpty {
            entry["auth"] = .string(Base64.encode(Array("\(config.username):\(config.password)".utf8)))
        } else {
            entry["auth"] = .string(Base64.encode(Array("\(config.username):".utf8)))
            entry["identitytoken"] = .string(config.identityToken)
        }
        try put(key, .object(entry))
        return true
    }

    private mutating func put(_ key: String, _ entry: JSONValue) throws {
        var auths = content["auths"]?.object ?? [:]
        auths[key] = entry
        content["auths"] = .object(auths)
        try save()
    }

    /// Forgets a registry. False when there was nothing to forget.
    mutating func erase(_ key: String) throws -> Bool {
        let helper = helper(for: key)
        let known = try credentials(for: key) != nil
        if known, let helper { try helper.erase(key) }
        guard var auths = content["auths"]?.object else { return known }
        let host = RegistryAddress.host(of: key)
        let names = auths.members.map(\.name).filter { $0 == key || RegistryAddress.host(of: $0) == host }
        if names.isEmpty { return known }
        for name in names { auths[name] = nil }
        content["auths"] = .object(auths)
        try save()
        return true
    }
}

extension Session {
    /// The text of a flag, or what `config.json` says under `key` in its place.
    func text(_ flag: String, or key: String) -> String {
        let given = flags.string(flag)
        return given.isEmpty ? preferences.preference(key) ?? "" : given
    }

    /// The keys that let go of a container; empty for Docker's own.
    func detachKeys() -> String { text("detach-keys", or: "detachKeys") }

    /// The user's configuration file, for what must not be missed or is going to be written: throws when it cannot be read.
    func configFile() throws -> ConfigFile { try ConfigFile(directory: configDirectory) }

    fileprivate var configDirectory: String? { invocation.globals.optional("config").flatMap { $0.isEmpty ? nil : $0 } }

    /// The same for what the user only prefers. One that cannot be read is told of, and is empty, as it is to Docker.
    func readPreferences() -> ConfigFile {
        do { return try configFile() } catch {
            warn("WARNING: \(error)")
            return ConfigFile(emptyIn: configDirectory)
        }
    }

    /// The proxies of the configuration file as `NAME=value`, but for variables that the user has given. Throws when there is no such engine.
    func proxyVariables(besides given: [String]) throws -> [String] {
        let host = try engine().host ?? "unix:///var/run/docker.sock"
        let names = Set(given.map { $0.cut("=")?.0 ?? $0 })
        return preferences.proxyVariables(host: host).filter { !names.contains($0.name) }.map { "\($0.name)=\($0.value)" }
    }

    /// What the user has for the registry of a name. A helper that fails ends the command in words that name it.
    func credentials(for reference: Reference) throws -> AuthConfig? {
        try preferences.credentials(for: RegistryAddress.key(of: reference.domain))
    }
}
