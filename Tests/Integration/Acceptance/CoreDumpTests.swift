import Linux
import Testing

extension Integration {
    /// Core files of what crashes in a container: the kernel writes them where the host's pattern says, as far as the limit lets it.
    @Suite struct CoreDumpTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        private static let crash = "cd /tmp; sh -c \"kill -SEGV \\$\\$\"; echo $?; ls | wc -l"

        /// Whether the kernel of this machine writes a file beside what crashes, which only its administrator decides.
        private static let isPlain: Bool = {
            let pattern = (try? FileSystem.read("/proc/sys/kernel/core_pattern")) ?? []
            return !pattern.contains(UInt8(ascii: "|")) && !pattern.contains(UInt8(ascii: "/"))
        }()

        @Test("C06 C07 C08: --ulimit core gives the right to a core file, which the container itself cannot take", .enabled(if: isPlain, "the machine's core files go elsewhere"))
        func limit() throws {
            let pattern = String(decoding: try FileSystem.read("/proc/sys/kernel/core_pattern"), as: UTF8.self)
            try it.mustLines(
                "docker run -d --name \"my_container\" --ulimit core=-1 busybox sh -c 'ulimit -c; cat /proc/sys/kernel/core_pattern; \(Self.crash)'; docker wait my_container")
            #expect(try it.lines("docker logs my_container 2> /dev/null").out == "unlimited\n\(pattern)139\n1\n")
            // What the image's own shell asks for is bounded by what the container was given.
            let none = try it.lines("docker run --rm --ulimit core=0 busybox sh -c 'ulimit -c unlimited; ulimit -c; \(Self.crash)'")
            #expect(none.out == "0\n139\n0\n" && none.err.contains("Operation not permitted"), "\(none)")
        }

        @Test("C06: limits that daemon.json has are for all that ask for none of that kind") func defaults() throws {
            try it.mustLines(
                "mkdir etc; echo '{\"default-ulimits\": {\"core\": {\"Name\": \"core\", \"Soft\": 0, \"Hard\": 4096}, \"nofile\": {\"Name\": \"nofile\", \"Soft\": 70, \"Hard\": 80}}}' > etc/daemon.json"
            )
            let set = "export DAVIT_CONFIG_DIR=$PWD/etc; docker run --ulimit core=512:1024", show = "sh -c 'ulimit -c; ulimit -Hc; ulimit -n; ulimit -Hn'"
            // The shell counts blocks of 512 bytes.
            #expect(
                try it.mustLines("\(set) --name box busybox \(show); docker inspect box | jq -c '.[0].HostConfig.Ulimits | map([.Name, .Soft, .Hard])'")
                    == "1\n2\n70\n80\n[[\"core\",512,1024],[\"nofile\",70,80]]\n")
            #expect(try it.mustLines("export DAVIT_CONFIG_DIR=$PWD/etc; docker run --rm busybox \(show)") == "0\n8\n70\n80\n")
        }

        @Test("C09 C11: filters have nothing to do with it; the pattern is the host's, and only the privileged may write it") func pattern() throws {
            let write = "cat /proc/sys/kernel/core_pattern > /p; cat /p > /proc/sys/kernel/core_pattern"
            let refused = try it.lines("docker run --rm --security-opt seccomp=unconfined busybox sh -c '\(write)'")
            #expect(refused.code == 1 && refused.err.contains("/proc/sys/kernel/core_pattern: Read-only file system"), "\(refused)")
            #expect(try it.mustLines("docker run --rm --privileged busybox sh -c '\(write); grep Seccomp: /proc/self/status'") == "Seccomp:\t0\n")
        }
    }
}
