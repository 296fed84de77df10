import Linux
import Testing

extension Integration {
    /// The OCI runtime's own command line, on bare bundles.
    @Suite struct RuntimeLifeTests {
        let it: RuntimeFixture

        init() throws { it = try RuntimeFixture() }

        @Test("run: output, exit code, nothing left") func run() throws {
            try it.configure("echo hello from $(hostname); pwd; exit 7")
            let outcome = try it.run(["run", "--bundle", it.bundle, "r"])
            #expect(outcome.code == 7 && outcome.lines == ["hello from box", "/"], "\(outcome)")
            #expect(try it.run(["list", "-q"]).out == "")
            #expect(try it.run(["state", "r"]).err.contains("container does not exist"))
        }

        @Test("what runc forgives: capabilities unknown or not inheritable, tmpfs without a mode") func forgiving() throws {
            let sets = ["bounding", "effective", "permitted", "ambient"].map { "\"\($0)\": [\"CAP_KILL\", \"CAP_NOBODY_KNOWS\"]" }.joined(separator: ", ")
            try FileDescriptor.open("\(it.bundle)/rootfs/tmp", [.directory]).changeMode(to: 0o1711)
            try it.configure(
                "cat /proc/self/status; stat -c mode=%a /tmp", process: "\"capabilities\": {\(sets)}",
                mounts: ", {\"destination\": \"/tmp\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}")
            let output = try it.run(["run", "--bundle", it.bundle, "a"]).out
            #expect(output.contains("CapEff:\t0000000000000020") && output.contains("CapAmb:\t0000000000000000") && output.contains("mode=1711"), "\(output)")
        }

