import Linux
import Testing

extension Integration {
    @Suite struct SecurityTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func status(_ field: String, _ flags: String...) throws -> String {
            let outcome = try it.davit(["run", "--rm"] + flags + ["busybox", "grep", "^\(field):", "/proc/self/status"])
            return outcome.out.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? "\(outcome)"
        }

        @Test("A11: the default filter is on, and can be off") func seccompMode() throws {
            #expect(try status("Seccomp") == "2")
            #expect(try status("Seccomp", "--security-opt", "seccomp=unconfined") == "0")
        }

        @Test("A08: /tmp is writable") func temporaryDirectory() throws {
            #expect(try it.davit("run", "--rm", "busybox", "sh", "-c", "[ -w /tmp ]").code == 0)
        }

        @Test("E100: capabilities") func capabilities() throws {
            #expect(try status("CapEff") == "00000000a80425fb")
            #expect(try status("CapEff", "--cap-drop", "ALL") == "0000000000000000")
            #expect(try status("CapEff", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN") == "0000000000001000")
            #expect(try status("NoNewPrivs", "--security-opt", "no-new-privileges") == "1")
        }

        @Test("what must be hidden is hidden, what must be read-only is") func maskedPaths() throws {
            let outcome = try it.davit(
                "run", "--rm", "busybox", "sh", "-c", "cat /proc/kcore | head -c1 | wc -c; ls /proc/scsi /sys/firmware | wc -w; (echo 1 > /proc/sys/kernel/panic) 2>&1")
            #expect(outcome.out.contains("Read-only file system"), "\(outcome)")
            #expect(outcome.lines.first == "0", "\(outcome)")
        }

        @Test("the container sees only what it was given") func isolation() throws {
            #expect(try it.must("run", "--rm", "busybox", "ls", "/proc/1/fd").split(separator: "\n").count <= 4)
            #expect(try it.must("run", "--rm", "busybox", "sh", "-c", "ls -d /proc/[0-9]* | wc -l").split(separator: "\n").first.flatMap { Int($0) } ?? 99 <= 4)
            // The kernel names the files behind the three that are mounted below /etc, as it does for every engine.
            let mounts = try it.must("run", "--rm", "busybox", "cat", "/proc/self/mountinfo").split(separator: "\n")
            #expect(!mounts.contains { $0.contains(it.runRoot) && !$0.contains(" /etc/host") && !$0.contains(" /etc/resolv.conf ") }, "\(mounts)")
            let device = try it.davit("run", "--rm", "busybox", "sh", "-c", "mknod /d b 1 0 && cat /d")
            #expect(device.code != 0 && device.err.contains("Operation not permitted"), "\(device)")
        }

        @Test("a link in the image does not lead a mount out of it") func mountThroughLink() throws {
            try it.must("run", "--name", "trap", "busybox", "ln", "-s", "/../../../../../\(it.directory)", "/link")
            try it.must("commit", "trap", "trap")
            try FileSystem.makeDirectories("\(it.directory)/source")
            _ = try it.davit("run", "--rm", "-v", "\(it.directory)/source:/link/made", "trap", "true")
            #expect(!FileSystem.exists("\(it.directory)/made"))
        }

        @Test("removing a container never enters a mount") func mountsInTheWay() throws {
            let id = try it.must("run", "-d", "--name", "web", "busybox", "sleep", "1000")
            try it.must("kill", "web")
            let upper = "\(it.dataRoot)/containers/\(id)/upper", victim = "\(it.directory)/victim"
            try FileSystem.makeDirectories(victim)
            try FileSystem.replace("\(victim)/file", with: Array("untouched".utf8))
            // Somebody mounts a directory of his own there, of the same file system, in a mount namespace that goes with him.
            let removed = try it.shell("unshare -m sh -c 'mkdir -p \(upper)/x && mount --bind \(victim) \(upper)/x && '\"$DAVIT\"' rm web; echo $?; ls \(victim)'")
            #expect(removed.out.contains("file"), "\(removed)")
            #expect(try FileSystem.read("\(victim)/file") == Array("untouched".utf8))
            // What was in the way is gone, and so is the rest with the next command.
            _ = try it.davit("rm", "-f", "web")
            try FileSystem.removeTree(victim)
            try it.expectNothingLeft(meanwhile: { try it.must("ps", "-a") })
        }
    }
}
