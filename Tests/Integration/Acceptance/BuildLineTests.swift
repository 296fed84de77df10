import Linux
import Testing

extension Integration {
    /// What the documents build, from busybox in place of larger systems.
    @Suite struct BuildLineTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        @Test("B02 B15 B16 D24: a long tag; each builder's words in the history, and the same layers") func history() throws {
            let name = "frankpengau/buildkite-plugin-tester:bats-1-8-2-no-faccessat2-multi-arch-sha-docker-build"
            try it.mustLines(
                "mkdir plugin; cd plugin; printf 'FROM busybox\\nRUN touch -d @1 /a\\nWORKDIR /plugin\\nCMD [\"bats\", \"tests/\"]\\n' > Dockerfile; docker build -t \(name) .; docker buildx build -t \(name)x ."
            )
            let told = try it.mustLines("docker image history --format '{{.ID}} {{.CreatedBy}} {{.Size}} {{.Comment}}' \(name)").split(separator: "\n")
            let again = try it.mustLines("docker image history --format '{{.ID}} {{.CreatedBy}} {{.Size}} {{.Comment}}' \(name)x").split(separator: "\n")
            #expect(
                told.count == 4 && told[0].hasSuffix(" CMD [\"bats\" \"tests/\"] 0B buildkit.dockerfile.v0") && told[1...3].allSatisfy { $0.hasPrefix("<missing> ") }, "\(told)")
            #expect(told.dropFirst() == again.dropFirst())
            let layers = "docker image inspect -f '{{.RootFS.Layers}}'"
            #expect(try it.mustLines("\(layers) \(name)") == it.mustLines("\(layers) \(name)x"))
            #expect(
                try it.mustLines("docker history \(name)").split(separator: "\n").first?.split(separator: " ").joined(separator: " ") == "IMAGE CREATED CREATED BY SIZE COMMENT")
        }

        @Test("standard input may be a socket, as it is for what Node starts", .enabled(if: FileSystem.exists("/usr/bin/python3"), "needs python3")) func socketInput() throws {
            try it.mustLines(
                """
                cat > give.py <<'END'
                import socket, subprocess, sys
                ours, theirs = socket.socketpair()
                ours.sendall(sys.argv[1].encode())
                ours.shutdown(socket.SHUT_WR)
                sys.exit(subprocess.run(sys.argv[2:], stdin=theirs).returncode)
                END
                /usr/bin/python3 give.py 'FROM busybox' docker build -q -t given -
                """)
            let refused = try it.lines("/usr/bin/python3 give.py word docker login -u me --password-stdin 127.0.0.1:1")
            #expect(refused.err.contains("connection refused"), "\(refused)")
            #expect(try it.mustLines("/usr/bin/python3 give.py word docker run --rm -i given cat") == "word")
        }

        @Test("standard streams may be pipes that somebody made non-blocking", .enabled(if: FileSystem.exists("/usr/bin/python3"), "needs python3")) func nonBlocking() throws {
            let script = """
                cat > late.py <<'END'
                import os, select, subprocess, sys
                (input, give), (take, output) = os.pipe(), os.pipe()
                for end in input, output: os.set_blocking(end, False)
                child = subprocess.Popen(sys.argv[2:], stdin=input, stdout=output)
                os.close(input), os.close(output)
                # Late enough to be waited for: the program is there, and has written what fits.
                select.select([take], [], [], 0.3)
                os.write(give, sys.argv[1].encode()), os.close(give)
                sys.stdout.buffer.write(open(take, "rb").read())
                sys.exit(child.wait())
                END
                """
            #expect(try it.mustLines("\(script)\n/usr/bin/python3 late.py 'FROM busybox' docker build -q -").hasPrefix("sha256:"))
            let much = try it.mustLines("/usr/bin/python3 late.py '' docker inspect $(yes busybox | head -n 60) | jq -c '[length, .[59].RepoTags[0]]'")
            #expect(much == "[60,\"busybox:latest\"]\n", "\(much.prefix(200))")
        }

        @Test("D25 D26 D36 D37: a changed file makes its step and the later ones anew; a failing step keeps the earlier ones, which run") func cache() throws {
            let docker = "DOCKER_BUILDKIT=0 docker build -t my_image:latest ."
            let first = try it.mustLines(
                """
                mkdir app; cd app; echo a > Pipfile; echo b > Pipfile.lock; echo c > main.py
                printf 'FROM busybox\\nWORKDIR /app\\nRUN echo pipenv > /tool\\nCOPY Pipfile Pipfile.lock ./\\nRUN cat Pipfile > /installed\\nCOPY . .\\nCMD ["cat", "/installed"]\\n' > Dockerfile
                \(docker); docker run --rm my_image
                """)
            #expect(first.hasSuffix("Successfully tagged my_image:latest\na\n") && !first.contains("Using cache"), "\(first)")
            #expect(try it.mustLines("cd app; \(docker)").split(separator: "\n").count { $0 == " ---> Using cache" } == 6)
            #expect(try it.mustLines("cd app; echo d > main.py; \(docker)").split(separator: "\n").count { $0 == " ---> Using cache" } == 4)
            #expect(try it.mustLines("cd app; echo e > Pipfile; \(docker) | grep -c cache; docker run --rm my_image") == "2\ne\n")
            let failed = try it.lines("cd app; sed -i 's/^RUN cat.*/RUN echo Aborting. \\&\\& exit 1/' Dockerfile; \(docker)")
            #expect(failed.code == 1 && failed.err == "The command '/bin/sh -c echo Aborting. && exit 1' returned a non-zero code: 1\n", "\(failed)")
            let step = try #require(failed.lines.last { $0.hasPrefix(" ---> ") && !$0.contains("Running") }?.dropFirst(6))
            let shell = try it.start(onTerminal: ["run", "--rm", "-it", String(step), "/bin/sh"])
            try shell.wait(forOutput: "/app # ")
            try shell.send("cat Pipfile /installed\n")
            try shell.wait(forOutput: "can't open '/installed'")
            #expect(shell.out.split(whereSeparator: \.isNewline).contains("e"))
            try shell.send("exit\n")
            _ = try shell.finish()
        }

        @Test("D29 D30 D31: all is left out but what is asked for, and so the context is small and the cache lasts") func ignored() throws {
            try it.mustLines(
                """
                mkdir -p page/node_modules page/public page/src page/.git; cd page; head -c 3000000 /dev/zero > node_modules/large
                for f in .env .git/HEAD public/index src/main package.json yarn.lock config-overrides.js; do echo $f > $f; done
                printf 'FROM busybox\\nCOPY . /app\\nRUN cd /app && find . -type f | sort\\n' > Dockerfile
                """)
            let docker = "cd page; DOCKER_BUILDKIT=0 docker build -t docker_ignore_example ."
            #expect(try it.mustLines(docker).hasPrefix("Sending build context to Docker daemon  3.0"))
            try it.mustLines(
                "cat > page/.dockerignore <<'END'\n# Ignore all files by default\n*\n\n# Allow only the required files\n!public/\n!src/\n!config-overrides.js\n!package.json\n!yarn.lock\nEND"
            )
            let small = try it.mustLines(docker)
            #expect(small.firstMatch(of: #/^Sending build context to Docker daemon +[0-9.]+kB/#) != nil, "\(small)")
            #expect(small.contains("\n./config-overrides.js\n./package.json\n./public/index\n./src/main\n./yarn.lock\n ---> Removed"), "\(small)")
            #expect(try it.mustLines("echo other > page/.env; touch page/node_modules/new; \(docker)").split(separator: "\n").count { $0 == " ---> Using cache" } == 2)
        }

        @Test("D48 D49 D50 D51 D82 D83 D85: a compiler's image: lines that go on, ~ in PATH, a tool of its own; what it makes is the host's") func compiler() throws {
            try it.mustLines(
                """
                mkdir -p os/work; cd os; cat > install_crosscompiler.sh <<'END'
                #!/bin/sh
                mkdir -p ~/opt/cross/bin; printf '#!/bin/sh\\nhead -c 20480 /dev/zero > os.img\\n' > ~/opt/cross/bin/i386-elf-gcc; chmod +x ~/opt/cross/bin/i386-elf-gcc
                END
                chmod +x install_crosscompiler.sh; cat > Dockerfile <<'END'
                FROM busybox

                # Install the required software
                RUN echo update && \\
                    DEBIAN_FRONTEND=noninteractive sh -c 'echo $DEBIAN_FRONTEND "$@"' install \\
                        build-essential \\
                        # what follows is between the lines
                        git

                # Copy standalone script for installing cross compilers
                COPY ./install_crosscompiler.sh ./
                RUN ./install_crosscompiler.sh all

                # Add the cross compiler to the path, to ensure 'i386-elf-gcc' is now available
                ENV PATH="~/opt/cross/bin:${PATH}"
                RUN env | grep ^PATH=
                END
                """)
            let built = try it.mustLines("cd os; DOCKER_BUILDKIT=0 docker build -t osbuilder .")
            #expect(built.contains("\nupdate\nnoninteractive build-essential git\n"), "\(built)")
            #expect(built.contains("\nPATH=~/opt/cross/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"), "\(built)")
            #expect(
                try it.mustLines(
                    "cd os/work; docker run --rm -v $(pwd):$(pwd) -w $(pwd) osbuilder /bin/sh -c 'pwd; $HOME/opt/cross/bin/i386-elf-gcc'; du --apparent-size -h os.img")
                    == "\(it.directory)/os/work\n20K\tos.img\n")
        }

        @Test("D92 D93: nothing of a stage that is not shipped is in the image, its archive or its history") func stages() throws {
            try it.mustLines(
                """
                mkdir stages; cd stages; echo tops3cret > token; cat > Dockerfile <<'END'
                FROM busybox AS fetch
                RUN --mount=type=secret,id=token cp /run/secrets/token /kept && echo made > /made
                FROM busybox
                COPY --from=fetch /made /made
                END
                docker build -q --secret id=token,src=token -t shipped .; docker save shipped -o shipped.tar; docker history --no-trunc shipped > told
                """)
            #expect(
                try it.mustLines("cd stages; cat shipped.tar told | grep -c tops3cret || docker run --rm shipped sh -c 'cat /made; ls /kept 2> /dev/null || true'") == "0\nmade\n")
            #expect(try it.mustLines("docker images -a -q | wc -l") == "2\n")
        }
    }
}
