import Linux
import Testing

extension Integration {
    /// Images out of containers.
    @Suite struct CommitTests {
        let it: Installation

        init() throws {
            it = try Installation.withImage()
            try it.must("run", "--name", "box", "-e", "A=1", "-l", "k=v", "busybox", "sh", "-c", "echo made > /made")
        }

        /// What every container's environment has unless it is told otherwise.
        private var path: String { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }

        @Test("--change in all its forms") func changes() throws {
            let changes = [
                "ENV B=2 C=\"3 4\"", "ENTRYPOINT [\"sh\",\"-c\"]", "CMD cat /made; echo $A $B $C", "EXPOSE 80 81/udp", "LABEL l=\"a b\" m=n", "USER 7:8",
                "VOLUME [\"/v\"]", "WORKDIR /tmp", "STOPSIGNAL SIGINT", "HEALTHCHECK NONE", "ONBUILD RUN true",
            ]
            let outcome = try it.davit(["commit"] + changes.flatMap { ["-c", $0] } + ["-a", "me", "-m", "why", "box", "made:1"])
            #expect(outcome.code == 0, "\(outcome)")
            func field(_ name: String) throws -> String { try it.must("image", "inspect", "-f", "{{json .Config.\(name)}}", "made:1") }
            // The container's own come first, then what its image has.
            #expect(try field("Env") == #"["A=1","\#(path)","B=2","C=3 4"]"#)
            #expect(try field("Entrypoint") == #"["sh","-c"]"#)
            #expect(try field("Cmd") == #"["/bin/sh","-c","cat /made; echo $A $B $C"]"#)
            #expect(try field("ExposedPorts") == #"{"80/tcp":{},"81/udp":{}}"#)
            #expect(try field("Labels") == #"{"k":"v","l":"a b","m":"n"}"#)
            #expect(try field("User") == #""7:8""#)
            #expect(try field("Volumes") == #"{"/v":{}}"#)
            #expect(try field("WorkingDir") == #""/tmp""#)
            #expect(try field("StopSignal") == #""SIGINT""#)
            #expect(try field("OnBuild") == #"["RUN true"]"#)
            #expect(try it.must("image", "inspect", "-f", "{{.Author}} {{.Comment}}", "made:1") == "me why")
            #expect(try it.must("run", "--rm", "--entrypoint", "cat", "made:1", "/made") == "made")
            for bad in ["RUN true", "NONSENSE x", "ENV", ""] {
                let refused = try it.davit("commit", "-c", bad, "box", "bad")
                #expect(bad.isEmpty || refused.code == 1, "\(refused)")
            }
        }

        @Test("POST /commit with a configuration in its body") func body() throws {
            let daemon = try it.start(["daemon"])
            let socket = "\(it.runRoot)/davit.sock"
            try it.eventually("the daemon answers") { try it.davit(["-H", "unix://\(socket)", "version"]).code == 0 }
            func commit(_ name: String, _ body: String?) throws -> Outcome {
                let words = body.map { " -H 'Content-Type: application/json' -d '\($0)'" } ?? ""
                return try it.shell(
                    "curl -s -o /dev/null -w '%{http_code}' -X POST --unix-socket \(socket)\(words) 'http://d/v1.44/commit?container=box&repo=\(name)&changes=ENV+Z=9'")
            }
            func config(_ name: String) throws -> String {
                try it.must("image", "inspect", "-f", "{{json .Config.Env}} {{json .Config.Cmd}} {{json .Config.Labels}} {{.Config.User}}", name)
            }
            let own = #"["sh","-c","echo made \u003e /made"]"#
            for (name, body) in [("none", nil), ("null", "null"), ("empty", "{}")] as [(String, String?)] {
                #expect(try commit(name, body).out == "201")
                let text = try config(name)
                #expect(text.hasPrefix(#"["A=1","\#(path)","Z=9"] "#) && (text.contains(own) || text.contains("echo made > /made")) && text.contains(#"{"k":"v"}"#), "\(text)")
            }
            #expect(try commit("own", #"{"User":"5","Env":["A=2","B=3"],"Cmd":["true"],"Labels":{"x":"y"}}"#).out == "201")
            let text = try config("own")
            #expect(text == #"["A=2","B=3","Z=9","\#(path)"] ["true"] {"k":"v","x":"y"} 5"#, "\(text)")
            #expect(try commit("bad", "{\"Cmd\":7}").out == "400")
            #expect(try it.davit("image", "inspect", "bad").code == 1)
            try daemon.signal(15)
            _ = try daemon.finish()
        }
    }
}
