import Linux
import Testing

extension Integration {
    /// Flaws that were found in other engines, each tried here: the CVEs are theirs.
    @Suite struct PublishedFlawTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        private func run(_ words: String...) throws -> Outcome { try it.davit(["run", "--rm", "--network", "none"] + words) }

        /// A directory of the host's that nothing in a container may reach, with one file in it.
        private func makeSecret() throws -> String {
            let path = "\(it.directory)/secret"
            try FileSystem.makeDirectories(path)
            try FileSystem.replace("\(path)/file", with: "secret".utf8)
            return path
        }

        private func names(_ path: String) throws -> [String] { try FileDescriptor.open(path, [.directory]).entries().sorted() }

        /// Starts a container that makes `/a/d`, in the volume `shared`, a directory and a link to `target` in turn.
        private func startSwapping(to target: String) throws {
            try it.must(
                "run", "-d", "--name", "swap", "--network", "none", "-v", "shared:/a", "busybox", "sh", "-c",
                "mkdir /a/d; echo own > /a/d/file; ln -s \(target) /a/l; touch /ready; while :; do mv /a/d /a/k; mv /a/l /a/d; mv /a/d /a/l; mv /a/k /a/d; done")
            try it.eventually("swapping") { try it.davit("exec", "swap", "test", "-e", "/ready").code == 0 }
        }

        @Test("CVE-2018-15664, CVE-2019-18466, CVE-2021-41089: cp while directories become links") func copyRace() throws {
            let secret = try makeSecret()
            try startSwapping(to: "/../../../../../../../..\(secret)")
            for number in 0..<8 {
                // It may find nothing there at the moment.
                _ = try it.davit("cp", "swap:/a/d/file", "\(it.directory)/got\(number)")
                #expect(try !FileSystem.exists("\(it.directory)/got\(number)") || FileSystem.read("\(it.directory)/got\(number)") == Array("own\n".utf8))
                _ = try it.davit("cp", "\(secret)/file", "swap:/a/d/in\(number)")
            }
            #expect(try names(secret) == ["file"])
        }

        @Test(
            "CVE-2021-30465, CVE-2024-45310, CVE-2025-31133: mounts in a volume where directories become links",
            arguments: [["--tmpfs", "/a/d"], ["--mount", "type=volume,dst=/a/d"], ["-v", "/usr/bin:/a/d:ro"], ["-w", "/a/d/e/f"]])
        func mountRace(_ flags: [String]) throws {
            let host = "\(it.directory)/host"
            try FileSystem.makeDirectories(host)
            try startSwapping(to: "/h")
            // What the container was given at /h is its own affair; nothing may be written there that it did not write.
            for _ in 0..<4 { _ = try it.davit(["run", "--rm", "--network", "none", "-v", "shared:/a", "-v", "\(host):/h"] + flags + ["busybox", "true"]) }
            #expect(try names(host).allSatisfy { flags.first == "-w" && $0 == "e" })
        }

        @Test("CVE-2025-52881: what the engine writes below /proc for an exec is not what the container has there") func fakedProc() throws {
            try it.must(
                "run", "-d", "--name", "box", "--network", "none", "--oom-score-adj", "500", "--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined", "busybox", "sleep",
                "1000")
            #expect(try it.must("exec", "box", "cat", "/proc/self/oom_score_adj") == "500")
            try it.must("exec", "box", "sh", "-c", "mount -t tmpfs none /proc; mkdir /proc/self; echo untouched > /proc/self/oom_score_adj")
            #expect(try it.must("exec", "box", "cat", "/proc/self/oom_score_adj") == "untouched")
        }

        @Test("CVE-2024-40635, CVE-2016-3697: numbers of users that are none", arguments: ["4294967296", "4294967295", "2147483648", "-1", "1:4294967296", "0x0"])
        func users(_ user: String) throws {
            #expect(try run("-u", user, "busybox", "id").code != 0)
        }

        @Test("CVE-2022-0492, CVE-2022-24769: no cgroup can be mounted, nothing is inherited") func privileges() throws {
            #expect(try run("busybox", "sh", "-c", "unshare -Ur true || mount -t cgroup -o memory none /mnt || mount -t cgroup2 none /mnt").code != 0)
            for user in ["0", "1000"] {
                #expect(try run("-u", user, "busybox", "grep", "-cE", "Cap(Inh|Amb):\t0{16}", "/proc/self/status").out == "2\n")
            }
        }

