import Linux
import Testing

extension Integration {
    @Suite("push, pull and login with a registry", .serialized)
    struct Registries {
        let davit: Installation

        init() throws { davit = try Installation.withImage() }

        /// Puts files of `pki` into the registry's directory of `certs.d`, under other names.
        private func trust(_ files: [String: String]) throws -> [String] {
            let directory = "\(davit.directory)/etc/certs.d/\(RegistryPeer.secure)"
            // The first time there is none.
            try? FileSystem.removeTree(directory)
            try FileSystem.makeDirectories(directory)
            for (name, source) in files { try FileSystem.replace("\(directory)/\(name)", with: try FileSystem.read("\(davit.directory)/pki/\(source)")) }
            return ["DAVIT_CONFIG_DIR=\(davit.directory)/etc"]
        }

        @Test(
            "push, push again, push to another name, pull, run (A05, B05, B06, B07, C02, C03, C20, C21, C22, D07, E16, E17, E61, E62, E64)",
            arguments: RegistryPeer.Server.allCases)
        func roundTrip(server: RegistryPeer.Server) throws {
            let registry = try RegistryPeer(server, on: davit)
            let name = "\(registry.host)/repo/image:tag1"
            try davit.must("tag", "busybox", name)
            #expect(try davit.must("image", "inspect", "-f", "{{.Id}}", name) == davit.must("image", "inspect", "-f", "{{.Id}}", "busybox"))
            let first = try davit.davit("push", name)
            #expect(first.code == 0, "\(first)")
            #expect(first.lines.first == "The push refers to repository [\(registry.host)/repo/image]")
            let last = first.lines.last ?? ""
            #expect(last.hasPrefix("tag1: digest: sha256:") && last.contains(" size: "))
            #expect(try davit.must("push", name).contains("Layer already exists"))
            try davit.must("tag", "busybox", "\(registry.host)/other")
            let other = try davit.davit("push", "\(registry.host)/other")
            #expect(other.out.contains("Mounted from repo/image"), "\(other)")
            #expect(other.lines.first == "Using default tag: latest")
            // The curl lines.
            let base = "http://\(registry.host)/v2"
            #expect(try davit.network?.shell("curl -s \(base)/_catalog | jq -c .").out == "{\"repositories\":[\"other\",\"repo/image\"]}\n")
            #expect(try davit.network?.shell("curl -s \(base)/repo/image/tags/list | jq -c .").out == "{\"name\":\"repo/image\",\"tags\":[\"tag1\"]}\n")
            #expect(try davit.network?.shell("curl -s \(base)/repo/image/manifests/tag1 | jq -r .schemaVersion").out.hasSuffix("\n") == true)
            // Away and back.
            let id = try davit.must("images", "-q", "--no-trunc", "busybox")
            try davit.must("rmi", "-f", id)
            #expect(try davit.must("images", "-aq") == "")
            let pulled = try davit.davit("pull", name)
            #expect(pulled.code == 0, "\(pulled)")
            #expect(pulled.lines.first == "tag1: Pulling from repo/image")
            #expect(pulled.lines.suffix(2) == ["Status: Downloaded newer image for \(name)", name])
            #expect(try davit.must("images", "-q", "--no-trunc", name) == id)
            let digest = String(last.split(separator: " ")[2])
            #expect(pulled.lines.contains("Digest: \(digest)"))
            #expect(try davit.must("images", "--digests", "--format", "{{.Digest}}", "\(registry.host)/repo/image") == digest)
            #expect(try davit.must("pull", name).contains("Status: Image is up to date for \(name)"))
            #expect(try davit.must("run", "--rm", name, "echo", "it runs") == "it runs")
            // By digest alone: no tag.
            try davit.must("rmi", "-f", id)
            try davit.must("pull", "-q", "\(registry.host)/repo/image@\(digest)")
            #expect(try davit.must("images", "--digests", "--format", "{{.Tag}} {{.Digest}}") == "<none> \(digest)")
            // What run does by itself.
            let run = try davit.davit("run", "--rm", "--network", "none", "\(registry.host)/other", "true")
            #expect(run.code == 0)
            #expect(run.err.contains("Unable to find image '\(registry.host)/other:latest' locally"))
            #expect(try davit.davit("run", "--rm", "--pull", "never", "\(registry.host)/repo/image:none").err.contains("No such image"))
        }

        @Test(
            "what is not there, or not spelt right (B03, E18)",
            arguments: [
                (["pull", "127.0.0.1:5601/x:none"], "manifest for 127.0.0.1:5601/x:none not found: manifest unknown"),
                (["push", "127.0.0.1:5601/x"], "An image does not exist locally with the tag: 127.0.0.1:5601/x"),
                (["pull", "x@sha256:abea36bfb49bd9d4f41d9cb8be8a5b4b7a4c864b"], "invalid reference format"), (["pull", "Upper"], "must be lowercase"),
                (["push", "-a", "127.0.0.1:5601/x:y"], "tag can't be used with --all-tags/-a"),
                (["pull", "127.0.0.1:5699/x"], "dial tcp 127.0.0.1:5699: connect: connection refused"),
            ])
        func missing(command: [String], words: String) throws {
            let registry = try RegistryPeer(.debian, on: davit)
            let outcome = try davit.davit(command)
            #expect(outcome.code == 1)
            #expect(outcome.err.contains(words), "\(outcome)")
            _ = registry
        }

