import Linux
import Testing

extension Integration {
    /// What a bundle or a container's program may try against the runtime.
    @Suite struct RuntimeSecurityTests {
        let it: RuntimeFixture

        init() throws { it = try RuntimeFixture() }

        private func refused(_ word: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let outcome = try it.run(["run", "--bundle", it.bundle, "x"])
            #expect(outcome.code != 0 && outcome.err.contains(word), "\(outcome)", sourceLocation: sourceLocation)
            #expect(try it.run(["list", "-q"]).out == "", sourceLocation: sourceLocation)
        }

        @Test("hostile configurations are refused with a word, and leave nothing") func configurations() throws {
            func write(_ text: String) throws { try FileSystem.replace("\(it.bundle)/config.json", with: text.utf8) }
            try write("")
            try refused("invalid JSON")
            try write(String(repeating: "[", count: 100_000))
            try refused("exceeded max depth")
            try write("{\"ociVersion\": \"1.0.2\", \"process\": 7}")
            try refused("process")
            try write("{\"ociVersion\": \"9\"}")
            try refused("unsupported version")
            try it.configure("true", linux: "\"sysctl\": {\"kernel.panic\": \"1\"}")
            try refused("not in a separate kernel namespace")
            try it.configure("true", linux: "\"sysctl\": {\"net.ipv4/../../kernel/panic\": \"1\"}")
            try refused("sysctl")
            try it.configure("true", linux: "\"cgroupsPath\": \"/../../x\"")
            try refused("invalid cgroup path")
            try it.configure("true", linux: "\"devices\": [{\"path\": \"/dev/x\", \"type\": \"c\", \"major\": 99999999999, \"minor\": 1}]")
            try refused("out of range")
            try it.configure("true", process: "\"rlimits\": [{\"type\": \"RLIMIT_X\", \"hard\": 1, \"soft\": 1}]")
            try refused("RLIMIT_X")
            try it.configure("true", mounts: ", {\"destination\": \"/proc/self/exe\", \"type\": \"bind\", \"source\": \"/etc\", \"options\": [\"rbind\"]}")
            try refused("/proc/self/exe")
            try it.configure("true", namespaces: ["pid", "pid", "mount", "uts"])
            try refused("listed twice")
            for id in ["..", "a/b", "", "x\ny"] { #expect(try it.run(["create", "--bundle", it.bundle, id]).code == 1) }
        }

        @Test("links in the root lead nowhere but into the root") func links() throws {
            let root = try FileDescriptor.open("\(it.bundle)/rootfs", [.path, .directory])
            try root.makeSymbolicLink("out", to: "../../../../../../../..\(it.directory)/target")
            try it.configure("ls /out; cat /out/mark", mounts: ", {\"destination\": \"/out\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}")
            _ = try it.run(["run", "--bundle", it.bundle, "l"])
            #expect(!FileSystem.exists("\(it.directory)/target"))
            // CVE-2025-31133: what masks is the device, whatever the image calls /dev/null.
            try FileSystem.makeDirectories("\(it.directory)/dev")
            try FileDescriptor.open("\(it.directory)/dev", [.path, .directory]).makeSymbolicLink("null", to: "/proc/sys/kernel/hostname")
            try it.configure("true", mounts: ", {\"destination\": \"/dev\", \"type\": \"bind\", \"source\": \"\(it.directory)/dev\", \"options\": [\"bind\"]}")
            try refused("/dev/null")
        }

        @Test("in a user namespace: sources that others cannot see, and nothing mounted in there is seen here; a root that was moved") func views() throws {
            let users = "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 70000, \"size\": 10}], \"gidMappings\": [{\"containerID\": 0, \"hostID\": 70000, \"size\": 10}]"
            let spaces = ["pid", "ipc", "uts", "mount", "network", "user"]
            try FileSystem.makeDirectories("\(it.bundle)/secret/shown")
            try FileSystem.replace("\(it.bundle)/secret/shown/there", with: [])
            try FileDescriptor.open("\(it.bundle)/secret", [.directory]).changeMode(to: 0o700)
            try it.configure(
                "ls /tmp; mount -t tmpfs none /tmp && touch /tmp/inside && cat /proc/self/mountinfo",
                linux: users, mounts: ", {\"destination\": \"/tmp\", \"type\": \"bind\", \"source\": \"secret/shown\", \"options\": [\"rbind\"]}", namespaces: spaces)
            let outcome = try it.run(["run", "--bundle", it.bundle, "v"])
            #expect(outcome.line == "there" && outcome.out.contains(" /tmp ") && !outcome.out.contains(" shared:"), "\(outcome)")
            #expect(!FileSystem.exists("\(it.bundle)/secret/shown/inside"))
            // Where a proc of the host's can be seen another may be mounted, and all of it written to.
            try it.configure(
                "unshare -mrpf sh -c 'mount -t proc none /tmp && echo mounted'",
                process: "\"capabilities\": {\"bounding\": [\"CAP_SETFCAP\"], \"effective\": [\"CAP_SETFCAP\"], \"permitted\": [\"CAP_SETFCAP\"]}")
            #expect(try !it.run(["run", "--no-pivot", "--bundle", it.bundle, "p"]).out.contains("mounted"))
        }

        @Test("CVE-2024-21626: a working directory by way of a descriptor") func workingDirectory() throws {
            for number in 3..<12 {
                try it.configure("cat ../../../../../../etc/hostname; echo in", process: "\"cwd\": \"/proc/self/fd/\(number)\"")
                let outcome = try it.run(["run", "--bundle", it.bundle, "w"])
                #expect(outcome.code != 0 && !outcome.out.contains("in"), "\(number): \(outcome)")
            }
            try it.configure("while :; do sleep 0.1; done")
            try it.run(detached: "e")
            for number in 3..<12 { #expect(try it.run(["exec", "--cwd", "/proc/self/fd/\(number)", "e", "pwd"]).code != 0) }
        }

        @Test("CVE-2019-5736: the runtime's file cannot be written through /proc; and no descriptor leaks") func ownFile() throws {
            try it.configure("ls /proc/self/fd; exec 9>/proc/1/exe; echo written")
            // Read back by the program itself, which was started as the runtime's own file.
            let outcome = try it.run(["run", "--bundle", it.bundle, "o"])
            #expect(!outcome.out.contains("written") && Set(outcome.lines.prefix(4)) == ["0", "1", "2", "3"], "\(outcome)")
            try it.configure("true", process: "\"args\": [\"/proc/self/exe\", \"runtime\", \"--version\"]")
            try it.run(["run", "--bundle", it.bundle, "p"])
            #expect(try RunningCommand([Installation.program, "--help"], environment: [], withInput: false).finish(seconds: 30).code == 0)
        }

        @Test("kill -9 of create leaves nothing that lives") func killed() throws {
            // The hook holds the runtime back until it is killed, and ends when the test's directory goes.
            try it.configure(
                "sleep 1000",
                more:
                    "\"hooks\": {\"createRuntime\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"touch \(it.directory)/there; while test -e \(it.directory)/there; do sleep 0.1; done\"]}]}"
            )
            let creating = try it.start(["create", "--bundle", it.bundle, "k"])
            try it.eventually("the hook") { FileSystem.exists("\(it.directory)/there") }
            #expect(try it.status("k") == "creating")
            try creating.signal(9)
            _ = try creating.finish(seconds: 30)
            try it.eventually("the end") { try it.status("k") == "stopped" }
            try it.must("delete", "--force", "k")
            #expect(try it.run(["list", "-q"]).out == "")
        }

        @Test("a filter of system calls, capabilities and no_new_privs, first process and exec") func privileges() throws {
            try it.configure(
                "mkdir /tmp/d; cat /proc/self/status; sleep 1000",
                process: "\"noNewPrivileges\": true, \"capabilities\": {\"bounding\": [\"CAP_KILL\"], \"permitted\": [\"CAP_KILL\"], \"effective\": [\"CAP_KILL\"]}",
                linux:
                    "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\", \"mkdirat\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38}]}")
            let running = try it.start(["run", "--bundle", it.bundle, "s"])
            try running.wait(forOutput: "Seccomp:\t2")
            let exec = try it.run(["exec", "s", "sh", "-c", "mkdir /tmp/d; cat /proc/self/status"])
            #expect(exec.err.contains("not implemented") && exec.out.contains("CapEff:\t0000000000000020") && exec.out.contains("NoNewPrivs:\t1"), "\(exec)")
            try it.must("kill", "s", "9")
            #expect(try running.finish(seconds: 30).code == 137)
            // Compiled once for both, and nothing that is listed.
            #expect(try FileDescriptor.open("\(it.root)/@seccomp", [.directory]).entries().count == 1)
            #expect(try it.run(["list", "-q"]).out == "")
        }
    }
}
