internal import Arguments
internal import Linux
internal import Values

/// The contexts that a command sees: those that are kept, and the built-in one, which is what flags and variables say.
struct Contexts {
    let store: ContextStore
    /// The name of the one in use, be it there or not.
    let current: String
    private let builtIn: () throws -> (EngineContext, [String: ContextStore.Material])

    init(_ session: Session) throws {
        store = ContextStore(configuration: session.preferences.directory)
        current = try session.contextName()
        builtIn = { try session.builtInContext() }
    }

    /// Throws in Docker's words for one that is not there.
    func context(_ name: String) throws -> EngineContext { try name == EngineContext.builtIn ? builtIn().0 : store.context(name) }

    func material(_ name: String) throws -> [String: ContextStore.Material] { try name == EngineContext.builtIn ? builtIn().1 : store.material(name) }

    func all() throws -> [EngineContext] { try store.all() + [builtIn().0] }

    /// Throws unless a new one can have the name.
    func checkNew(_ name: String) throws {
        try EngineContext.check(name)
        if store.exists(name) { throw Invalid("context \(Syntax.quoted(name)) already exists") }
    }
}

/// Which context is in use, by everything that may say so; Docker's order.
struct ContextChoice {
    var flag = ""
    var hasHosts = false
    var engineVariable: String?
    var contextVariable: String?

    /// `configured` is what `config.json` says, which is asked last. Throws Exit for a choice of two.
    func name(configured: () -> String?) throws -> String {
        if !flag.isEmpty, hasHosts { throw Exit(1, "conflicting options: cannot specify both --host and --context") }
        if !flag.isEmpty { return flag }
        if hasHosts || !(engineVariable ?? "").isEmpty { return EngineContext.builtIn }
        if let contextVariable, !contextVariable.isEmpty { return contextVariable }
        return configured() ?? EngineContext.builtIn
    }
}

/// Where the engine of a command is.
struct EngineChoice: Sendable {
    /// The name of the context that says so.
    var context: String
    /// Nil for this process.
    var host: String?
    var tls: any EngineTLS
}

extension Session {
    /// The name of the context in use.
    func contextName() throws -> String {
        let globals = invocation.globals
        let choice = ContextChoice(
            flag: globals.string("context"), hasHosts: !globals.list("host").isEmpty, engineVariable: Environment.value("DOCKER_HOST"),
            contextVariable: Environment.value("DOCKER_CONTEXT"))
        return try choice.name { preferences.preference("currentContext") }
    }

    /// What `--host` or `DOCKER_HOST` says; nil when neither does.
    private func givenHost() throws -> String? {
        let hosts = invocation.globals.list("host")
        if hosts.count > 1 { throw Invalid("Specify only one -H") }
        let host = hosts.first ?? Environment.value("DOCKER_HOST") ?? ""
        return host.isEmpty ? nil : host == "unix://" ? Self.dockerHost : host
    }

    /// Where Docker's daemon listens.
    static let dockerHost = "unix:///var/run/docker.sock"

    /// A daemon's socket, for who has no engine to use in this process: whoever is not root, and a container that a socket was mounted into.
    private var daemonHost: String? {
        if Credentials.effectiveUser == 0, FileSystem.exists(paths.dataRoot) { return nil }
        let hosts = [ownHost] + (program == "docker" ? [Self.dockerHost] : [])
        // What cannot be looked at cannot be used either.
        return hosts.first { (try? FileSystem.status(String($0.dropFirst("unix://".count))))?.kind == .socket }
    }

    /// Where a daemon of this engine listens by itself: what other programs are told when the engine is in this process.
    var ownHost: String { "unix://\(paths.apiSocket)" }

    /// The context that is none of the store's.
    fileprivate func builtInContext() throws -> (EngineContext, [String: ContextStore.Material]) {
        let tls = TLSFlags([invocation.globals])
        let endpoint = EngineContext.Endpoint(host: try givenHost() ?? ownHost, skipsVerification: tls.isUsed && !tls.verifies)
        let material = tls.isUsed ? try tls.material() : [:]
        let context = EngineContext(name: EngineContext.builtIn, endpoint: endpoint)
        return (context, material.isEmpty ? [:] : ["docker": material])
    }

    /// The engine that the context in use leads to. That of a context without a host, or with our own one's, is in this process.
    func chooseEngine() throws -> EngineChoice {
        let name = try contextName()
        do {
            if name == EngineContext.builtIn {
                return EngineChoice(context: name, host: try givenHost() ?? daemonHost, tls: TLSFlags([invocation.globals]))
            }
            let store = ContextStore(configuration: preferences.directory)
            guard let endpoint = try store.context(name).endpoint else { throw Invalid("cannot find docker endpoint in context") }
            let host = endpoint.host.isEmpty || endpoint.host == ownHost ? nil : endpoint.host
            let material = try store.material(name)["docker"] ?? [:]
            return EngineChoice(context: name, host: host, tls: ContextTLS(material: material, skipsVerification: endpoint.skipsVerification))
        } catch { throw Exit(1, "Failed to initialize: unable to resolve docker endpoint: \(error)") }
    }
}