        @Test("TLS: a private authority must be known, by any *.crt; a root called *.key is told (C17, C18, C19)", arguments: RegistryPeer.Server.allCases)
        func privateAuthority(server: RegistryPeer.Server) throws {
            let registry = try RegistryPeer(server, on: davit, .init(usesTLS: true))
            let name = "\(registry.host)/x:1"
            try davit.must("tag", "busybox", name)
            let unknown = try davit.davit("push", name)
            #expect(unknown.code == 1)
            #expect(unknown.err.contains("x509: certificate signed by unknown authority"), "\(unknown)")
            #expect(unknown.err.contains("/etc/docker/certs.d/\(registry.host)/ca.crt"))
            let known = try davit.davit(["push", name], environment: trust(["any name.crt": "ca.crt"]))
            #expect(known.code == 0, "\(known)")
            #expect(try davit.davit(["pull", name], environment: trust(["a.crt": "stranger.crt", "b.crt": "ca.crt"])).code == 0)
            let misnamed = try davit.davit(["pull", name], environment: trust(["ca.key": "ca.crt"]))
            #expect(misnamed.err.contains("missing client certificate ca.cert for key ca.key"), "\(misnamed)")
            let half = try davit.davit(["pull", name], environment: trust(["ca.crt": "ca.crt", "client.cert": "client.crt"]))
            #expect(half.err.contains("missing key client.key for client certificate client.cert"), "\(half)")
        }

        @Test("daemon.json: a mirror stands in for Docker Hub, an insecure registry needs no known authority (C17)") func settings() throws {
            func set(_ text: String) throws -> [String] {
                try FileSystem.makeDirectories("\(davit.directory)/etc")
                try FileSystem.replace("\(davit.directory)/etc/daemon.json", with: Array(text.utf8))
                return ["DAVIT_CONFIG_DIR=\(davit.directory)/etc"]
            }
            do {
                let mirror = try RegistryPeer(.own, on: davit)
                try davit.must("tag", "busybox", "\(mirror.host)/library/mirrored:1")
                try davit.must("push", "-q", "\(mirror.host)/library/mirrored:1")
                let pulled = try davit.davit(["pull", "-q", "mirrored:1"], environment: set("{\"registry-mirrors\":[\"http://\(mirror.host)\"]}"))
                #expect(pulled.code == 0 && pulled.out == "docker.io/library/mirrored:1\n", "\(pulled)")
                // Nothing is pushed to a mirror.
                try davit.must("tag", "busybox", "mirrored:2")
                #expect(try davit.davit(["push", "mirrored:2"], environment: ["DAVIT_CONFIG_DIR=\(davit.directory)/etc"], seconds: 90).code == 1)
            }
            let registry = try RegistryPeer(.own, on: davit, .init(usesTLS: true)), name = "\(registry.host)/x:1"
            try davit.must("tag", "busybox", name)
            #expect(try davit.davit(["push", name], environment: set("{}")).err.contains("x509: certificate signed by unknown authority"))
            for entry in ["10.77.0.0/16", registry.host, "10.77.0.1"] {
                let pushed = try davit.davit(["push", "-q", name], environment: set("{\"insecure-registries\":[\"\(entry)\"]}"))
                #expect(pushed.code == 0, "\(pushed)")
            }
        }

        @Test("TLS: client certificates, tried in order of name (C18)", arguments: RegistryPeer.Server.allCases)
        func clientCertificates(server: RegistryPeer.Server) throws {
            let registry = try RegistryPeer(server, on: davit, .init(usesTLS: true, wantsClientCertificate: true))
            let name = "\(registry.host)/x:1"
            try davit.must("tag", "busybox", name)
            let none = try davit.davit(["push", name], environment: trust(["ca.crt": "ca.crt"]))
            #expect(none.code == 1, "\(none)")
            let pair = try davit.davit(["push", name], environment: trust(["ca.crt": "ca.crt", "c.cert": "client.crt", "c.key": "client.key"]))
            #expect(pair.code == 0, "\(pair)")
            let second = try davit.davit(
                ["push", name],
                environment: trust(["ca.crt": "ca.crt", "a.cert": "other.crt", "a.key": "other.key", "b.cert": "client.crt", "b.key": "client.key"]))
            #expect(second.code == 0, "\(second)")
        }

