import Linux
import Testing

extension Integration {
    /// What the API says to clients of several versions, and what moby's own tests of it ask for.
    @Suite struct ClientVersionTests {
        let it: Installation
        private let daemon: RunningCommand
        private var socket: String { "\(it.directory)/d.sock" }

        init() throws {
            it = try Installation.withImage()
            let daemon = try it.start(["daemon", "-H", "unix://\(it.directory)/d.sock", "--feature", "buildkit=false", "--feature", "cdi", "--debug"])
            self.daemon = daemon
            let path = "\(it.directory)/d.sock"
            try it.eventually("the daemon listens") { FileSystem.exists(path) }
        }

        private func end() throws {
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0)
            try it.expectNothingLeft()
        }

        private func get(_ path: String, _ filter: String) throws -> String {
            try it.shell("curl -s --unix-socket \(socket) 'http://d\(path)' | jq -rc '\(filter)'").line
        }

        private func create(_ version: String, _ name: String, _ body: String) throws -> Outcome {
            try it.shell(
                "curl -s --unix-socket \(socket) -H 'Content-Type: application/json' -d '\(body)' 'http://d/\(version)/containers/create?name=\(name)' | jq -r '.message // .Id'")
        }

        @Test("older clients get what they know: namespaces, read-only binds, annotations, fields of info") func versions() throws {
            let bind = #""HostConfig": {"Binds": ["/dev:/here:ro"], "Annotations": {"a": "b"}}"#
            for (version, ipc, cgroup) in [("v1.39", "shareable", "host"), ("v1.51", "private", "")] {
                #expect(try create(version, "of-\(version)", #"{"Image": "busybox", "Cmd": ["grep", " /here", "/proc/self/mountinfo"], \#(bind)}"#).line.count == 64)
                #expect(try get("/v1.51/containers/of-\(version)/json", ".HostConfig.IpcMode") == ipc)
                if !cgroup.isEmpty { #expect(try get("/v1.51/containers/of-\(version)/json", ".HostConfig.CgroupnsMode") == cgroup) }
                let below = try it.must("start", "-a", "of-\(version)").split(separator: "\n").dropFirst()
                #expect(!below.isEmpty && below.allSatisfy { $0.contains(" ro,") } == (ipc == "private"), "\(below)")
            }
            #expect(try get("/v1.45/containers/json?all=1", ".[0].HostConfig.Annotations") == "null")
            #expect(try get("/v1.46/containers/json?all=1", ".[0].HostConfig.Annotations.a") == "b")
            #expect(try get("/v1.49/info", "[.BridgeNfIptables, .BridgeNfIp6tables]") == "[false,false]")
            #expect(try get("/v1.51/info", #"[has("BridgeNfIptables"), .Debug, .NFd > 0, .NGoroutines > 0]"#) == "[false,true,true,true]")
            #expect(try it.shell("curl -sI --unix-socket \(socket) http://d/_ping | tr -d '\\r' | grep Builder-Version").line == "Builder-Version: 1")
            for version in ["v1.39", "v1.51"] { try it.must("rm", "of-\(version)") }
            try end()
        }

        @Test("a directory has one name, cgroups that may be written to, users that nobody has, filters of privileged sessions") func containers() throws {
            #expect(try create("v1.51", "one", #"{"Image": "busybox", "Cmd": ["sleep", "1000"], "WorkingDir": "/tmp/"}"#).line.count == 64)
            #expect(try get("/v1.51/containers/one/json", ".Config.WorkingDir") == "/tmp")
            let script = "grep -c ' /sys/fs/cgroup.* ro,' /proc/self/mountinfo"
            let writable = try it.davit("run", "--rm", "--security-opt", "writable-cgroups=true", "busybox", "sh", "-c", script)
            #expect(writable.line == "0", "\(writable)")
            #expect(try it.davit("create", "--security-opt", "writable-cgroups=1", "busybox").err.contains("invalid --security-opt 2: \"writable-cgroups=1\""))
            try it.must("start", "one")
            let unknown = try it.davit("exec", "-u", "nobody-has-it", "one", "true")
            #expect(unknown.code == 1 && unknown.err.contains("unable to find user nobody-has-it: no matching entries in passwd file"), "\(unknown)")
            try it.must("rm", "-f", "one")
            let profile = "\(it.directory)/no-chown.json"
            try FileSystem.replace(
                profile, with: #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chown", "fchownat", "lchown"], "action": "SCMP_ACT_ERRNO"}]}"#.utf8)
            try it.must("run", "-d", "--name", "two", "--privileged", "--security-opt", "seccomp=\(profile)", "busybox", "sleep", "1000")
            #expect(try it.davit("exec", "--privileged", "two", "chown", "42", "/tmp").code == 1)
            let names = try it.shell("curl -s --unix-socket \(socket) 'http://d/containers/two/archive?path=/./' | tar -t | sed -n '1p;/^[.].bin.$/p'")
            #expect(names.lines.first == "./" && names.lines.contains("./bin/"), "\(names)")
            try it.must("rm", "-f", "two")
            try end()
        }
    }
}
