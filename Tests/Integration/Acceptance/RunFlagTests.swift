import Linux
import Testing

extension Integration {
    /// Lines of `run` as the documents have them: streams, mounts, platforms, names.
    @Suite struct RunFlagTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("E08 E57 E74 E75 E76 E82 E201: which streams are attached, what keeps a container alive, and what goes with it") func streams() throws {
            let selected = try it.davit(["run", "--rm", "-i", "-a", "stdin", "-a", "stdout", "busybox", "sh", "-c", "cat; echo hidden >&2"], input: "test")
            #expect(selected.code == 0 && selected.out == "test" && selected.err == "", "\(selected)")
            #expect(try it.davit("run", "--rm", "-a", "stderr", "busybox", "sh", "-c", "echo hidden; echo shown >&2").err == "shown\n")
            try it.must("run", "-d", "--name", "daemonised", "busybox", "sh", "-c", "httpd -h /tmp")
            try it.must("run", "-itd", "--name", "shell", "busybox", "sh")
            try it.must("run", "-d", "--name", "tail", "busybox", "sh", "-c", "tail -f /dev/null")
            try it.eventually("its first process has ended") { try it.must("ps", "-a", "--filter", "status=exited", "--format", "{{.Names}}") == "daemonised" }
            #expect(try it.must("ps", "--format", "{{.Names}}").split(separator: "\n").sorted() == ["shell", "tail"])
            try it.must("rm", "-f", "daemonised", "shell", "tail")
            // What was made for it alone goes with it; what has a name stays.
            #expect(try it.must("run", "--rm", "-v", "/anonymous", "-v", "named:/n", "busybox", "echo", "--rm", "-it") == "--rm -it")
            #expect(try it.must("volume", "ls", "-q") == "named")
            try it.expectNothingLeft()
        }

        @Test("E78 E80: a terminal without -i shows what the shell says and reads nothing; with it the shell obeys") func terminals() throws {
            let deaf = try it.start(onTerminal: ["run", "-t", "--rm", "--name", "deaf", "busybox", "sh"])
            try deaf.wait(forOutput: "/ #")
            try deaf.send("echo heard$((1+1))\n")
            let shell = try it.start(onTerminal: ["run", "-it", "--rm", "busybox", "sh"])
            try shell.wait(forOutput: "/ #")
            try shell.send("echo heard$((1+1)); exit 13\n")
            try shell.wait(forOutput: "heard2")
            #expect(try shell.finish(seconds: 20).code == 13)
            try it.must("kill", "deaf")
            #expect(try !deaf.finish(seconds: 20).out.contains("heard2"))
            try it.expectNothingLeft()
        }