        @Test(
            "login, by flag and standard input and prompt; what is wrong; logout (A01, A06, B03, B04, C15)", arguments: RegistryPeer.Server.allCases)
        func login(server: RegistryPeer.Server) throws {
            let registry = try RegistryPeer(server, on: davit, .init(wantsPassword: true))
            let host = registry.host, name = "\(registry.host)/x:1"
            try davit.must("tag", "busybox", name)
            let anonymous = try davit.davit("push", name)
            #expect(anonymous.code == 1 && anonymous.err.contains("no basic auth credentials"), "\(anonymous)")
            let wrong = try davit.davit(["login", "-u", "me", "--password-stdin", host], input: "wrong\n")
            #expect(wrong.code == 1 && wrong.err.contains("login attempt to http://\(host)/v2/ failed with status: 401 Unauthorized"), "\(wrong)")
            #expect(!FileSystem.exists("\(davit.directory)/.docker/config.json"))
            let piped = try davit.davit(["login", "-u", "me", "--password-stdin", "http://\(host)/v2/"], input: "secret")
            #expect(piped.code == 0 && piped.line == "Login Succeeded", "\(piped)")
            #expect(piped.err.contains("WARNING! Your credentials are stored unencrypted in '\(davit.directory)/.docker/config.json'."))
            #expect(try FileSystem.status("\(davit.directory)/.docker/config.json")?.permissions == 0o600)
            #expect(try davit.davit("push", name).code == 0)
            #expect(try davit.davit("pull", name).code == 0)
            #expect(try davit.davit("login", host).out.contains("Authenticating with existing credentials"))
            #expect(try davit.must("logout", host) == "Removing login credentials for \(host)")
            #expect(try davit.must("logout", host) == "Not logged in to \(host)")
            #expect(try davit.davit("pull", "\(host)/x:2").code == 1)
            let terminal = try davit.start(onTerminal: ["login", "-u", "me", host])
            try terminal.wait(forOutput: "Password: ")
            try terminal.send("secret\n")
            let typed = try terminal.finish(seconds: 20)
            #expect(typed.code == 0 && typed.out.contains("Login Succeeded") && !typed.out.contains("secret"), "\(typed)")
            #expect(try davit.davit("login", "-u", "x").err.contains("Error: Cannot perform an interactive login from a non TTY device"))
            #expect(try davit.davit("login", "--password-stdin").err.contains("--password-stdin option requires --username"))
        }

        @Test("credential helpers, whole and broken (B17, C14, C36)")
        func helpers() throws {
            let registry = try RegistryPeer(.debian, on: davit, .init(wantsPassword: true))
            let host = registry.host, home = "\(davit.directory)/.docker", bin = "\(davit.directory)/bin"
            try FileSystem.makeDirectories(home)
            try FileSystem.makeDirectories(bin)
            let helper = """
                #!/bin/sh
                case $1 in
                store) cat > \(davit.directory)/kept ;;
                get) read host; [ -s \(davit.directory)/kept ] || { echo "credentials not found in native keychain"; exit 1; }; cat \(davit.directory)/kept ;;
                erase) rm \(davit.directory)/kept ;;
                esac
                """
            for (name, script) in [("good", helper), ("bad", "#!/bin/sh\nexit 1\n")] {
                try FileSystem.replace("\(bin)/docker-credential-\(name)", with: Array(script.utf8), mode: 0o755)
            }
            let path = ["PATH=\(bin):/usr/bin:/bin"]
            try FileSystem.replace("\(home)/config.json", with: Array(#"{"credsStore":"good","HttpHeaders":{"a":"b"}}"#.utf8))
            let login = try davit.davit(["login", "-u", "me", "--password-stdin", host], input: "secret", environment: path)
            #expect(login.code == 0 && !login.err.contains("WARNING"), "\(login)")
            let file = String(decoding: try FileSystem.read("\(home)/config.json"), as: UTF8.self)
            #expect(file.contains("\"HttpHeaders\"") && !file.contains("c2VjcmV0") && file.contains(host))
            #expect(try davit.must("tag", "busybox", "\(host)/x") == "")
            #expect(try davit.davit(["push", "\(host)/x"], environment: path).code == 0)
            #expect(try davit.davit(["logout", host], environment: path).out == "Removing login credentials for \(host)\n")
            #expect(!FileSystem.exists("\(davit.directory)/kept"))
            try FileSystem.replace("\(home)/config.json", with: Array("{\"credHelpers\":{\"\(host)\":\"bad\"}}".utf8))
            let broken = try davit.davit(["pull", "\(host)/x"], environment: path)
            #expect(broken.code == 1)
            #expect(broken.err.contains("error getting credentials for \(host): the helper docker-credential-bad failed with exit status 1"), "\(broken)")
            try FileSystem.replace("\(home)/config.json", with: Array("{\"credsStore\":\"absent\"}".utf8))
            #expect(try davit.davit(["pull", "\(host)/x"], environment: path).err.contains("the helper docker-credential-absent is not in $PATH"))
        }
    }
}
