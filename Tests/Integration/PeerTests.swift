import Linux
import Testing

extension Integration {
    /// What the tests of moby and of Docker's command line want, and nothing else here tries.
    @Suite struct PeerTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func events(_ filters: String...) throws -> [String] {
            let now = try it.shell("date +%s.%N").line
            return try it.davit(["events", "--since", "1", "--until", now, "--format", "{{.Type}} {{.Action}}"] + filters.flatMap { ["-f", $0] }).lines
        }

        @Test("events: those of a container are not its networks', those of an image have its labels") func eventFilters() throws {
            let id = try it.must("create", "--name", "web", "--network", "none", "busybox")
            try it.must("start", "web")
            #expect(try events("container=web").allSatisfy { $0.hasPrefix("container ") } && events("container=\(id.prefix(12))").contains("container create"))
            try it.must("commit", "-c", "LABEL tier=front", "web", "made:1")
            try it.must("tag", "made:1", "made:2")
            try it.must("tag", "busybox", "made:3")
            #expect(try events("label=tier=front", "type=image", "event=tag") == ["image tag"])
        }

        @Test("ps: ancestors are also those of the image; binds are found by their source") func psFilters() throws {
            try it.must("create", "--name", "base", "-v", "\(it.directory):/data", "busybox")
            try it.must("commit", "-c", "ENV A=1", "base", "made:1")
            try it.must("create", "--name", "child", "made:1")
            func names(_ filter: String) throws -> [String] {
                try it.must("ps", "-a", "--filter", filter, "--format", "{{.Names}}").split(separator: "\n").map(String.init).sorted()
            }
            #expect(try names("ancestor=busybox") == ["base", "child"] && names("ancestor=made:1") == ["child"] && names("ancestor=other").isEmpty)
            #expect(try names("volume=\(it.directory)") == ["base"] && names("volume=/data") == ["base"])
        }

        @Test("--volumes-from brings nothing of the image; a paused container is named as the client did") func volumesFrom() throws {
            try it.must("run", "--name", "box", "busybox", "sh", "-c", "mkdir /foo; touch /foo/bar")
            try it.must("commit", "-c", #"ONBUILD /usr/bin/tool --flag"#, "box", "made:1")
            try it.must("create", "--name", "donor", "-v", "/foo", "busybox")
            #expect(try it.must("run", "--rm", "--volumes-from", "donor", "made:1", "ls", "/foo") == "")
            #expect(try it.must("inspect", "-f", "{{json .Config.OnBuild}}", "made:1") == #"["/usr/bin/tool --flag"]"#)
            try it.must("run", "-d", "--name", "live", "busybox", "sleep", "1000")
            try it.must("pause", "live")
            #expect(try it.davit("exec", "live", "true").err.contains("Container live is paused, unpause the container before exec"))
            try it.must("unpause", "live")
        }

        @Test("E156: clients before 1.45 see the container an image was made in, and short ids among the aliases") func oldClients() throws {
            let socket = "\(it.directory)/docker.sock"
            let daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            func ask(_ path: String, _ expression: String) throws -> String {
                try it.shell("curl -s --unix-socket \(socket) http://engine/\(path) | jq -c '\(expression)'").line
            }
            try it.must("network", "create", "net")
            let id = try it.must("create", "--name", "web", "--network", "net", "--network-alias", "front", "busybox", "echo", "hi")
            try it.must("commit", "-c", "ENV A=1", "web", "made:1")
            #expect(try ask("v1.44/containers/web/json", ".NetworkSettings.Networks.net.Aliases") == "[\"front\",\"\(id.prefix(12))\"]")
            #expect(try ask("v1.45/containers/web/json", ".NetworkSettings.Networks.net.Aliases") == "[\"front\"]")
            #expect(try ask("v1.44/images/made:1/json", ".ContainerConfig.Env == .Config.Env and .ContainerConfig.Cmd == .Config.Cmd") == "true")
            #expect(try ask("v1.45/images/made:1/json", "has(\"ContainerConfig\")") == "false")
            try FileSystem.replace("\(it.directory)/Dockerfile", with: "FROM busybox\nCMD [\"true\"]\n".utf8)
            try it.mustLines("DOCKER_BUILDKIT=0 \(Installation.program) build -q -t built:1 .")
            #expect(try ask("v1.44/images/built:1/json", ".ContainerConfig.Cmd") == ##"["/bin/sh","-c","#(nop) ","CMD [\"true\"]"]"##)
            try daemon.signal(15)
            #expect(try daemon.finish().code == 0)
        }

        @Test("an interrupted question does nothing and is no failure", arguments: ["container", "image", "volume", "network", "system"])
        func interruptedPrompt(_ kind: String) throws {
            try it.must("create", "--name", "box", "busybox")
            let prune = try it.start([kind, "prune"], withInput: true)
            try prune.wait(forOutput: "[y/N] ")
            try prune.signal(2)
            let outcome = try prune.finish()
            #expect(outcome.code == 0 && outcome.out.hasSuffix("[y/N] \n"), "\(outcome)")
            #expect(try it.must("ps", "-aq") != "")
        }
    }
}