        @Test("E84 E88 E89 E91 E99: volumes, binds and memory by --mount, -v and --tmpfs; single files, relabelling, prune") func mounts() throws {
            let place = it.directory
            try FileSystem.replace("\(place)/resolv.conf", with: Array("nameserver 9.8.7.6\n".utf8))
            let kinds = try it.must(
                "run", "--rm", "--net", "none", "--mount", "type=volume,src=vv,dst=/v", "--mount", "type=bind,src=\(place),dst=/b,ro", "--mount", "type=tmpfs,dst=/t,tmpfs-size=1m",
                "--tmpfs", "/t2:size=2m", "-v", "vv:/v2", "-v", "\(place):/b2:ro", "-v", "\(place)/resolv.conf:/etc/resolv.conf", "busybox", "sh", "-c",
                "touch /v/x; ls /v2; touch /b/x; touch /b2/x; df -k /t /t2 | awk 'NR > 1 {print $1, $2, $6}'; cat /etc/resolv.conf; echo 'nameserver 1.2.3.4' > /etc/resolv.conf")
            #expect(kinds == "x\ntmpfs 1024 /t\ntmpfs 2048 /t2\nnameserver 9.8.7.6")
            #expect(String(decoding: try FileSystem.read("\(place)/resolv.conf"), as: UTF8.self) == "nameserver 1.2.3.4\n")
            // Without SELinux there is nothing to relabel.
            for mode in ["z", "Z", "ro,z"] { #expect(try it.must("run", "--rm", "-v", "\(place):/w:\(mode)", "busybox", "ls", "/w/resolv.conf") == "/w/resolv.conf") }
            let inMount = try it.davit("run", "--rm", "--mount", "type=bind,src=\(place),dst=/w,z", "busybox", "true")
            #expect(inMount.code == 125 && inMount.err.contains("invalid field 'z' must be a key=value pair"), "\(inMount)")
            #expect(try it.davit("run", "--rm", "-v", "\(place):/w:z,Z", "busybox", "true").err.contains("invalid mode: z,Z"))
            let anonymous = try it.must("volume", "create")
            #expect(try it.must("volume", "prune", "-f").contains(anonymous))
            #expect(try it.must("volume", "ls", "-q") == "vv")
            #expect(try it.must("volume", "prune", "-f", "-a").contains("vv"))
            try it.expectNothingLeft()
        }

        @Test("E70: x86_64 is amd64; an image for another machine is run as far as the kernel can") func platforms() throws {
            let machine = try it.shell("uname -m").line, other = machine == "aarch64" ? "amd64" : "arm64"
            #expect(try it.must("run", "--rm", "--platform", "linux/\(machine)", "busybox", "uname", "-m") == machine)
            let dockerfile = "FROM scratch\nCOPY program /program\nCMD [\"/program\"]\n"
            // The first bytes of a program for a machine that no emulator is registered for.
            let script =
                "cd \(it.directory); printf '\\177ELF\\002\\001\\001%09d\\002\\000\\277\\000' 0 | tr 0 '\\000' > program; chmod +x program; printf '%b' '\(dockerfile.replacing("\n", with: "\\n"))' > Dockerfile; $DAVIT build -q --platform linux/\(other) -t foreign ."
            let build = try it.shell(script)
            #expect(build.code == 0, "\(build)")
            let run = try it.davit("run", "--rm", "foreign")
            #expect(run.code == 255 && run.err.contains("WARNING: The requested image's platform (linux/\(other)) does not match the detected host platform"), "\(run)")
            #expect(run.err.contains("exec /program: exec format error"), "\(run)")
            let absent = try it.davit("run", "--rm", "--pull", "never", "--platform", "linux/\(other)", "busybox", "true")
            #expect(absent.code == 125 && absent.err.contains("image with reference busybox was found but does not provide the specified platform (linux/\(other))"), "\(absent)")
        }

        @Test("E23 E35 E55 E56: one inspect for every kind of thing, by name and by the beginning of an id; version and info") func inspection() throws {
            try it.must("create", "--name", "box", "busybox")
            try it.must("volume", "create", "data")
            try it.must("network", "create", "front")
            let image = try it.must("inspect", "-f", "{{.Id}}", "busybox"), container = try it.must("inspect", "-f", "{{.Id}}", "box")
            let digits = image.dropFirst("sha256:".count)
            #expect(
                try it.must("inspect", "-f", "{{.RepoTags}}", String(digits.prefix(6)), String(digits.prefix(12)), image) == "[busybox:latest]\n[busybox:latest]\n[busybox:latest]")
            #expect(try it.must("inspect", "-f", "{{.Name}}", String(container.prefix(5)), "front", "data") == "/box\nfront\ndata")
            #expect(try it.davit("inspect", "nothing").err.contains("No such object: nothing"))
            let version = try it.must("version")
            for word in ["Client:", "Server: Davit", "API version:", "OS/Arch:"] { #expect(version.contains(word)) }
            #expect(try it.must("info", "-f", "{{.Containers}} {{.Images}} {{.Driver}}") == "1 1 overlay2")
            try it.must("rm", "box")
            try it.must("network", "rm", "front")
            try it.must("volume", "rm", "data")
            try it.expectNothingLeft()
        }
    }
}
