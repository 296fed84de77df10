import Linux
import Testing

extension Integration {
    /// `health` of config.yml, and what comes of it.
    @Suite struct RegistryHealthTests {
        /// A server that is well for who has the key.
        private static let neighbour = #"""
            import http.server
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_HEAD(self): self.send_response(204 if self.headers["X-Key"] == "secret" else 500); self.end_headers()
                def log_message(self, *_): pass
            server = http.server.HTTPServer(("127.0.0.1", 5004), Handler); print("ready", flush=True); server.serve_forever()
            """#

        @Test("checks of files, servers and the storage run: what fails shows at /debug/health and turns requests away until it is well again")
        func checks() throws {
            let registry = try RegistryServer(
                settings: """
                    health:
                      storagedriver: {enabled: true, interval: 50ms, threshold: 2}
                      file: [{file: /nowhere, interval: 50ms}]
                      http: [{uri: "http://127.0.0.1:5004/health", headers: {X-Key: [secret]}, statuscode: 204, timeout: 9s, interval: 50ms, threshold: 3}]
                      tcp: [{addr: "127.0.0.1:5004", timeout: 9s, interval: 50ms}]
                    """)
            try registry.stop()
            try FileSystem.replace("\(registry.it.directory)/neighbour.py", with: Array(Self.neighbour.utf8))
            func neighbour() throws -> RunningCommand {
                let running = try registry.begin("exec python3 neighbour.py")
                try running.wait(forOutput: "ready")
                return running
            }
            func health() throws -> String { try registry.shell("curl -s -w '%{http_code}' http://127.0.0.1:5003/debug/health | tr -d '\\n'").out }
            func eventually(_ text: String) throws { try registry.it.eventually(text) { try health().contains(text) } }
            var running = try neighbour()
            let file = "\(registry.it.directory)/out-of-service"
            try registry.start(environment: ["REGISTRY_HTTP_DEBUG_ADDR=127.0.0.1:5003", "REGISTRY_HEALTH_FILE_0_FILE=\(file)"])
            #expect(try health() == "{}200")

            try FileSystem.replace(file, with: [])
            try eventually(#"{"\#(file)":"file exists"}503"#)
            #expect(
                try registry.must("curl -s -w '%{http_code}' $URL/v2/ | tr -d '\\n'")
                    == #"{"errors":[{"code":"UNAVAILABLE","message":"service unavailable","detail":"health check failed: please see /debug/health"}]}503"#)
            try FileSystem.removeFile(file)
            try eventually("{}200")
            #expect(try registry.must("curl -s -o /dev/null -w '%{http_code}' $URL/v2/") == "200")

            try running.signal(15)
            _ = try running.finish()
            try eventually("\"127.0.0.1:5004\":\"127.0.0.1:5004: connection failed: ")
            try eventually("\"http://127.0.0.1:5004/health\":\"http://127.0.0.1:5004/health: error while checking: ")
            running = try neighbour()
            try eventually("{}200")

            try registry.must("mv \(registry.root) \(registry.root).away")
            try eventually("storagedriver_filesystem")
            try registry.must("mv \(registry.root).away \(registry.root)")
            try eventually("{}200")
            #expect(try registry.must("curl -s -o /dev/null -w '%{http_code}' -X POST http://127.0.0.1:5003/debug/health") == "404")
            try running.signal(15)
            _ = try running.finish()
        }
    }
}
