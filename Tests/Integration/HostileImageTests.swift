import Linux
import Testing

extension Integration {
    /// What an image, a volume or a container does to those who start containers or look at them.
    @Suite struct HostileImageTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// Makes the image `evil`: busybox with what a script in its root changes.
        private func make(_ script: String, _ changes: [String] = []) throws {
            let built = try it.shell(
                """
                set -e; cd \(it.directory); rm -rf evil; mkdir -p evil/bin evil/etc; cp "$(command -v busybox)" evil/bin/busybox; ln -s busybox evil/bin/sh
                cd evil; \(script); cd ..; tar -C evil -c . | $DAVIT import \(changes.map { "-c '\($0)'" }.joined(separator: " ")) - evil
                """)
            #expect(built.code == 0, "\(built)")
        }

        private func run(_ words: String...) throws -> Outcome { try it.davit(["run", "--rm", "--network", "none"] + words, seconds: 30) }

        @Test("links to nowhere at the places of the engine's files are followed inside the image, not out of it, and not for ever") func links() throws {
            try make("ln -s ../run/systemd/resolve/stub-resolv.conf etc/resolv.conf; ln -s /a/b/../c/hosts etc/hosts")
            var outcome = try run("evil", "busybox", "sh", "-c", "busybox grep -c . /run/systemd/resolve/stub-resolv.conf; busybox grep -c localhost /a/c/hosts")
            #expect(outcome.code == 0, "\(outcome)")
            try make("rmdir etc; ln -s /../../../../../..\(it.directory)/host etc")
            try FileSystem.makeDirectories("\(it.directory)/host")
            outcome = try run("evil", "busybox", "true")
            let found = try FileDescriptor.open("\(it.directory)/host", [.readOnly, .directory]).entries()
            #expect(outcome.code == 0 && found.isEmpty, "\(outcome)")
            try make("ln -s hosts etc/hosts")
            outcome = try run("evil", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains("too many levels of symbolic links"), "\(outcome)")
        }

        @Test("a list of users that cannot be read to its end keeps nobody waiting", arguments: ["busybox mkfifo etc/passwd etc/group", "ln -s /dev/zero etc/passwd"])
        func users(_ script: String) throws {
            try make(script)
            #expect(try run("-u", "7", "evil", "busybox", "echo", "on").out == "on\n")
            let outcome = try run("-u", "nobody", "evil", "busybox", "true")
            #expect(outcome.err.contains("unable to find user nobody: no matching entries in passwd file"), "\(outcome)")
        }

        @Test("a container that replaces its list of users keeps no exec and no cp waiting") func usersOfTheLiving() throws {
            try it.must("run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000")
            try it.must("exec", "box", "sh", "-c", "rm /etc/passwd /etc/group; mkfifo /etc/passwd /etc/group")
            #expect(try it.davit(["exec", "-u", "9", "box", "echo", "on"], seconds: 30).out == "on\n")
            let outcome = try it.davit(["exec", "-u", "nobody", "box", "true"], seconds: 30)
            #expect(outcome.code == 1 && outcome.err.contains("unable to find user nobody: no matching entries in passwd file"), "\(outcome)")
            #expect(try it.davit(["cp", "-a", "/etc/hostname", "box:/tmp"], seconds: 30).code == 0)
        }

        @Test("nothing is mounted on /proc, whatever a volume's place is called", arguments: ["/proc", "/proc/self/attr", "/../../proc", "/link"])
        func proc(_ place: String) throws {
            try make("busybox mkdir proc; ln -s /etc/../proc/sys link", ["VOLUME [\"\(place)\"]"])
            let outcome = try run("evil", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains("cannot be mounted because it is"), "\(outcome)")
        }

        @Test("links in a volume that becomes /dev uncover nothing (CVE-2025-31133, CVE-2025-52565)") func device() throws {
            let links = "ln -s /proc/sys/kernel/core_pattern /v/null; ln -s /proc/sys/kernel/core_pattern /v/console"
            #expect(try run("-v", "evil:/v", "busybox", "sh", "-c", links).code == 0)
            let outcome = try run("-v", "evil:/dev", "busybox", "true")
            #expect(outcome.code == 125 && outcome.err.contains("is no null device"), "\(outcome)")
            #expect(try run("-t", "-v", "evil:/dev", "busybox", "true").code != 0)
            #expect(try run("-t", "-v", "/dev:/dev", "busybox", "true").code == 0)
            #expect(try run("-t", "busybox", "sh", "-c", "test -c /dev/console && echo on > /dev/console").out == "on\r\n")
        }

        @Test("no descriptor of the host's is left open, and no directory of it can be worked in (CVE-2024-21626)") func descriptors() throws {
            try it.must("run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000")
            for number in 3..<12 {
                #expect(try run("-w", "/proc/self/fd/\(number)", "busybox", "true").code != 0)
                #expect(try it.davit("exec", "-w", "/proc/self/fd/\(number)", "box", "true").code != 0)
            }
            try it.must("exec", "-d", "box", "sleep", "1000")
            let open = try it.must("exec", "box", "sh", "-c", "for process in $(pidof sleep); do ls /proc/$process/fd; done")
            #expect(open.split(separator: "\n") == ["0", "1", "2", "0", "1", "2"], "\(open)")
        }

        @Test("the first group stays one of the groups (CVE-2022-36109)") func groups() throws {
            let outcome = try run("-u", "1000:5", "--group-add", "7", "busybox", "grep", "Groups", "/proc/self/status")
            #expect(outcome.out.split(whereSeparator: \.isWhitespace).dropFirst() == ["5", "7"], "\(outcome)")
        }
    }
}
