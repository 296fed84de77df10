import Linux
import Testing

extension Integration {
    /// `davit build`, the engine in the same process.
    @Suite struct BuildTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        /// A context of these files: the name, and what is in it.
        private func context(_ name: String, _ files: [String: String]) throws -> String {
            for (path, text) in files {
                let whole = "\(it.directory)/\(name)/\(path)"
                try FileSystem.makeDirectories(String(whole[..<(whole.lastIndex(of: "/") ?? whole.startIndex)]))
                try FileSystem.replace(whole, with: Array(text.utf8))
            }
            return "\(it.directory)/\(name)"
        }

        private func refused(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
            let outcome = try it.davit(["build"] + arguments)
            #expect(outcome.code == 1, "\(outcome)", sourceLocation: sourceLocation)
            return outcome.err
        }

        @Test("B01 D21 E167: stages, arguments and files become an image that runs; by every name of the command it is the same one") func stages() throws {
            let path = try context(
                "app",
                [
                    "Dockerfile": """
                    ARG TAG=latest
                    FROM busybox:$TAG AS base
                    ARG WHO=world
                    # between
                    RUN echo "hello $WHO" > /hello \\
                        && chmod 600 /hello
                    WORKDIR /app
                    COPY . .
                    FROM busybox
                    COPY --from=base --chown=7:8 /hello /x/
                    COPY --from=0 /app/sub /sub
                    USER 7
                    ENV A=1
                    CMD ["sh", "-c", "cat /x/hello; cat /sub/file; echo $A"]
                    """,
                    "sub/file": "inside\n",
                ])
            try it.must("build", "-t", "one", "-t", "two:2", "--build-arg", "WHO=you", path)
            #expect(try it.must("run", "--rm", "one") == "hello you\ninside\n1")
            let id = try it.must("image", "inspect", "-f", "{{.Id}}", "two:2")
            for command in [["buildx", "build"], ["builder", "build"], ["image", "build"]] {
                #expect(try it.davit(command + ["-q", "--build-arg", "WHO=you", path]).out == id + "\n")
            }
            #expect(try it.must("build", "-q", path) != id)
        }

