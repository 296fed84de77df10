internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import OCI
internal import Terminal

extension Root {
    static func login() -> AnyCommand {
        AnyCommand(
            "login", "Authenticate to a registry", usage: "[OPTIONS] [SERVER]", arity: .atMost(1),
            flags: {
                [
                    .value("password", short: "p", "Password or Personal Access Token (PAT)"),
                    .bool("password-stdin", "Take the Password or Personal Access Token (PAT) from stdin"), .value("username", short: "u", "Username"),
                ]
            },
            action: { try await Login(session: $0).run() })
    }

    static func logout() -> AnyCommand {
        AnyCommand(
            "logout", "Log out from a registry", usage: "[SERVER]", arity: .atMost(1),
            action: { session in
                let key = RegistryAddress.key(of: session.arguments.first ?? "")
                var config = try session.configFile()
                guard try config.erase(key) else {
                    session.print("Not logged in to \(key)")
                    return 0
                }
                session.print("Removing login credentials for \(key)")
                return 0
            })
    }
}

/// `login`: ask for what is missing, have the engine prove it to the registry, keep it.
private struct Login {
    let session: Session
    private var flags: FlagValues { session.flags }

    /// A password and its line end.
    private static let passwordLimit = 64 << 10

    func run() async throws -> Int32 {
        let server = session.arguments.first ?? ""
        let key = RegistryAddress.key(of: server)
        var file = try session.configFile()
        let (auth, isKnown) = try credentials(key, file)
        var config = auth
        config.serverAddress = key
        let response: AuthResponse
        do {
            response = try await session.client().login(config)
        } catch let error as APIError where isKnown {
            // What was kept is not taken any more.
            session.warn("Login did not succeed, error: \(error)")
            config = try ask(key, known: config.username)
            config.serverAddress = key
            return try finish(try await session.client().login(config), config, key, &file)
        }
        return try finish(response, config, key, &file)
    }

    private func finish(_ response: AuthResponse, _ given: AuthConfig, _ key: String, _ file: inout ConfigFile) throws -> Int32 {
        var config = given
        if !response.identityToken.isEmpty {
            config.password = ""
            config.identityToken = response.identityToken
        }
        if try file.store(config, for: key) {
            session.warn(
                """

                WARNING! Your credentials are stored unencrypted in '\(file.path)'.
                Configure a credential helper to remove this warning. See
                https://docs.docker.com/go/credential-store/

                """)
        }
        if !response.status.isEmpty { session.print(response.status) }
        return 0
    }

    /// From flags and standard input, from an earlier login, or asked for. True for an earlier one's.
    private func credentials(_ key: String, _ file: ConfigFile) throws -> (AuthConfig, Bool) {
        var config = AuthConfig()
        config.username = flags.string("username")
        config.password = flags.string("password")
        for (name, value) in [("username", config.username), ("password", config.password)] where value.isEmpty && flags.optional(name) != nil {
            throw Invalid("\(name) is empty")
        }
        if !config.password.isEmpty {
            if flags.bool("password-stdin") { throw Invalid("conflicting options: cannot specify both --password and --password-stdin") }
            session.warn("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
        }
        if flags.bool("password-stdin") {
            if config.username.isEmpty { throw Invalid("the --password-stdin option requires --username to be set") }
            let bytes = try FileDescriptor.standard(0).readToEnd(limit: Self.passwordLimit)
            var password = String(decoding: bytes, as: UTF8.self)
            if password.utf8.last == 10 { password = String(decoding: password.utf8.dropLast(), as: UTF8.self) }
            if password.utf8.last == 13 { password = String(decoding: password.utf8.dropLast(), as: UTF8.self) }
            config.password = password
            if password.isEmpty { throw Invalid("password is empty") }
        }
        if !config.username.isEmpty, !config.password.isEmpty { return (config, false) }
        if config.username.isEmpty, config.password.isEmpty, let known = try file.credentials(for: key) {
            session.print("Authenticating with existing credentials... [Username: \(known.username.isEmpty ? "<token>" : known.username)]")
            return (known, true)
        }
        return (try ask(key, known: config.username, asksName: config.username.isEmpty, password: config.password), false)
    }

    private func ask(_ key: String, known: String, asksName: Bool = true, password: String = "") throws -> AuthConfig {
        guard TerminalDevice.inputIsTerminal else { throw Invalid("Error: Cannot perform an interactive login from a non TTY device") }
        var config = AuthConfig()
        config.username = known
        if asksName {
            if key == RegistryAddress.hub {
                session.print(
                    "Log in with your Docker ID or email address to push and pull images from Docker Hub. If you don't have a Docker ID, head over to https://hub.docker.com/ to create one."
                )
            }
            Console.output(known.isEmpty ? "Username: " : "Username (\(known)): ")
            let typed = try Prompt.line()
            if !typed.isEmpty { config.username = typed }
            if config.username.isEmpty { throw Invalid("username is required") }
        }
        config.password = password
        if password.isEmpty {
            config.password = try Prompt.secret { Console.output("Password: ") }
            Console.output("\n")
            if config.password.isEmpty { throw Invalid("password is required") }
        }
        return config
    }
}
