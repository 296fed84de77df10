import Linux
import Testing

extension Integration {
    /// The web server that the documents run again and again; this one is busybox's, with the log of the documents' one.
    @Suite struct WebServerTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.makeNames()
            try it.mustLines(
                """
                mkdir web; cat > web/Dockerfile <<'END'
                FROM busybox
                ENV NGINX_VERSION=1.19.5
                RUN mkdir /www && echo 'Hello, World!' > /www/index.html
                COPY --chmod=755 docker-entrypoint.sh /
                EXPOSE 80
                STOPSIGNAL SIGQUIT
                ENTRYPOINT ["/docker-entrypoint.sh"]
                CMD ["httpd", "-f", "-vv", "-h", "/www"]
                END
                cat > web/docker-entrypoint.sh <<'END'
                #!/bin/sh
                trap 'exit 0' INT QUIT
                case $1 in httpd) "$@" & wait; esac
                exec "$@"
                END
                docker build -q -t nginx web
                """)
        }

        @Test("D03 D04 D27 D28 D39 D40 D42: in the foreground on a port of the loopback; seen, entered, ended by Ctrl-C") func foreground() throws {
            let server = try it.start(lines: "exec docker run --name my_nginx_container --rm --publish 127.0.0.1:8080:80 nginx")
            #expect(try it.mustLines("timeout 20 sh -c 'until curl -sf http://localhost:8080; do :; done'") == "Hello, World!\n")
            try server.wait(forError: "172.17.0.1")
            #expect(try it.lines("curl -s -m 2 http://172.17.0.1:8080").code == 7)

            let seen = try it.mustLines("docker ps").split(separator: "\n")
            #expect(seen.count == 2 && seen[1].contains(" 127.0.0.1:8080->80/tcp ") && seen[1].hasSuffix(" my_nginx_container"), "\(seen)")
            #expect(try it.mustLines("docker container ls").split(separator: "\n").count == 2)
            let id = seen[1].prefix(12)
            for name in [String(id), "my_nginx_container"] {
                #expect(try it.mustLines("docker exec \(name) /bin/sh -c 'echo $(whoami; id; hostname)'").hasPrefix("root uid=0(root) gid=0(root)"))
            }
            #expect(try it.mustLines("docker exec \(id) hostname") == "\(id)\n")
            let second = try it.lines("docker run --rm -p 127.0.0.1:8080:80 nginx")
            #expect(second.code == 125 && second.err.contains("Bind for 127.0.0.1:8080 failed: port is already allocated"), "\(second)")

            try server.signal(2)
            #expect(try server.finish().code == 0)
            try it.expectNothingLeft()
        }

        @Test("D11 D47 D86 D87: other commands than the image's; a shell that is not there says so and ends with 127") func commands() throws {
            let hello = "docker run --rm --publish 127.0.0.1:8080:80 nginx echo \"hello from inside of the container\""
            #expect(try it.mustLines(hello) == "hello from inside of the container\n")
            let absent = try it.start(onTerminal: ["run", "-it", "--rm", "nginx", "/bin/bash"]).finish()
            // The image's program is there, and it is that which does not find the shell.
            #expect(absent.code == 127 && absent.out.contains("/bin/bash: not found"), "\(absent)")
            let bare = try it.start(onTerminal: ["run", "-it", "--rm", "busybox", "/bin/bash"]).finish()
            #expect(bare.code == 127 && bare.out.contains("exec: \"/bin/bash\": stat /bin/bash: no such file or directory"), "\(bare)")
            let shell = try it.start(onTerminal: ["run", "-it", "--rm", "busybox", "/bin/sh"])
            try shell.wait(forOutput: "# ")
            try shell.send("exit 3\n")
            #expect(try shell.finish().code == 3)
            #expect(try it.lines("docker run --rm nginx sh -c 'echo broken >&2; exit 4'").err == "broken\n")
            try it.expectNothingLeft()
        }

        @Test("D56 D57 D58 D65 D75 D76 D77 D81: the directory at hand inside; a server by its own address; two ports of the system") func directory() throws {
            // Between the interpreters of the documents there is no difference to the engine: what one reads from a terminal, it answers there.
            let prompt = try it.start(
                onTerminal: [
                    "run", "-it", "--rm", "-v", "\(it.directory)/web:\(it.directory)/web", "-w", "\(it.directory)/web", "-p", "139:139", "-p", "445:445", "busybox", "/bin/sh",
                ])
            try prompt.wait(forOutput: "/web # ")
            try prompt.send("httpd -p 139; echo made > index.html; echo $((4 + 5))\n")
            try prompt.wait(forOutput: "\n9\r\n")
            #expect(try it.mustLines("cat web/index.html; curl -s 127.0.0.1:139; curl -s http://172.17.0.2:139") == "made\nmade\nmade\n")
            #expect(try it.mustLines("docker port $(docker ps -q)") == "139/tcp -> 0.0.0.0:139\n139/tcp -> [::]:139\n445/tcp -> 0.0.0.0:445\n445/tcp -> [::]:445\n")
            try prompt.send("exit\n")
            #expect(try prompt.finish().code == 0)
            try it.expectNothingLeft()
        }

        @Test("D78 D79 D80: a server with data of its own: its variables, its volume, which goes with it") func data() throws {
            try it.mustLines(
                """
                mkdir store; cat > store/Dockerfile <<'END'
                FROM busybox
                RUN mkdir /data && echo first > /data/index.html && chown -R 5:5 /data
                VOLUME /data
                CMD echo $POSTGRES_PASSWORD >> /data/index.html && exec httpd -f -h /data -p 5432
                END
                docker build -q -t postgres:13.1 store
                """)
            let server = try it.start(lines: "exec docker run --rm -p 5432:5432 -e POSTGRES_PASSWORD=mysecretpassword postgres:13.1")
            #expect(try it.mustLines("timeout 20 sh -c 'until curl -sf localhost:5432; do :; done'") == "first\nmysecretpassword\n")
            #expect(try it.mustLines("docker volume ls -q | wc -l; docker inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}' $(docker ps -q)") == "1\nvolume /data\n")
            try it.mustLines("docker kill $(docker ps -a -q)")
            #expect(try server.finish().code == 137)
            #expect(try it.mustLines("docker volume ls -q").isEmpty)
            try it.expectNothingLeft()
        }
    }
}