        @Test("D22 D25 D37: Docker's own words; a second time every step is there already; a failed one's last image runs") func classic() throws {
            let path = try context("classic", ["Dockerfile": "FROM busybox\nENV A=b\nRUN echo made > /made\nRUN exit 3\n"])
            func build(_ arguments: [String] = []) throws -> Outcome {
                try it.start(["build"] + arguments + [path], environment: ["DOCKER_BUILDKIT=0"]).finish()
            }
            let first = try build()
            #expect(first.code == 3 && first.err == "The command '/bin/sh -c exit 3' returned a non-zero code: 3\n", "\(first)")
            let lines = first.lines
            #expect(
                lines.first?.hasPrefix("Sending build context to Docker daemon  ") == true && lines.contains("Step 2/4 : ENV A=b")
                    && lines.contains { $0.hasPrefix(" ---> Running in ") })
            #expect(lines.contains { $0.hasPrefix(" ---> Removed intermediate container ") }, "\(first)")
            let image = try #require(lines.last { $0.hasPrefix(" ---> ") && !$0.contains("Running") }?.dropFirst(6))
            #expect(try it.must("run", "--rm", String(image), "cat", "/made") == "made")
            // Docker keeps the container of the step that failed.
            #expect(try it.must("ps", "-aq").split(separator: "\n").count == 1)
            _ = try context("classic", ["Dockerfile": "FROM busybox\nENV A=b\nRUN echo made > /made\n"])
            let again = try build(["-t", "name:1"])
            #expect(again.lines.filter { $0 == " ---> Using cache" }.count == 2 && again.lines.contains(" ---> \(image)"), "\(again)")
            #expect(again.lines.suffix(2) == ["Successfully built \(image)", "Successfully tagged name:1"])
            #expect(try build(["--no-cache"]).lines.contains(" ---> Using cache") == false)
            // Errors are red; and of the cache only that counts which the images named are made of.
            _ = try context("classic", ["Dockerfile": "FROM busybox\nRUN echo wrong >&2\n"])
            #expect(try build().out.contains("\u{1b}[91mwrong\n\u{1b}[0m"))
            #expect(try build(["--cache-from", "name:1"]).lines.contains(" ---> Using cache"))
            #expect(try build(["--cache-from", "none"]).lines.contains(" ---> Using cache") == false)
        }

        @Test("D23 D29 E161: a Dockerfile elsewhere, on standard input, and what is ignored") func contexts() throws {
            let path = try context(
                "files",
                ["keep": "1", "drop/a": "2", "drop/b": "3", ".dockerignore": "drop\n!drop/b\nDockerfile\n", "Dockerfile": "FROM busybox\nCOPY . /c\nRUN find /c -type f | sort\n"])
            let shown = try it.davit(["build", "--progress", "plain", path])
            #expect(
                shown.err.contains(" /c/.dockerignore\n") && shown.err.contains(" /c/drop/b\n") && !shown.err.contains("/c/drop/a") && !shown.err.contains("/c/Dockerfile"),
                "\(shown)")
            let other = try context("elsewhere", ["my.Dockerfile": "FROM busybox\nCOPY keep /\nRUN cat /keep\n"])
            #expect(try it.davit(["build", "-q", "-f", "\(other)/my.Dockerfile", path]).code == 0)
            #expect(try it.davit(["build", "-q", "-t", "std", "-"], input: "FROM busybox\nRUN echo hi > /hi\n").code == 0)
            #expect(try it.must("run", "--rm", "std", "cat", "/hi") == "hi")
            #expect(try it.shell("tar -C \(path) -cf - . | $DAVIT build -q -").code == 0)
            #expect(try refused("\(it.directory)/nothing") == "ERROR: unable to prepare context: path \"\(it.directory)/nothing\" not found\n")
            let wrong = try context("wrong", ["Dockerfile": "FROM busybox\nFOO x\n", "missing": "FROM busybox\nCOPY nothing /\n"])
            #expect(try refused(wrong).hasSuffix("ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: FOO (did you mean FROM?)\n"))
            #expect(try refused("-f", "\(wrong)/missing", wrong).contains("\"/nothing\": not found"))
        }

        @Test("B14 B16 D92: history in BuildKit's words, and no secret in it") func history() throws {
            let path = try context(
                "history",
                [
                    "Dockerfile":
                        "FROM busybox\nARG V=1\nRUN --mount=type=secret,id=key cat /run/secrets/key > /dev/null && test $(wc -c < /run/secrets/key) = 6\nRUN --mount=type=secret,id=key,env=KEY test \"$KEY\" = hidden\nCOPY f /d/\nEXPOSE 80\nCMD [\"a\", \"b c\"]\n",
                    "f": "x", "key": "hidden",
                ])
            try it.must("build", "-q", "-t", "told", "--secret", "id=key,src=\(path)/key", path)
            let words = try it.must("history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", "told").split(separator: "\n").map(String.init)
            #expect(
                Array(words.prefix(3)) == ["CMD [\"a\" \"b c\"]|buildkit.dockerfile.v0", "EXPOSE [80/tcp]|buildkit.dockerfile.v0", "COPY f /d/ # buildkit|buildkit.dockerfile.v0"])
            #expect(words[3].hasPrefix("RUN |1 V=1 /bin/sh -c test \"$KEY\" = hidden # buildkit"))
            #expect(!(try it.shell("$DAVIT save told | tar xOf - | grep -c hidden").out.hasPrefix("1")))
            let known = try it.start(["build", "-t", "classic", "-"], withInput: true, environment: ["DOCKER_BUILDKIT=0"])
            try known.send("FROM busybox\nCMD [\"a\"]\nWORKDIR /w\n")
            known.closeInput()
            #expect(try known.finish().code == 0)
            let old = try it.must("history", "--no-trunc", "--format", "{{.CreatedBy}}", "classic").split(separator: "\n")
            #expect(old.prefix(2) == ["/bin/sh -c #(nop) WORKDIR /w", "/bin/sh -c #(nop)  CMD [\"a\"]"])
        }

        @Test("mounts of RUN, here-documents, COPY and ADD in their forms") func forms() throws {
            let path = try context(
                "forms",
                [
                    "Dockerfile": """
                    FROM busybox AS a
                    RUN echo a > /a
                    FROM busybox
                    RUN --mount=type=cache,target=/cache echo x >> /cache/n; cp /cache/n /n
                    RUN --mount=from=a,source=/a,target=/mnt/a --mount=target=/ctx,rw cat /mnt/a > /fromA && touch /ctx/new
                    RUN --mount=type=tmpfs,target=/t,size=1m touch /t/f && test $(df /t | awk 'NR==2{print $2}') = 1024
                    RUN <<EOF
                    test ! -e /mnt
                    test ! -e /t
                    echo here > /here
                    EOF
                    COPY --chmod=u=rwx,go=r <<one <<'two' /docs/
                    1 ${NO:-else}
                    one
                    2 $NO
                    two
                    ADD --chown=5 a.tar /unpacked/
                    COPY --parents d/./e/* /par/
                    COPY --exclude=*.x d/e /ex/
                    COPY --link d/e/1 /linked/1
                    RUN --network=none test $(ls /sys/class/net) = lo
                    """,
                    "d/e/1": "1", "d/e/2.x": "2",
                ])
            #expect(try it.shell("cd \(path)/d && tar cf ../a.tar e").code == 0)
            try it.must("build", "-q", "-t", "forms", path)
            let shown = try it.must(
                "run", "--rm", "forms", "sh", "-c", "cat /fromA /here /docs/*; stat -c '%a %u:%g %n' /docs/one /unpacked/e/1; find /par /ex /linked -type f | sort; cat /n")
            #expect(shown == "a\nhere\n1 else\n2 $NO\n744 0:0 /docs/one\n644 5:5 /unpacked/e/1\n/ex/1\n/linked/1\n/par/e/1\n/par/e/2.x\nx", "\(shown)")
            #expect(!FileSystem.exists("\(path)/new"))
        }

        @Test("E163 D89: what builds keep is listed, freed, and made anew") func pruning() throws {
            let path = try context("cache", ["Dockerfile": "FROM busybox\nRUN date +%N > /now\nRUN head -c 100000 /dev/zero > /zeros; exit 0\nRUN rm /zeros\n"])
            let first = try it.must("build", "-q", path)
            #expect(try it.must("build", "-q", path) == first)
            #expect(try it.must("system", "df", "--format", "{{.Type}} {{.TotalCount}}").contains("Build Cache 3"))
            try it.must("rmi", first)
            #expect(try it.must("builder", "prune", "-af").hasSuffix("Total reclaimed space: 100kB"))
            #expect(try it.must("system", "df", "--format", "{{.Type}} {{.TotalCount}}").contains("Build Cache 0"))
            #expect(try it.must("build", "-q", path) != first)
        }

        @Test("a build that is killed, or that nobody wants any more, leaves nothing that runs") func endings() throws {
            let path = try context("endless", ["Dockerfile": "FROM busybox\nRUN echo begun; sleep 1000\n"])
            let stopped = try it.start(["build", path])
            try stopped.wait(forError: "begun")
            try stopped.signal(2)
            #expect(try stopped.finish().code == 130)
            #expect(try it.must("ps", "-aq").isEmpty)
            let killed = try it.start(["build", path])
            try killed.wait(forError: "begun")
            try killed.signal(9)
            _ = try killed.finish()
            try it.eventually("the step's container has ended with it") { try it.supervisors().isEmpty }
            // The next build clears away.
            #expect(try it.davit(["build", "-q", "-"], input: "FROM busybox\nCMD a\n").code == 0)
            #expect(try it.must("ps", "-aq").isEmpty)
            #expect(try FileDescriptor.open("\(it.dataRoot)/builds", [.directory]).entries().isEmpty)
        }

        @Test("contexts that want out get nothing") func hostile() throws {
            let script = """
                cd \(it.directory) && mkdir -p evil && cd evil && echo secret > ../outside
                ln -s ../outside link && ln -s /etc/passwd absolute
                printf 'FROM busybox\\nCOPY link /\\n' > Dockerfile
                """
            #expect(try it.shell(script).code == 0)
            let path = "\(it.directory)/evil"
            #expect(try refused(path).contains("\"/link\": not found"))
            for source in ["../outside", "absolute", "/../../etc/passwd"] {
                _ = try context("evil", ["Dockerfile": "FROM busybox\nCOPY \(source) /got\n"])
                #expect(try refused(path).contains("not found"))
            }
            // Links of the image lead where they lead in the image.
            _ = try context(
                "evil",
                [
                    "Dockerfile":
                        "FROM busybox\nRUN mkdir -p /srv && ln -s / /srv/out && ln -s ../../../../../../../../tmp /up\nCOPY file /srv/out/up/placed\nRUN cat /tmp/placed\nRUN ln -s ../../nowhere/deep /dangling\nADD file /dangling/\nRUN cat /nowhere/deep/file\n",
                    "file": "x",
                ])
            try it.must("build", "-q", path)
            #expect(!FileSystem.exists("/tmp/placed"))
        }
    }
}
