import Linux
import Testing

extension Integration {
    @Suite struct RunTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("D08 D11 E73: output and exit code are the process's") func outputAndCode() throws {
            let hello = try it.davit("run", "--rm", "busybox", "echo", "hello from inside of the container")
            #expect(hello.code == 0 && hello.out == "hello from inside of the container\n" && hello.err.isEmpty, "\(hello)")
            #expect(try it.davit("run", "--rm", "busybox", "sh", "-c", "exit 13").code == 13)
            let both = try it.davit("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2")
            #expect(both.out == "out\n" && both.err == "err\n", "\(both)")
            // PID 1 cannot kill itself; its child can be killed, and the shell passes that on.
            #expect(try it.davit("run", "--rm", "busybox", "sh", "-c", "sleep 9 & kill -9 $!; wait $!").code == 137)
            try it.expectNothingLeft()
        }

        @Test("E69 E109: 125, 126 and 127") func dockerExitCodes() throws {
            let missing = try it.davit("run", "--rm", "busybox", "no-such-program")
            #expect(missing.code == 127 && missing.err.contains("executable file not found in $PATH"), "\(missing)")
            let directory = try it.davit("run", "--rm", "busybox", "/etc")
            #expect(directory.code == 126, "\(directory)")
            let image = try it.davit("run", "--rm", "--pull", "never", "no-such-image")
            #expect(image.code == 125 && image.err.contains("No such image: no-such-image:latest"), "\(image)")
            try it.expectNothingLeft()
        }

        @Test("E79: unknown flags") func unknownFlag() throws {
            let outcome = try it.davit("run", "-i", "--rum", "busybox", "sh")
            #expect(outcome.code == 125 && outcome.err.contains("unknown flag: --rum"), "\(outcome)")
        }

        @Test("D10 D38 D44 D46: help", arguments: ["run", "exec", "logs", "attach"]) func help(command: String) throws {
            let outcome = try it.davit(command, "--help")
            #expect(outcome.code == 0 && outcome.out.contains("Usage:"), "\(outcome)")
        }

        @Test("E77: input goes in and its end arrives") func input() throws {
            let outcome = try it.davit("run", "--rm", "-i", "busybox", "cat", "-", input: "test\n")
            #expect(outcome.code == 0 && outcome.out == "test\n", "\(outcome)")
        }

        @Test("E71: without -i there is no input") func noInput() throws {
            let outcome = try it.davit("run", "--rm", "busybox", "cat", input: "test\n")
            #expect(outcome.code == 0 && outcome.out.isEmpty, "\(outcome)")
        }

        @Test("a megabyte goes through whole, both ways") func muchData() throws {
            let text = String(repeating: "0123456789abcdef\n", count: 65536)
            let outcome = try it.davit("run", "--rm", "-i", "busybox", "cat", input: text)
            #expect(outcome.out == text)
        }

        @Test("D43 D45 E81: detached, logs, wait") func detached() throws {
            let id = try it.must("run", "-d", "--name", "one", "busybox", "sh", "-c", "echo first; echo second >&2; exit 3")
            #expect(id.utf8.count == 64 && id.allSatisfy(\.isHexDigit))
            #expect(try it.must("wait", "one") == "3")
            let logs = try it.davit("logs", "one")
            #expect(logs.out == "first\n" && logs.err == "second\n", "\(logs)")
            #expect(try it.davit("logs", "--tail", "1", String(id.prefix(12))).err == "second\n")
            try it.must("rm", "one")
            try it.expectNothingLeft()
        }

        @Test("D41: a name is taken once") func nameConflict() throws {
            try it.must("create", "--name", "taken", "busybox")
            let outcome = try it.davit("run", "--name", "taken", "busybox")
            #expect(outcome.code == 125 && outcome.err.contains("Conflict. The container name \"/taken\" is already in use by container"), "\(outcome)")
        }

        @Test("E93 E94: environment") func environment() throws {
            try FileSystem.replace("\(it.directory)/env", with: "# comment\nFROM_FILE=a b\nPASSED\n".utf8)
            let outcome = try it.davit(
                ["run", "--rm", "-e", "A=1", "-e", "PASSED", "-e", "UNSET", "--env-file", "\(it.directory)/env", "busybox", "env"],
                environment: ["PASSED=yes"])
            let lines = Set(outcome.lines)
            #expect(lines.isSuperset(of: ["A=1", "PASSED=yes", "FROM_FILE=a b"]) && !outcome.out.contains("UNSET"), "\(outcome)")
            #expect(lines.contains { $0.hasPrefix("PATH=") } && lines.contains { $0.hasPrefix("HOSTNAME=") } && lines.contains("HOME=/root"))
        }