        @Test(
            "CVE-2017-14992: files with holes, in all of GNU's forms, keep them; one that is larger than disks is refused",
            arguments: ["gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix --sparse-version=1.0"])
        func holes(_ format: String) throws {
            let outcome = try it.shell(
                """
                set -e; cd \(it.directory); mkdir root; cp "$(command -v busybox)" root; truncate -s 30M root/hole; printf middle | dd of=root/hole bs=1M seek=10 conv=notrunc status=none
                pack() { tar --sparse --format=\(format) -C root -cf - .; }
                pack | $DAVIT import - sparse > /dev/null
                test "$(md5sum < root/hole)" = "$($DAVIT run --rm --network none sparse /busybox md5sum < /dev/null /hole | sed 's,/hole,-,')"
                $DAVIT run --rm --network none sparse /busybox sh -c 'test $(/busybox du -k /hole | /busybox cut -f 1) -lt 1000'
                truncate -s 5T root/hole; ! pack | $DAVIT import - bomb
                """)
            #expect(outcome.code == 0 && outcome.err.contains("files of more than 4398046511104 bytes"), "\(outcome)")
        }

        @Test("CVE-2020-15257: no abstract sockets for who shares the host's network") func abstractSockets() throws {
            #expect(try it.davit("run", "--rm", "--network", "host", "busybox", "grep", "-c", "@", "/proc/net/unix").out == "0\n")
        }

        @Test("CVE-2021-41091, CVE-2024-25621: others see nothing of the engine's directories") func directories() throws {
            try it.must("volume", "create", "vol")
            for name in try names(it.dataRoot) where name != "skeleton" {
                let status = try #require(try FileSystem.status("\(it.dataRoot)/\(name)"))
                #expect(status.permissions & 0o6 == 0, "\(name)")
            }
            #expect(try FileSystem.status("\(it.dataRoot)/layers")?.permissions == 0o700)
        }

        @Test(
            "CVE-2024-1753, CVE-2024-9407, CVE-2024-9675, CVE-2024-23651, CVE-2024-23653: what a build may mount",
            arguments: [
                ("RUN ln -s / /l\nFROM busybox\nRUN --mount=type=bind,from=0,source=/l,target=/m,rw echo in > /m/SECRET/new", nil as String?),
                ("RUN ln -s ../../../../../../../..SECRET /l\nFROM busybox\nRUN --mount=type=bind,from=0,source=/l,target=/m cat /m/file", "not found"),
                ("RUN --mount=type=cache,id=c,from=busybox,source=../../../../../../../..SECRET,target=/m cat /m/file", "not found"),
                ("RUN --mount=type=cache,id=../../../../../../../..SECRET,target=/m cat /m/file", "did not complete"),
                ("RUN --mount=type=bind,target=/m,bind-propagation=shared true", "unexpected key 'bind-propagation'"),
                ("RUN --security=insecure true", "security.insecure is not allowed"),
                ("RUN --network=host true", "network.host is not allowed"),
                ("COPY ../../../../../../../..SECRET/file /", "not found"),
                ("COPY link/file /", "not found"),
                ("ADD https://x.invalid/y.git#--upload-pack=z /", "invalid git reference"),
            ])
        func buildMounts(_ steps: String, _ words: String?) throws {
            let secret = try makeSecret(), context = "\(it.directory)/context"
            try FileSystem.makeDirectories(context)
            try FileSystem.replace("\(context)/Dockerfile", with: "FROM busybox\n\(steps.replacing("SECRET", with: secret))\n".utf8)
            try FileDescriptor.open(context, [.path, .directory]).makeSymbolicLink("link", to: secret)
            let outcome = try it.davit("build", context)
            #expect(!outcome.out.contains("secret\n") && outcome.code != 0, "\(outcome)")
            if let words { #expect(outcome.err.contains(words), "\(outcome)") }
            #expect(try names(secret) == ["file"])
        }
    }
}
