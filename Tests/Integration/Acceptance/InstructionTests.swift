import Linux
import Testing

extension Integration {
    /// What the documents say of a Dockerfile's instructions, seen in the containers that come of them.
    @Suite struct InstructionTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// Builds without a context.
        private func build(_ tag: String, _ dockerfile: String) throws {
            let outcome = try it.davit(["build", "-q", "-t", tag, "-"], input: dockerfile)
            #expect(outcome.code == 0, "\(outcome)")
        }

        @Test("E141 E142 E143 E144 E145 E146 E147 E148 E149: shell and exec form; the last CMD and ENTRYPOINT; what run's words take the place of") func commands() throws {
            try build("shell", "FROM busybox\nRUN echo $0 > /shell\nRUN [\"/bin/echo\", \"$0\"]\nCMD [\"echo\", \"first\"]\nCMD echo last $((1+1))\n")
            #expect(try it.must("inspect", "-f", "{{json .Config.Cmd}} {{len .RootFS.Layers}}", "shell") == #"["/bin/sh","-c","echo last $((1+1))"] 2"#)
            #expect(try it.must("run", "--rm", "shell") == "last 2")
            #expect(try it.must("run", "--rm", "shell", "cat", "/shell") == "/bin/sh")
            try build("entry", "FROM shell\nENTRYPOINT [\"echo\", \"old\"]\nENTRYPOINT [\"echo\", \"entry\"]\n")
            // A new entry point does away with the command below it.
            #expect(try it.must("run", "--rm", "entry") == "entry")
            try build("both", "FROM entry\nCMD [\"and\", \"command\"]\n")
            #expect(try it.must("run", "--rm", "both") == "entry and command")
            #expect(try it.must("run", "--rm", "both", "-a", "arg1") == "entry -a arg1")
            #expect(try it.must("run", "--rm", "--entrypoint", "/bin/echo", "both", "-a", "arg1", "-b") == "-a arg1 -b")
            #expect(try it.must("run", "--rm", "--entrypoint", "/bin/echo", "both") == "")
            #expect(try it.must("run", "--rm", "--entrypoint", "", "both", "/bin/echo", "-a") == "-a")
            #expect(try it.must("run", "--rm", "--entrypoint", "/bin/sh", "both", "-c", "echo version") == "version")
            #expect(try it.must("run", "--rm", "--entrypoint", "", "both", "/bin/sh", "-c", "echo version") == "version")
            let nothing = try it.davit("run", "--rm", "--entrypoint", "", "both")
            #expect(nothing.code == 125 && nothing.err.contains("no command specified"), "\(nothing)")
            try build("shellentry", "FROM busybox\nENTRYPOINT echo alone\nCMD [\"never\"]\n")
            #expect(try it.must("run", "--rm", "shellentry", "seen") == "alone")
            try it.expectNothingLeft()
        }

        @Test("E158 E160 E164 E165 E166: scratch, .dockerignore, an array without quotes, users and groups") func files() throws {
            let place = "\(it.directory)/context"
            let script = """
                mkdir -p \(place)/.git && cd \(place) && touch .git/config kept && echo .git > .dockerignore && cp "$(command -v busybox)" program &&
                printf 'FROM scratch\\nCOPY . /c/\\nCMD ["/c/program", "ls", "-A", "/c"]\\n' > Dockerfile && ln program busybox && $DAVIT build -q -t bare .
                """
            let built = try it.shell(script)
            #expect(built.code == 0, "\(built)")
            #expect(try it.must("run", "--rm", "--entrypoint", "/c/busybox", "bare", "ls", "-A", "/c") == ".dockerignore\nDockerfile\nbusybox\nkept\nprogram")
            for words in [["pull", "scratch"], ["run", "--rm", "scratch"]] {
                let reserved = try it.davit(words)
                #expect(reserved.code != 0 && reserved.err.contains("'scratch' is a reserved name"), "\(reserved)")
            }
            let array = try it.davit(["build", "-"], input: "FROM busybox\nRUN [/bin/sh, -c, 'echo hello']\nCMD [\"/bin/sh\"]\n")
            #expect(array.code == 1 && array.err.contains("process \"/bin/sh -c [/bin/sh, -c, 'echo hello']\" did not complete successfully: exit code: 127"), "\(array)")
            // The quotes are the shell's, and the continuation within them is Docker's.
            try build(
                "users",
                """
                FROM busybox
                RUN /bin/sh -c 'echo "people:x:1000:" >> /etc/group ; \\
                    echo "username:x:1000:1000::/:/bin/sh" | cat >> /etc/passwd'

                """)
            #expect(try it.must("run", "--rm", "-u", "username:people", "users", "id") == "uid=1000(username) gid=1000(people) groups=1000(people)")
            #expect(try it.davit("run", "--rm", "-u", "username:nobodys", "users", "id").err.contains("unable to find group nobodys: no matching entries in group file"))
            #expect(try it.davit("run", "--rm", "-u", "nobodys:people", "users", "id").err.contains("unable to find user nobodys: no matching entries in passwd file"))
            try it.expectNothingLeft()
        }

        @Test("E159 E203: a name that moves to a new image leaves the old one without") func names() throws {
            try build("web", "FROM busybox\nRUN echo old > /page\n")
            let old = try it.must("inspect", "-f", "{{.Id}}", "web")
            try it.must("tag", "web", "web:v1")
            let rebuilt = try it.davit(["build", "-q", "-t", "web", "-t", "web:v2", "-"], input: "FROM busybox\nRUN echo new > /page\n")
            #expect(rebuilt.code == 0, "\(rebuilt)")
            #expect(try it.must("inspect", "-f", "{{.RepoTags}}", old) == "[web:v1]")
            #expect(try it.must("run", "--rm", "web:v2", "cat", "/page") == "new")
            try it.must("tag", "web", "web:v1")
            #expect(try it.must("inspect", "-f", "{{.RepoTags}}", old) == "[]")
            #expect(try it.must("images", "--no-trunc", "--filter", "dangling=true", "--format", "{{.Repository}} {{.Tag}} {{.ID}}") == "<none> <none> \(old)")
            #expect(try it.must("run", "--rm", old, "cat", "/page") == "old")
            try it.must("image", "prune", "-f")
            #expect(try it.davit("inspect", old).code == 1)
            try it.expectNothingLeft()
        }
    }
}