        @Test("processors are the cgroup's, not the caller's; exec adds what is handed down to the ambient set") func inheritance() throws {
            func processors(_ status: String) -> Substring? { status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") } }
            let own = processors(String(decoding: try FileSystem.read("/proc/self/status"), as: UTF8.self))
            func bound(_ words: [String]) throws -> Outcome {
                let program = [try #require(Spawn.find("taskset")), "-c", "0", Installation.program, "runtime", "--root", it.root]
                return try RunningCommand(program + words, environment: RuntimeFixture.environment, withInput: false).finish(seconds: 60)
            }
            let sets = ["bounding", "permitted", "inheritable"].map { "\"\($0)\": [\"CAP_KILL\"]" }.joined(separator: ", ")
            let capabilities = "\"capabilities\": {\(sets)}"
            try it.configure("cat /proc/self/status", process: capabilities)
            let run = try bound(["run", "--bundle", it.bundle, "r"])
            #expect(processors(run.out) == own, "\(run)")
            try it.configure("while :; do sleep 0.1; done", process: capabilities)
            try it.run(detached: "p")
            let exec = try bound(["exec", "--cap", "CAP_KILL", "p", "cat", "/proc/self/status"])
            #expect(processors(exec.out) == own && exec.out.contains("CapAmb:\t0000000000000020"), "\(exec)")
            try it.must("delete", "--force", "p")
        }

        @Test("create, start, exec, pause, kill, delete, each told by state") func life() throws {
            try it.configure("while :; do sleep 0.1; done")
            try it.create("c", "--pid-file", "\(it.directory)/pid")
            #expect(try it.status("c") == "created")
            #expect(try it.run(["create", "--bundle", it.bundle, "c"]).err.contains("container with given ID already exists"))
            try it.must("start", "c")
            #expect(try it.status("c") == "running")
            #expect(try it.run(["start", "c"]).err.contains("cannot start an already running container"))
            let pid = String(decoding: try FileSystem.read("\(it.directory)/pid"), as: UTF8.self)
            #expect(try it.run(["ps", "--format", "json", "c"]).out.contains(pid))
            let exec = try it.run(["exec", "--env", "A=b", "--cwd", "/tmp", "--user", "7:8", "c", "sh", "-c", "echo $A $(pwd) $(id -u):$(id -g); exit 3"])
            #expect(exec.code == 3 && exec.line == "b /tmp 7:8", "\(exec)")
            try it.must("pause", "c")
            #expect(try it.status("c") == "paused")
            #expect(try it.run(["exec", "c", "id"]).err.contains("cannot exec in a paused container"))
            try it.must("resume", "c")
            #expect(try it.run(["delete", "c"]).err.contains("cannot delete container c that is not stopped: running"))
            try it.must("update", "--memory", "32m", "c")
            #expect(try it.run(["events", "--stats", "c"]).out.contains("\"limit\":33554432"))
            try it.must("kill", "c", "KILL")
            try it.eventually("the end") { try it.status("c") == "stopped" }
            #expect(try it.run(["kill", "c"]).err.contains("container not running"))
            try it.must("delete", "c")
            #expect(!FileSystem.exists("\(it.root)/c"))
            #expect(try it.run(["delete", "c"]).code == 1)
            #expect(try it.run(["delete", "--force", "c"]).code == 0)
        }

        @Test("a program that cannot be executed: create tells, and leaves nothing") func missing() throws {
            try it.configure("true", process: "\"args\": [\"nonesuch\"]")
            let outcome = try it.run(["create", "--bundle", it.bundle, "m"])
            #expect(outcome.code == 1 && outcome.err.contains("executable file not found in $PATH"), "\(outcome)")
            #expect(try it.run(["list", "-q"]).out == "")
            // What only execve(2) finds is told by start.
            try FileSystem.replace("\(it.bundle)/rootfs/bin/odd", with: "\u{7f}ELF nonsense".utf8, mode: 0o755)
            try it.configure("true", process: "\"args\": [\"/bin/odd\"]")
            #expect(try it.run(["run", "--bundle", it.bundle, "m"]).code != 0)
        }

        @Test("errors go to the log as callers read it") func log() throws {
            let log = "\(it.directory)/log"
            let outcome = try it.run(["--log", log, "--log-format", "json", "state", "nobody"])
            #expect(outcome.code == 1 && outcome.err.contains("container does not exist"))
            let line = String(decoding: try FileSystem.read(log), as: UTF8.self)
            #expect(line.hasPrefix("{\"level\":\"error\",\"msg\":\"container does not exist\",\"time\":\""), "\(line)")
        }

        @Test("hooks at their places, with the state to read") func hooks() throws {
            let log = "\(it.directory)/hooks"
            func hook(_ name: String, _ script: String = "") -> String {
                "\"\(name)\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"read s; echo \(name) $s \(script) >> \(log)\"]}]"
            }
            // Those in the container's namespaces see its root only once it is there.
            let inside = "\"startContainer\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"cat > /tmp/state\"]}]"
            try it.configure(
                "cat /tmp/state; sleep 1000",
                more: "\"hooks\": {\(["createRuntime", "createContainer", "poststart", "poststop"].map { hook($0) }.joined(separator: ", ")), \(inside)}")
            try it.create("h")
            func told(first: Bool = false) throws -> [String] {
                let lines = String(decoding: try FileSystem.read(log), as: UTF8.self).split(separator: "\n")
                return lines.map { line in first ? String(line.prefix { $0 != " " }) : String(line) }
            }
            #expect(try told(first: true) == ["createRuntime", "createContainer"])
            let all = try told()
            #expect(all.allSatisfy { $0.contains("\"id\":\"h\"") && $0.contains("\"status\":\"creating\"") }, "\(all)")
            try it.must("start", "h")
            #expect(try it.run(["exec", "h", "cat", "/tmp/state"]).out.contains("\"id\":\"h\""))
            try it.must("delete", "-f", "h")
            #expect(try told(first: true) == ["createRuntime", "createContainer", "poststart", "poststop"])
            // One that fails keeps the container from being.
            try it.configure("true", more: "\"hooks\": {\"prestart\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"echo sorry; exit 5\"]}]}")
            let outcome = try it.run(["run", "--bundle", it.bundle, "f"])
            #expect(outcome.code == 1 && outcome.err.contains("exit status 5") && outcome.err.contains("sorry"), "\(outcome)")
            try it.configure("true", more: "\"hooks\": {\"createRuntime\": [{\"path\": \"/bin/sleep\", \"args\": [\"sleep\", \"100\"], \"timeout\": 1}]}")
            #expect(try it.run(["run", "--bundle", it.bundle, "t"]).err.contains("past its timeout"))
            #expect(try it.run(["list", "-q"]).out == "")
        }

        @Test("startContainer hooks have the program's environment with a home, and nothing of the descriptors passed on to it") func inside() throws {
            try it.configure(
                "cat /tmp/env; cat <&3", process: "\"env\": [\"PATH=/bin\", \"WORD=first\", \"WORD=last\"]",
                more:
                    "\"hooks\": {\"startContainer\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"env > /tmp/env; test ! -e /proc/$$/fd/3 || echo leaked >> /tmp/env\"]}]}"
            )
            try FileSystem.replace("\(it.directory)/passed", with: "passed on".utf8)
            let words = [Installation.program, "runtime", "--root", it.root, "run", "--preserve-fds", "1", "--bundle", it.bundle, "i"].joined(separator: " ")
            let running = try RunningCommand(["/bin/sh", "-c", "exec 3< \(it.directory)/passed; exec \(words)"], environment: RuntimeFixture.environment, withInput: false)
            let outcome = try running.finish()
            #expect(outcome.lines.contains("HOME=/root") && outcome.lines.contains("WORD=last") && !outcome.lines.contains("WORD=first"), "\(outcome)")
            #expect(!outcome.lines.contains("leaked") && outcome.lines.last == "passed on", "\(outcome)")
        }

        @Test("in the foreground: orphans are reaped, and a program may let go of its terminal") func foreground() throws {
            try it.configure(
                "(sh -c 'echo $$ > /tmp/orphan; exec sleep 0.2' &); until test -s /tmp/orphan; do sleep 0.05; done; while test -e /proc/$(cat /tmp/orphan); do sleep 0.05; done; exit 4",
                namespaces: ["ipc", "uts", "mount", "network"])
            let orphan = try it.run(["run", "--bundle", it.bundle, "o"])
            #expect(orphan.code == 4, "\(orphan)")
            // Not the first process of a namespace, which no hang-up would end.
            try it.configure("exec <&- >&- 2>&-; sleep 0.5; touch /tmp/went-on; exit 5", terminal: true, namespaces: ["ipc", "uts", "mount", "network"])
            let running = try RunningCommand(
                onTerminal: [Installation.program, "runtime", "--root", it.root, "run", "--bundle", it.bundle, "h"], environment: RuntimeFixture.environment)
            #expect(try running.finish().code == 5)
            #expect(FileSystem.exists("\(it.bundle)/rootfs/tmp/went-on"))
        }

        @Test("idmapped mounts: by mappings of their own, with and without a user namespace, and by the container's") func mapped() throws {
            let memory = "\(it.bundle)/memory"
            try FileSystem.makeDirectories(memory)
            func run(_ options: String, _ mappings: String, users: Bool) throws -> Outcome {
                let own = "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 70000, \"size\": 10}], \"gidMappings\": [{\"containerID\": 0, \"hostID\": 70000, \"size\": 10}]"
                try it.configure(
                    "stat -c %u:%g /data/file", linux: users ? own : "",
                    mounts: ", {\"destination\": \"/data\", \"type\": \"bind\", \"source\": \"memory\", \"options\": [\"rbind\"\(options)]\(mappings)}",
                    namespaces: ["pid", "ipc", "uts", "mount", "network"] + (users ? ["user"] : []))
                return try it.run(["run", "--bundle", it.bundle, "m"])
            }
            try FileSystem.replace("\(memory)/file", with: [])
            try FileDescriptor.open("\(memory)/file").changeOwner(user: 3, group: 4)
            let mappings = ", \"uidMappings\": [{\"containerID\": 3, \"hostID\": 70005, \"size\": 1}], \"gidMappings\": [{\"containerID\": 4, \"hostID\": 70006, \"size\": 1}]"
            let alone = try run("", mappings, users: false)
            if alone.err.contains("MOUNT_ATTR_IDMAP"), alone.err.contains("Invalid argument") { return print("SKIPPED: the file system of /tmp knows no idmapped mounts") }
            #expect(alone.line == "70005:70006", "\(alone)")
            #expect(try run("", mappings, users: true).line == "5:6")
            #expect(try run(", \"ridmap\"", "", users: true).line == "3:4")
            #expect(try run(", \"idmap\"", "", users: false).err.contains("idmap without mappings takes a user namespace"))
        }

        @Test("user and time namespaces") func namespaces() throws {
            try it.configure(
                "id -u; cat /proc/self/uid_map; cat /proc/self/timens_offsets; ls -n /dev/null; touch /tmp/x && ls -n /tmp/x",
                linux: """
                    "uidMappings": [{"containerID": 0, "hostID": 70000, "size": 10}], "gidMappings": [{"containerID": 0, "hostID": 70000, "size": 10}],
                    "timeOffsets": {"boottime": {"secs": 1000000}}
                    """, namespaces: ["pid", "ipc", "uts", "mount", "network", "user", "time"])
            let tmp = try FileDescriptor.open("\(it.bundle)/rootfs", [.path, .directory])
            try tmp.changeMode("tmp", to: 0o1777)
            let outcome = try it.run(["run", "--bundle", it.bundle, "u"])
            #expect(outcome.code == 0 && outcome.lines.first == "0" && outcome.out.contains("70000") && outcome.out.contains("1000000"), "\(outcome)")
            #expect(try tmp.status(of: "tmp/x").user == 70000)
        }

        @Test("a terminal in the foreground, and one that a socket gets") func terminals() throws {
            try it.configure("tty; stty size; read x; echo got $x", terminal: true)
            let running = try RunningCommand(
                onTerminal: [Installation.program, "runtime", "--root", it.root, "run", "--bundle", it.bundle, "t"], environment: RuntimeFixture.environment,
                rows: 33, columns: 99)
            try running.wait(forOutput: "33 99")
            try running.send("word\n")
            try running.wait(forOutput: "got word")
            #expect(try running.finish(seconds: 30).code == 0)

            #expect(try it.run(["create", "--bundle", it.bundle, "s"]).err.contains("without setting console socket"))
            let directory = try FileDescriptor.open(it.directory, [.path, .directory])
            let listener = try UnixSocket.listen("console", in: directory)
            try it.create("s", "--console-socket", "\(it.directory)/console")
            let accepted = OpenFile(try UnixSocket.accept(listener))
            let connection = try #require(accepted)
            var set = PollSet()
            set.add(connection.descriptor, read: true, token: 0)
            #expect(try !set.wait(timeoutMilliseconds: 30_000).isEmpty)
            let received = OpenFile(try Self.file(from: connection))
            let terminal = try #require(received)
            try it.must("start", "s")
            var text = ""
            try it.eventually("its word") {
                text += String(decoding: try terminal.descriptor.read(upTo: 4096), as: UTF8.self)
                return text.contains("/dev/pts/")
            }
            try it.must("delete", "-f", "s")
        }

        private static func file(from connection: OpenFile) throws -> FileDescriptor? {
            var message = try connection.descriptor.receive()
            return message?.file.take()
        }
    }
}
