import Linux
import Testing

extension Integration {
    /// The user's ssh-agent in a container.
    @Suite struct AgentSocketTests {
        private static let isPossible = ["ssh-agent", "ssh-add", "ssh-keygen"].allSatisfy { FileSystem.exists("/usr/bin/\($0)") }

        @Test("E127 E128 E129: its socket is bound read-only, by its own path or Docker Desktop's, and lists the keys", .enabled(if: isPossible, "needs ssh-agent"))
        func keys() throws {
            let it = try Installation.withImage()
            let socket = "\(it.directory)/agent"
            let agent = try it.start(shell: "exec ssh-agent -D -a \(socket)")
            defer { withExtendedLifetime(agent) {} }
            try it.eventually("the agent listens") { FileSystem.exists(socket) }
            let added = try it.shell("ssh-keygen -q -t ed25519 -N '' -C mine -f \(it.directory)/key && SSH_AUTH_SOCK=\(socket) ssh-add -q \(it.directory)/key")
            #expect(added.code == 0, "\(added)")
            // The machine's own program, and what it is linked to.
            let programs = ["/usr", "/lib", "/lib64"].flatMap { ["-v", "\($0):\($0):ro"] }
            let desktop = "/run/host-services/ssh-auth.sock"
            for source in [desktop, socket] {
                let outcome = try it.davit(
                    ["run", "--rm", "-u", "root", "--mount", "type=bind,src=\(source),target=\(desktop),ro", "-e", "SSH_AUTH_SOCK=\(desktop)"] + programs
                        + ["--entrypoint", "/usr/bin/ssh-add", "busybox", "-l"], environment: ["SSH_AUTH_SOCK=\(socket)"])
                #expect(outcome.code == 0 && outcome.out.contains(" mine (ED25519)"), "\(outcome)")
            }
        }
    }
}
