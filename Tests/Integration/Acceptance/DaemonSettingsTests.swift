import Linux
import Testing

extension Integration {
    /// `daemon.json` and the flags of dockerd(8).
    @Suite struct DaemonSettingsTests {
        let it: Installation
        private var file: String { "\(it.directory)/etc/daemon.json" }
        private var environment: [String] { ["DAVIT_CONFIG_DIR=\(it.directory)/etc"] }

        init() throws {
            it = try Installation.withImage()
            try FileSystem.makeDirectories("\(it.directory)/etc")
        }

        private func write(_ settings: String) throws { try FileSystem.replace(file, with: settings.utf8) }

        private func validate(_ flags: String...) throws -> Outcome {
            try it.start(["daemon", "--validate"] + flags, environment: environment).finish(seconds: 20)
        }

        @Test("C06 what containers have that ask for nothing else: file and flags alike, for commands without a daemon too") func defaults() throws {
            let settings = #"""
                {"log-driver": "local", "log-opts": {"max-size": "3m"}, "default-shm-size": "8M", "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 100, "Hard": 200}},
                "init": true, "no-new-privileges": true, "default-ipc-mode": "shareable", "labels": ["rack=7"], "seccomp-profile": "unconfined"}
                """#
            let script = "ulimit -n; df -k /dev/shm | tail -1; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/1/comm"
            func expectDefaults(_ davit: ([String]) throws -> Outcome) throws {
                let outcome = try davit(["run", "--name", "one", "busybox", "sh", "-c", script])
                #expect(outcome.lines.first == "100" && outcome.out.contains(" 8192 ") && outcome.lines.last?.hasPrefix("docker-init") == true, "\(outcome)")
                #expect(outcome.out.contains("NoNewPrivs:\t1") && outcome.out.contains("Seccomp:\t0"), "\(outcome)")
                let format = "{{.HostConfig.LogConfig.Type}} {{index .HostConfig.LogConfig.Config \"max-size\"}} {{.HostConfig.IpcMode}} {{.HostConfig.ShmSize}}"
                #expect(try davit(["inspect", "-f", format, "one"]).line == "local 3m shareable 8388608")
                let own = try davit([
                    "run", "--rm", "--init=false", "--security-opt", "no-new-privileges=false", "--ulimit", "nofile=50", "--shm-size", "9m", "busybox", "sh", "-c", script,
                ])
                #expect(own.lines.first == "50" && own.out.contains(" 9216 ") && own.lines.last == "cat" && own.out.contains("NoNewPrivs:\t0"), "\(own)")
                #expect(try davit(["info", "-f", "{{.LoggingDriver}} {{.Labels}}"]).line == "local [rack=7]")
                #expect(try davit(["rm", "one"]).code == 0)
            }
            try write(settings)
            try expectDefaults { try it.start($0, environment: environment).finish(seconds: 60) }
            try write("{}")
            let flags = [
                "--log-driver", "local", "--log-opt", "max-size=3m", "--default-shm-size", "8M", "--default-ulimit", "nofile=100:200", "--init", "--no-new-privileges",
                "--default-ipc-mode", "shareable", "--label", "rack=7", "--seccomp-profile", "unconfined",
            ]
            let daemon = try it.start(["daemon"] + flags, environment: environment), socket = "unix://\(it.runRoot)/davit.sock"
            try it.eventually("the daemon listens") { FileSystem.exists("\(it.runRoot)/davit.sock") }
            try expectDefaults { try it.start(["-H", socket] + $0).finish(seconds: 60) }
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0)
            try it.expectNothingLeft()
        }

        @Test("--validate, and what is refused") func validation() throws {
            #expect(try validate().err == "configuration OK\n")
            try write(#"{"features": {"buildkit": true}, "live-restore": true, "exec-opts": ["native.cgroupdriver=cgroupfs"], "storage-driver": "overlay2", "userns-remap": ""}"#)
            let good = try validate("--log-level", "warn", "--shutdown-timeout", "20", "--cdi-spec-dir", "/etc/cdi", "--metrics-addr", "")
            #expect(good.code == 0 && good.err == "configuration OK\n", "\(good)")
            for (settings, words) in [
                (#"{"what": 1, "debug": true}"#, "unable to configure the Docker daemon with file \(file): the following directives don't match any configuration option: what"),
                (#"{"userns-remap": "default"}"#, "userns-remap is not there: user namespaces are not made"),
                (#"{"authorization-plugins": ["x"]}"#, "authorization-plugins is not there"), (#"{"exec-opts": ["native.cgroupdriver=systemd"]}"#, "exec-opts is not there"),
                (#"{"log-driver": "syslog"}"#, "plugin \"syslog\" not found"), (#"{"log-opts": {"x": "y"}}"#, "unknown log opt 'x' for json-file log driver"),
                (#"{"default-ipc-mode": "host"}"#, "default IPC mode \"host\" is invalid"), (#"{"labels": ["x"]}"#, "bad attribute format: x"),
                (#"{"labels": ["x=1", "x=2"]}"#, "conflict labels for x=2 and x=1"), (#"{"default-shm-size": "much"}"#, "invalid size of /dev/shm"),
                (#"{"seccomp-profile": "/nonesuch"}"#, "opening seccomp profile (/nonesuch) failed"),
                (#"{"max-concurrent-downloads": -1}"#, "invalid max concurrent downloads: -1"),
                (#"{"debug": 3}"#, "debug"), ("{", "cannot read"),
            ] {
                try write(settings)
                let outcome = try validate()
                #expect(outcome.code == 1 && outcome.err.contains(words), "\(settings): \(outcome)")
            }
            try write(#"{"log-driver": "local"}"#)
            let both = try validate("--log-driver", "none")
            #expect(both.err.contains("specified both as a flag and in the configuration file: log-driver: (from flag: none, from file: local)"), "\(both)")
            try write("{}")
            #expect(try validate("--userns-remap", "default").err.contains("userns-remap is not there"))
        }

        @Test("directories and sockets of daemon.json; SIGHUP takes new settings, and says what is wrong with others") func reload() throws {
            try write(#"{"hosts": ["unix://\#(it.directory)/own.sock"], "pidfile": "\#(it.directory)/pid", "labels": ["a=1"]}"#)
            let daemon = try it.start(["daemon"], environment: environment), socket = "unix://\(it.directory)/own.sock"
            try it.eventually("the daemon listens") { FileSystem.exists("\(it.directory)/own.sock") }
            func labels() throws -> String { try it.start(["-H", socket, "info", "-f", "{{.Labels}}"]).finish(seconds: 20).line }
            #expect(try labels() == "[a=1]")
            try write(#"{"hosts": ["unix://\#(it.directory)/own.sock"], "labels": ["a=2"]}"#)
            try daemon.signal(1)
            let events = try it.start(["-H", socket, "events", "--since", "1m", "--filter", "event=reload", "--format", "{{.Type}} {{.Action}} {{.Actor.Attributes.labels}}"])
            try events.wait(forOutput: #"daemon reload ["a=2"]"#)
            try events.signal(15)
            #expect(try labels() == "[a=2]")
            try write(#"{"labels": ["a"]}"#)
            try daemon.signal(1)
            try daemon.wait(forError: "Error reloading configuration: bad attribute format: a")
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0)
            #expect(!FileSystem.exists("\(it.directory)/pid"))
        }
    }
}