        @Test("D50 E83: bind mount, and a working directory made on demand") func workingDirectory() throws {
            let place = "\(it.directory)/host"
            try FileSystem.makeDirectories(place)
            try it.must("run", "--rm", "-v", "\(place):\(place)", "-w", place, "busybox", "sh", "-c", "echo artefact > file")
            #expect(try String(decoding: FileSystem.read("\(place)/file"), as: UTF8.self) == "artefact\n")
            #expect(try it.must("run", "--rm", "-w", "/made/on/demand", "busybox", "sh", "-c", "pwd; stat -c %u .") == "/made/on/demand\n0")
        }

        @Test("E90: missing bind sources") func missingBindSource() throws {
            let outcome = try it.davit("run", "--rm", "--mount", "type=bind,src=\(it.directory)/missing,dst=/x", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains("bind source path does not exist"), "\(outcome)")
            try it.must("run", "--rm", "-v", "\(it.directory)/made:/x", "busybox", "touch", "/x/y")
            #expect(FileSystem.exists("\(it.directory)/made/y"))
            try it.expectNothingLeft()
        }

        @Test("E67 E85: users", arguments: [("1234:5678", "1234 5678"), ("0", "0 0"), ("root", "0 0")]) func user(user: String, expected: String) throws {
            #expect(try it.must("run", "--rm", "-u", user, "busybox", "sh", "-c", "echo $(id -u) $(id -g)") == expected)
        }

        @Test("E85: a user that the image does not have") func unknownUser() throws {
            let outcome = try it.davit("run", "--rm", "-u", "nobody-here", "busybox", "true")
            #expect(outcome.code == 126 || outcome.code == 125, "\(outcome)")
            #expect(outcome.err.contains("unable to find user nobody-here: no matching entries in passwd file"), "\(outcome)")
            try it.expectNothingLeft()
        }

        @Test("E145 E148: entrypoint") func entrypoint() throws {
            #expect(try it.must("run", "--rm", "--entrypoint", "/bin/echo", "busybox", "-a", "arg1", "arg3") == "-a arg1 arg3")
            #expect(try it.must("run", "--rm", "--entrypoint", "", "busybox", "/bin/echo", "x") == "x")
        }

        @Test("E119 E115: networks none and host") func networks() throws {
            #expect(try it.must("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net") == "lo")
            let own = try it.must("run", "--rm", "--network", "host", "busybox", "readlink", "/proc/self/ns/net")
            #expect(try own == it.shell("readlink /proc/self/ns/net").line)
            #expect(try it.must("run", "--rm", "--network", "none", "busybox", "ping", "-c1", "-W1", "127.0.0.1").contains("1 packets received"))
        }

        @Test("hostname, read-only root, tmpfs, sysctl, ulimit, init") func settings() throws {
            #expect(try it.must("run", "--rm", "--hostname", "box", "busybox", "hostname") == "box")
            let readOnly = try it.davit("run", "--rm", "--read-only", "--tmpfs", "/scratch", "busybox", "sh", "-c", "touch /scratch/a && ! touch /b")
            #expect(readOnly.code == 0 && readOnly.err.contains("Read-only file system"), "\(readOnly)")
            #expect(try it.must("run", "--rm", "--sysctl", "net.ipv4.ip_forward=1", "--network", "none", "busybox", "cat", "/proc/sys/net/ipv4/ip_forward") == "1")
            #expect(try it.must("run", "--rm", "--ulimit", "nofile=77:88", "busybox", "sh", "-c", "ulimit -Sn; ulimit -Hn") == "77\n88")
            #expect(try it.must("run", "--rm", "--init", "busybox", "sh", "-c", "echo $$ $PPID").hasSuffix(" 1"))
            try it.expectNothingLeft()
        }

        @Test("--cidfile, and it must not exist") func cidFile() throws {
            let file = "\(it.directory)/cid"
            try it.must("run", "--cidfile", file, "--name", "cid", "busybox", "true")
            let id = String(decoding: try FileSystem.read(file), as: UTF8.self)
            #expect(try it.must("inspect", "--format", "{{.Id}}", "cid") == id)
            #expect(try it.davit("run", "--cidfile", file, "busybox", "true").code == 125)
        }
    }
}
