import Linux
import Testing

extension Integration {
    /// What the registry server tells others of.
    @Suite struct NotificationTests {
        /// Writes a line for each event that it takes; the first two posts it does not take.
        private static let receiver = #"""
            import http.server, json, sys
            count = 0
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    global count
                    count += 1
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    self.send_response(500 if count <= 2 else 202); self.send_header("Content-Length", "0"); self.end_headers()
                    if count <= 2: return
                    for e in json.loads(body)["events"]:
                        t = e["target"]
                        print(self.headers["Content-Type"], self.headers["Authorization"], file=open("heads", "a"))
                        with open("events", "a") as f: print(e["action"], t["repository"], t.get("tag"), t.get("mediaType", "").split(".")[-1], t.get("size"), t.get("fromRepository"), len(t.get("references", [])), e["request"]["method"], e["actor"].get("name"), file=f)
                        print(json.dumps(e), file=open("last", "w"))
                def log_message(self, *_): pass
            http.server.HTTPServer(("127.0.0.1", 5002), Handler).serve_forever()
            """#

        @Test("events of push, pull, mount and delete are posted until they are taken, those ignored are not") func events() throws {
            let registry = try RegistryServer(
                settings: """
                    notifications:
                      events: {includereferences: true}
                      endpoints:
                        - name: listener
                          url: http://127.0.0.1:5002/event
                          headers: {Authorization: [Bearer key]}
                          timeout: 5s
                          threshold: 1
                          backoff: 50ms
                          ignoredmediatypes: [application/octet-stream]
                          ignore: {actions: [nothing]}
                        - {name: off, disabled: true, url: "http://127.0.0.1:1/"}
                    """)
            try FileSystem.replace("\(registry.it.directory)/receiver.py", with: Array(Self.receiver.utf8))
            try registry.must(
                RegistryServer.makeImage + """
                    make_image image 1000; skopeo copy -q --dest-tls-verify=false oci:image:latest docker://$ADDRESS/a/b:1
                    d=$(curl -sI $URL/v2/a/b/manifests/1 -H 'Accept: */*' | tr -d '\\r' | awk '$1 == "Docker-Content-Digest:" { print $2 }'); echo $d > digest
                    curl -sf -o /dev/null -X POST "$URL/v2/c/blobs/uploads/?from=a/b&mount=$(curl -s $URL/v2/a/b/manifests/1 | jq -r .config.digest)"
                    curl -sf $URL/v2/a/b/manifests/$d > manifest; curl -s -o /dev/null $URL/v2/a/b/manifests/none
                    curl -sf -X DELETE $URL/v2/a/b/manifests/1; curl -sf -X DELETE $URL/v2/a/b/manifests/$d
                    """)
            // Nobody has listened until now.
            let receiver = try registry.begin("exec python3 receiver.py")
            try registry.it.eventually("all is told") { try registry.shell("grep -c delete events").out == "2\n" }
            let events = try registry.must("cat events").split(separator: "\n").map(String.init), size = try registry.must("stat -c %s manifest")
            let manifest = "v1+json \(size) None"
            #expect(
                events.filter { !$0.contains(" octet-stream ") && !$0.hasPrefix("pull a/b 1") } == [
                    "push a/b 1 \(manifest) 2 PUT None", "pull a/b None \(manifest) 0 GET None", "delete a/b 1  None None 0 DELETE None",
                    "delete a/b None  None None 0 DELETE None",
                ], "\(events)")
            #expect(!events.contains { $0.contains("octet-stream") })
            #expect(try registry.must("sort -u heads") == "application/vnd.docker.distribution.events.v1+json Bearer key")
            #expect(
                try registry.must("jq -c '[.target.digest, (.id|length), (.timestamp|length > 20), .request.useragent[:4], (.source|keys)]' last")
                    == "[\"\(try registry.must("cat digest"))\",36,true,\"curl\",[\"addr\",\"instanceID\"]]")
            try receiver.signal(15)
            _ = try receiver.finish()
        }

        @Test("blobs and mounts are told of where they are not ignored") func blobs() throws {
            let registry = try RegistryServer(settings: "notifications: {endpoints: [{name: l, url: 'http://127.0.0.1:5002/', backoff: 50ms}]}")
            try FileSystem.replace("\(registry.it.directory)/receiver.py", with: Array(Self.receiver.utf8))
            try registry.must(
                """
                echo hello > blob; h=sha256:$(sha256sum blob | cut -d' ' -f1)
                curl -sf -o /dev/null -X POST --data-binary @blob -H Content-Type:application/octet-stream "$URL/v2/a/blobs/uploads/?digest=$h"
                curl -sf -o /dev/null -X POST "$URL/v2/b/blobs/uploads/?from=a&mount=$h"; curl -sf -o /dev/null $URL/v2/b/blobs/$h; curl -sf -X DELETE $URL/v2/b/blobs/$h
                """)
            let receiver = try registry.begin("exec python3 receiver.py")
            try registry.it.eventually("all is told") { try registry.shell("grep -c delete events").out == "1\n" }
            #expect(
                try registry.must("cat events").split(separator: "\n") == [
                    "push a None application/octet-stream 6 None 0 POST None", "mount b None application/octet-stream 6 a 0 POST None",
                    "pull b None application/octet-stream 6 None 0 GET None", "delete b None  None None 0 DELETE None",
                ])
            try receiver.signal(15)
            _ = try receiver.finish()
        }
    }
}
