import Linux
import Testing

extension Integration {
    /// What a container is on its host: one process with a parent of its own, namespaces, a cgroup, and a union of layers.
    @Suite struct ProcessTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// Its words of /proc/<pid>/stat after the name: state, parent.
        private func parent(_ process: Int32) throws -> Int32? {
            let text = String(decoding: try FileSystem.read("/proc/\(process)/status"), as: UTF8.self)
            return text.split(separator: "\n").first { $0.hasPrefix("PPid:") }.flatMap { Int32($0.dropFirst(5).drop { $0 == "\t" }) }
        }

        @Test("E02 E03 E06 E10 E14 E15 E37 E53: a supervisor of process 1 and nothing else stands behind it; what it sees, and what is on disk")
        func anatomy() throws {
            try it.must("run", "--rm", "-itd", "--name", "shell", "-p", "8080:80", "busybox", "sh")
            let process = try #require(Int32(try it.must("inspect", "-f", "{{.State.Pid}}", "shell")))
            let supervisor = try #require(try parent(process))
            #expect(try it.supervisors() == [supervisor])
            #expect(try parent(supervisor) == 1)
            // No engine, no proxy of a port: all that is there is those two.
            let all = try World.now(dataRoot: it.dataRoot, runRoot: it.runRoot).processes
            #expect(all.count == 1, "\(all)")
            #expect(try it.shell("ps -o comm= -p \(supervisor)").line == "davit-superviso")
            // Docker's shim takes 13.7 MB, and two proxies 4 MB each.
            let memory = try it.shell("awk '/^(RssAnon|RssShmem)/ {kilobytes += $2} END {print kilobytes}' /proc/\(supervisor)/status").line
            #expect(Int(memory).map { $0 < 6000 } == true, "\(memory) kB")
            for name in ["mnt", "pid", "net", "ipc", "uts"] {
                #expect(try it.shell("test $(readlink /proc/\(process)/ns/\(name)) != $(readlink /proc/self/ns/\(name))").code == 0, "\(name)")
            }
            let id = try it.must("inspect", "-f", "{{.Id}}", "shell")
            #expect(try it.shell("cat /proc/\(process)/cgroup").out.contains("/docker-\(id)"))
            // By its own root it is in no deeper place where it has a cgroup namespace.
            let isSeen = try it.must("info", "-f", "{{.CgroupVersion}}") == "1" ? "0" : "1"
            #expect(try it.must("exec", "shell", "sh", "-c", "fgrep -qa docker /proc/1/cgroup; echo $?") == isSeen)
            let root = try it.shell("grep ' / / ' /proc/\(process)/mountinfo").line
            #expect(root.contains(" overlay ") && root.contains("lowerdir=\(it.dataRoot)/layers/") && root.contains("upperdir=\(it.dataRoot)/containers/"))
            let top = try it.shell("ls \(it.dataRoot)").lines
            for name in ["containers", "content", "davit.db", "layers"] { #expect(top.contains(name), "\(top)") }
            // Nobody but root finds programs of images there, which may be setuid.
            #expect(try it.shell("stat -c %a \(it.dataRoot)/layers").line == "700")
            try it.must("kill", "shell")
            try it.expectNothingLeft()
        }

        @Test("E136: every user may ping and listen on port 80, on networks of the container's own") func network() throws {
            let sockets = """
                cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_unprivileged_port_start; httpd -p 80 && echo listens
                """
            for network in ["bridge", "none"] {
                let outcome = try it.davit(["run", "--rm", "-u", "1000", "--cap-drop", "ALL", "--network", network, "busybox", "sh", "-c", sockets])
                #expect(outcome.lines == ["0\t2147483647", "0", "listens"], "\(outcome)")
            }
            // What was asked for stands, and the host's own network is left alone.
            #expect(try it.must("run", "--rm", "--sysctl", "net.ipv4.ip_unprivileged_port_start=500", "busybox", "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start") == "500")
            #expect(try it.must("run", "--rm", "--network", "host", "busybox", "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start") == "1024")
        }
    }
}
