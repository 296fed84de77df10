import Linux
import Testing

extension Integration {
    /// What a container has of its host, and what it may do to it.
    @Suite struct HostTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
        }

        @Test("C01 D01 D02: nothing of the host is seen; what is written goes with the container, wherever its image runs") func apart() throws {
            let mark = "\(it.directory)/mark"
            try FileSystem.replace(mark, with: Array("host".utf8))
            #expect(try it.lines("docker run --name first busybox sh -c 'echo x > /new; rm /bin/cat; ls \(mark)'").code == 1)
            #expect(try it.mustLines("docker diff first") == "C /bin\nD /bin/cat\nA /new\n")
            #expect(try it.lines("docker run --rm busybox sh -c 'ls /new \(mark)'").out.isEmpty)
            try it.mustLines("docker rm first; docker save busybox -o shared.tar; docker rmi busybox; docker load -i shared.tar")
            #expect(try it.mustLines("docker run --rm busybox sh -c 'cat /etc/hostname | wc -c; ls /new 2>/dev/null || true'") == "13\n")
        }

        @Test("C02 C13: a name with a registry's port; the settings of a container as a file to look at") func names() throws {
            try it.mustLines("docker tag busybox:latest registry-host:1234/repo_name/image_name:latest")
            #expect(
                try it.mustLines("docker images -q --no-trunc | sort -u | wc -l; docker images --format '{{.Repository}} {{.Tag}}'").hasSuffix(
                    "registry-host:1234/repo_name/image_name latest\n"))
            // Docker's names of hosts have no underscores either.
            #expect(try it.lines("docker tag busybox:latest registry_host:1234/repo_name/image_name:latest").err.contains("invalid reference format"))
            let told = "jq -r .RestartPolicy.Name < \(it.dataRoot)/containers/$(docker inspect -f '{{.Id}}' my-container)/hostconfig.json"
            #expect(try it.mustLines("docker run -d --restart=always --name my-container busybox sleep 100 > id; \(told)") == "always\n")
            #expect(try it.mustLines("docker update --restart=no my-container; \(told)") == "my-container\nno\n")
        }

        @Test("C04 C05: the socket of an X server, and its key in a file", .enabled(if: FileSystem.exists("/usr/bin/python3"), "needs python3")) func display() throws {
            try it.mustLines("mkdir X11; printf key > .Xauthority")
            let server = try it.start(
                lines:
                    "exec /usr/bin/python3 -c 'import socket; s = socket.socket(1); s.bind(\"X11/X9\"); s.listen(); c = s.accept()[0]; c.sendall(b\"screen for \" + c.recv(9)); c.close()'"
            )
            let socket = "\(it.directory)/X11/X9"
            try it.eventually("the server listens") { FileSystem.exists(socket) }
            let client = try it.lines(
                "DISPLAY=:9; docker run --rm -i -e DISPLAY=$DISPLAY -v $PWD/X11:/tmp/.X11-unix busybox sh -c 'test -S /tmp/.X11-unix/X${DISPLAY#:} && echo $DISPLAY'")
            #expect(client.out == ":9\n", "\(client)")
            // The machine's python stands for a program of the image: it has the directory and nothing else of the host's temporary ones.
            let talk = "import socket; s = socket.socket(1); s.connect(\"/tmp/.X11-unix/X9\"); s.sendall(b\"client\"); print(s.recv(99).decode())"
            let mounts = "-v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro -v $PWD/X11:/tmp/.X11-unix"
            #expect(try it.mustLines("docker run --rm \(mounts) busybox /usr/bin/python3 -c '\(talk)'") == "screen for client\n")
            #expect(try server.finish().code == 0)
            let both = "docker run --rm --network='host' --env=\"DISPLAY\" --volume=\"$HOME/.Xauthority:/.Xauthority:rw\" busybox"
            #expect(try it.mustLines("export DISPLAY=:7; \(both) sh -c 'echo $DISPLAY; cat /.Xauthority; echo s >> /.Xauthority'; cat .Xauthority") == ":7\nkeykeys\n")
        }

        @Test("D97: --read-only, with and without a place to write; volumes that are") func readOnly() throws {
            let script = "for f in /f /tmp/f /ro/f /named/f /dev/shm/f; do (echo x > $f) 2> /dev/null && echo $f; done; true"
            let volumes = "-v $PWD/bin:/ro:ro -v named:/named:ro"
            #expect(try it.mustLines("docker run --rm --read-only \(volumes) busybox sh -c '\(script)'") == "/dev/shm/f\n")
            #expect(try it.mustLines("docker run --rm --read-only --tmpfs /tmp \(volumes) busybox sh -c '\(script)'") == "/tmp/f\n/dev/shm/f\n")
            #expect(try it.lines("docker run --rm --read-only busybox touch /f").err.contains("Read-only file system"))
        }

        @Test("D95 D96: whoever has the socket, or a directory and root, has the host; a user of the container's own has not") func power() throws {
            try it.mustLines("mkdir shared; docker run --rm -v $PWD/shared:/s busybox sh -c 'cp /bin/true /s/tool; chmod 4755 /s/tool'")
            #expect(try FileSystem.status("\(it.directory)/shared/tool")?.permissions == 0o4755)
            let other = try it.lines("docker run --rm --user 1000 -v $PWD/shared:/s busybox sh -c 'cp /bin/true /s/mine'")
            #expect(other.code == 1 && other.err.contains("Permission denied"), "\(other)")
            #expect(try it.mustLines("docker run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status") == "NoNewPrivs:\t1\n")

            let daemon = try it.start(["daemon", "-H", "unix://\(it.directory)/docker.sock"])
            let socket = "\(it.directory)/docker.sock"
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
            #expect(try FileSystem.status(socket).map { $0.permissions & 0o777 } == 0o660)
            let host = try it.lines("docker -H unix://\(socket) run --rm -v /:/host -i busybox chroot /host /bin/sh -c 'cat \(it.directory)/id; id -u' < /dev/null")
            #expect(host.out == "0\n", "\(host)")
            // And so may a container that was given the socket.
            let inner =
                "docker run --rm -v \(socket):/var/run/docker.sock -v $PWD/bin/davit:/bin/docker:ro busybox docker -H unix:///var/run/docker.sock run --rm busybox echo within"
            #expect(try it.mustLines(inner) == "within\n")
            try daemon.signal(15)
            #expect(try daemon.finish().code == 0)
            try it.expectNothingLeft()
        }

        @Test("A08 A12: a container in a container may write to its /tmp, each below its own filter") func nested() throws {
            let inside = """
                export DAVIT_ROOT=/inner/data DAVIT_RUN_ROOT=/inner/run; mkdir -p $DAVIT_ROOT $DAVIT_RUN_ROOT
                docker image bootstrap -q busybox > /dev/null
                # A device of the host is none that only looks like one to who started the container.
                [ -L /dev/stdin ] && echo 'FROM busybox' | docker build -q - > /dev/null && echo built
                docker run --rm --network none busybox sh -c '[ -w /tmp ] && echo writable; cat /proc/self/status' | grep -E 'writable|Seccomp:'
                """
            try FileSystem.replace("\(it.directory)/inside", with: Array(inside.utf8))
            let run = "docker run --rm --privileged --tmpfs /inner -v $PWD/bin/davit:/bin/docker:ro -v $PWD/inside:/inside:ro busybox sh /inside"
            #expect(try it.mustLines(run) == "built\nwritable\nSeccomp:\t2\n")
            try it.expectNothingLeft()
        }
    }
}
