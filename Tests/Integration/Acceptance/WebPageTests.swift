import Linux
import Testing

extension Integration {
    /// The web server of the documents, from `run` to an image of its changed page.
    @Suite struct WebPageTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            let dockerfile = "FROM busybox\nRUN mkdir /www && echo welcome > /www/index.html\nEXPOSE 80\nSTOPSIGNAL SIGKILL\nCMD [\"httpd\", \"-f\", \"-h\", \"/www\"]\n"
            let build = try it.davit(["build", "-q", "-t", "nginx", "-"], input: dockerfile)
            #expect(build.code == 0, "\(build)")
        }

        private func page(_ port: Int) throws -> String {
            try it.shell("curl -s --retry 50 --retry-delay 0 --retry-connrefused --retry-max-time 20 http://localhost:\(port)/").line
        }

        private func names() throws -> [String] {
            try it.must("ps", "-a", "--format", "{{.Names}} {{.State}}").split(separator: "\n").map(String.init).sorted()
        }

        @Test("E54 E58 E97 E101 E102 E103 E104 E105 E106 E107: on the host's network, where -p is warned of; stop, start, restart, rm, prune")
        func onTheHost() throws {
            try FileSystem.makeDirectories("\(it.directory)/logs")
            func run(_ source: String) throws -> Outcome {
                try it.davit([
                    "run", "--name", "webserver", "-d", "--net", "host", "--mount", "type=bind,source=\(source),target=/var/log/nginx", "-p", "8080:80", "nginx",
                ])
            }
            let missing = try run("\(it.directory)/nowhere")
            #expect(missing.code == 125 && missing.err.contains("bind source path does not exist: \(it.directory)/nowhere"), "\(missing)")
            let started = try run("\(it.directory)/logs")
            #expect(started.code == 0 && started.err == "WARNING: Published ports are discarded when using host network mode\n", "\(started)")
            #expect(try page(80) == "welcome")
            #expect(try it.must("container", "ls", "--format", "{{.Names}}|{{.Ports}}") == "webserver|")
            #expect(try it.davit("container", "rm", "webserver").err.contains("container is running"))
            #expect(try it.davit("container", "rm", "webserve").err == "Error response from daemon: No such container: webserve\n")
            try it.must("exec", "webserver", "touch", "/kept")
            try it.must("container", "stop", "webserver")
            #expect(try it.must("container", "ls", "-q") == "")
            try it.must("container", "start", "webserver")
            try it.must("container", "restart", "webserver")
            #expect(try page(80) == "welcome")
            #expect(try it.must("exec", "webserver", "ls", "/kept") == "/kept")
            #expect(try it.must("container", "logs", "webserver") == "")
            try it.must("create", "--name", "other", "busybox")
            #expect(try it.must("container", "prune", "-f").contains("Deleted Containers:"))
            #expect(try names() == ["webserver running"])
            try it.must("container", "kill", "webserver")
            try it.must("container", "rm", "webserver")
            try it.expectNothingLeft()
        }

        @Test("E55 E150 E151 E152 E153 E154 E155 E162: a page is changed, committed and served; the port is another's the second time")
        func committed() throws {
            try it.must("run", "-d", "--name", "webserver", "nginx")
            try it.must("exec", "webserver", "sh", "-c", "echo '<h1>Hello, Docker!</h1>' > /www/index.html; rm /bin/vi; touch /www/new")
            #expect(try it.must("diff", "webserver").split(separator: "\n").sorted() == ["A /www/new", "C /bin", "C /www", "C /www/index.html", "D /bin/vi"])
            let id = try it.must("container", "commit", "-a", "jim", "-m", "change front page", "webserver", "nginx:v2")
            #expect(try it.must("image", "ls", "nginx", "--format", "{{.Tag}}").split(separator: "\n").sorted() == ["latest", "v2"])
            let history = try it.must("history", "--format", "{{.CreatedBy}}|{{.Comment}}", "nginx:v2").split(separator: "\n")
            #expect(history.first == "httpd -f -h /www|change front page")
            #expect(try history.count == it.must("image", "history", "-q", "nginx").split(separator: "\n").count + 1)
            #expect(try it.must("inspect", "-f", "{{.Author}} {{.Id}} {{json .Config.Cmd}}", "nginx:v2") == #"jim \#(id) ["httpd","-f","-h","/www"]"#)

            try it.must("run", "--name", "web2", "-d", "-p", "8081:80", "--rm", "nginx:v2")
            #expect(try page(8081) == "<h1>Hello, Docker!</h1>")
            let taken = try it.davit("run", "--name", "web3", "-d", "-p", "8081:80", "nginx:v2")
            #expect(taken.code == 125 && taken.err.contains("Bind for 0.0.0.0:8081 failed: port is already allocated"), "\(taken)")
            #expect(try names() == ["web2 running", "web3 created", "webserver running"])
            try it.must("kill", "web2")
            try it.eventually("web2 is removed") { try names().count == 2 }
            // What could not be started can be later.
            try it.must("start", "web3")
            #expect(try page(8081) == "<h1>Hello, Docker!</h1>")
            try it.must("rm", "-f", "web3", "webserver")
            try it.expectNothingLeft()
        }
    }
}
