import Linux
import Testing

extension Integration {
    /// `davit daemon` as it is set up on a host: by systemd, on several sockets, for a group, and for containers that get its socket.
    @Suite struct DaemonTests {
        let it: Installation
        let socket: String

        init() throws {
            it = try Installation.withImage()
            socket = "\(it.directory)/docker.sock"
        }

        /// Starts it and waits for the last of these sockets.
        private func daemon(_ arguments: String...) throws -> RunningCommand {
            let daemon = try it.start(["daemon"] + arguments)
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            return daemon
        }

        private func end(_ daemon: RunningCommand) throws {
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0)
        }

        @Test("E01 E32 E34 E11 E51: dockerd takes the socket that systemd made, Docker's own flags, and a reload")
        func activation() throws {
            // What systemd does: a listening socket as descriptor 3, and two variables.
            let script = """
                ln -s \(Installation.program) \(it.directory)/dockerd; exec python3 -c '
                import os, socket
                s = socket.socket(socket.AF_UNIX); s.bind("\(socket)"); s.listen()
                os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
                os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
                os.execv("\(it.directory)/dockerd", ["dockerd", "--data-root", "\(it.dataRoot)", "--exec-root", "\(it.runRoot)", "-H", "fd://",
                    "--containerd=/run/containerd/containerd.sock", "--pidfile", "\(it.directory)/pid"])
                '
                """
            let daemon = try it.start(shell: script.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n"))
            // The socket is there before the daemon is, which is the point of it.
            try it.eventually("the socket is made") { FileSystem.exists(socket) }
            #expect(try it.shell("curl -s --unix-socket \(socket) http://localhost/_ping").out == "OK")
            #expect(try it.shell("cat \(it.directory)/pid").line == "\(daemon.child.pid)")
            let words = String(decoding: try FileSystem.read("/proc/\(daemon.child.pid)/cmdline").map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            #expect(words.hasPrefix("dockerd --data-root"))
            try daemon.signal(1)
            #expect(try it.shell("\(Installation.program) -H unix://\(socket) ps -q").code == 0)
            try end(daemon)
            #expect(!FileSystem.exists("\(it.directory)/pid"))
            #expect(try it.shell("\(it.directory)/dockerd --version").out.hasPrefix("Docker version "))
        }

        @Test("E38 E39 E40 E41 E48 E52: several addresses; what curl gets there without a version in the path") func addresses() throws {
            let port = UInt16.random(in: 20_000..<30_000)
            let daemon = try daemon("-H", "tcp://127.0.0.1:\(port)", "-H", "unix://\(it.directory)/other.sock", "-H", "unix://\(socket)")
            let events = try it.start(shell: "curl -s --unix-socket \(socket) --no-buffer http://localhost/events")
            // Nothing tells that events are being listened to but an event.
            try it.eventually("events come") {
                try it.must("volume", "create")
                return try hasOutput(events)
            }
            try it.must("run", "-d", "--name", "httpbin", "busybox", "sleep", "1000")
            try events.wait(forOutput: #""Action":"start""#)
            #expect(try events.out.split(separator: "\n").allSatisfy { try it.shell("echo '\($0)' | jq -e .Type").code == 0 })
            for way in ["http://localhost:\(port)", "--unix-socket \(it.directory)/other.sock http://localhost"] {
                #expect(try it.shell("curl -sS \(way)/containers/json | jq -rc '.[].Names'").line == #"["/httpbin"]"#)
            }
            #expect(try it.shell("curl -s --unix-socket \(socket) http://localhost/version | jq -r .ApiVersion,.Os").lines == ["1.51", "linux"])
            #expect(try it.shell("curl -s --unix-socket \(socket) http://localhost/images/json | jq -rc '.[].RepoTags'").line == #"["busybox:latest"]"#)
            try it.must("rm", "-f", "httpbin")
            try end(daemon)
        }

        /// Whether it has said something so far.
        private func hasOutput(_ command: RunningCommand) throws -> Bool {
            do { try command.wait(forOutput: "{", seconds: 1) } catch is TimedOut { return false }
            return true
        }

        @Test("E24: who is in the socket's group needs no sudo, be it docker or davit; others are told why") func group() throws {
            // A built program may lie where only root can go.
            #expect(try it.shell("cp \(Installation.program) \(it.directory)/davit").code == 0)
            let daemon = try daemon("-H", "unix://\(socket)", "-H", "unix://\(it.runRoot)/davit.sock", "--group", "nogroup")
            #expect(try it.shell("stat -c '%A %U %G' \(socket)").line == "srw-rw---- root nogroup")
            try it.must("run", "-d", "--name", "web", "busybox", "sleep", "1000")
            func asNobody(_ group: String, _ command: String) throws -> Outcome {
                try it.shell("HOME=/nowhere setpriv --reuid nobody --regid \(group) --clear-groups \(command)")
            }
            let davit = "\(it.directory)/davit --root \(it.dataRoot) --run-root \(it.runRoot)"
            for command in ["\(davit) ps", "\(davit) -H unix://\(socket) ps"] + (StockClient.program.map { ["\($0) -H unix://\(socket) ps"] } ?? []) {
                let inside = try asNobody("nogroup", "\(command) --format '{{.Names}}'")
                #expect(inside.out == "web\n", "\(inside)")
                let outside = try asNobody("daemon", command)
                #expect(outside.code == 1 && outside.err.contains("permission denied while trying to connect to the Docker daemon socket"), "\(outside)")
            }
            try it.must("rm", "-f", "web")
            try end(daemon)
        }

        @Test("E42 E43 E45: a container with the socket drives the engine that it runs in, and with a read-only one it looks on") func mounted() throws {
            let readOnly = "\(it.directory)/look.sock"
            let daemon = try daemon("--read-only-host", "unix://\(readOnly)", "-H", "unix://\(socket)")
            func inside(_ socket: String, _ script: String) throws -> Outcome {
                try it.davit(
                    ["run", "--rm", "--name", "docker-sock", "-v", "\(socket):/var/run/docker.sock", "-v", "\(Installation.program):/bin/docker:ro", "busybox", "sh", "-c", script])
            }
            let sibling = try inside(socket, "docker run --rm --name sibling busybox hostname; docker ps --format '{{.Names}}'")
            #expect(sibling.code == 0 && sibling.lines.count == 2 && sibling.lines.last == "docker-sock", "\(sibling)")
            let onlooker = try inside(readOnly, "docker ps --format '{{.Names}}'; docker logs docker-sock; docker kill docker-sock")
            #expect(onlooker.out == "docker-sock\ndocker-sock\n" && onlooker.err.contains("is not answered here: this address is read-only"), "\(onlooker)")
            // Not what changes, not what gives files away, and not by another spelling.
            try it.must("create", "--name", "box", "busybox", "true")
            let curl = "curl -s -o /dev/null -w '%{http_code} ' --unix-socket \(readOnly)"
            for call in ["-X POST http://x/containers/box/start", "-X DELETE http://x/v1.44/containers/box", "-T /dev/null http://x/containers/box/archive?path=/"] {
                #expect(try it.shell("\(curl) \(call)").line == "403 ", "\(call)")
            }
            for path in [
                "containers/box/export", "containers/box/archive?path=/etc", "containers/box/attach/ws", "images/get?names=busybox", "images/busybox/get",
                "containers/box/exp%6frt", "/v1.44//containers/box/export/",
            ] {
                #expect(try it.shell("\(curl) --path-as-is http://x/\(path)").line != "200 ", "\(path)")
            }
            for path in ["_ping", "info", "containers/box/json", "images/busybox/json", "images/busybox/history", "networks", "volumes", "system/df"] {
                #expect(try it.shell("\(curl) http://x/\(path)").line == "200 ", "\(path)")
            }
            try it.must("rm", "box")
            try end(daemon)
        }

        @Test("E50: containers live on while the daemon is not there, and are found again") func liveRestore() throws {
            let first = try daemon("-H", "unix://\(socket)", "--live-restore")
            let davit = "\(Installation.program) -H unix://\(socket)"
            #expect(try it.shell("\(davit) run -d --name web busybox sh -c 'until test -e /go; do sleep 0.05; done; echo went'").code == 0)
            let process = try it.must("inspect", "-f", "{{.State.Pid}}", "web")
            try first.signal(9)
            _ = try first.finish(seconds: 20)
            let second = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon answers") { try it.shell("\(davit) inspect -f '{{.State.Pid}}' web").line == process }
            #expect(try it.shell("\(davit) exec web touch /go; \(davit) wait web; \(davit) logs web").out == "0\nwent\n")
            #expect(try it.shell("\(davit) info -f '{{.LiveRestoreEnabled}}'").line == "true")
            try it.must("rm", "web")
            try end(second)
        }

        @Test("E25 E44: after a boot policies apply, and what ran has ended with 255") func boot() throws {
            for (name, policy) in [("always", "always"), ("unless", "unless-stopped"), ("never", "no"), ("stopped", "unless-stopped")] {
                try it.must("run", "-d", "--name", name, "--restart", policy, "busybox", "sleep", "1000")
            }
            try it.must("stop", "-t", "0", "stopped")
            // A boot takes all processes and all that is below /run.
            // That of the stopped one may be about to end by itself.
            for process in try it.supervisors() { try? Process.signal(process, 9) }
            try it.eventually("all are gone") { try it.supervisors().isEmpty }
            try FileSystem.removeTree(it.runRoot)
            try FileSystem.makeDirectories(it.runRoot)
            try it.must("daemon", "--once")
            func states() throws -> [String] {
                try it.must("ps", "-a", "--format", "{{.Names}} {{.Status}}").split(separator: "\n").map { $0.split(separator: " ").prefix(3).joined(separator: " ") }.sorted()
            }
            #expect(try states() == ["always Up Less", "never Exited (255)", "stopped Exited (137)", "unless Up Less"])
            try it.must("rm", "-f", "always", "unless", "never", "stopped")
        }
    }
}
