import Linux
import Testing

extension Integration {
    @Suite struct ImageTests {
        let it: Installation

        init() throws { it = try Installation.withImage() }

        @Test("D09 E63 E144: images, inspect, history, tag, rmi") func names() throws {
            #expect(try it.must("images", "--format", "{{.Repository}}:{{.Tag}}") == "busybox:latest")
            let id = try it.must("image", "inspect", "-f", "{{.Id}}", "busybox")
            #expect(id.hasPrefix("sha256:") && id.utf8.count == 71)
            try it.must("tag", "busybox", "other:v1")
            #expect(try it.must("image", "inspect", "-f", "{{.Id}}", String(id.dropFirst(7).prefix(12))) == id)
            #expect(try it.must("rmi", "other:v1").contains("Untagged: other:v1"))
            #expect(try it.must("history", "-q", "--no-trunc", "busybox").contains(id))
        }

        @Test("E190 E191 E194: save and load") func saveAndLoad() throws {
            let file = "\(it.directory)/image.tar", id = try it.must("image", "inspect", "-f", "{{.Id}}", "busybox")
            try it.must("image", "save", "-o", file, "busybox")
            try it.must("rmi", "busybox")
            #expect(try it.must("image", "load", "-i", file).contains("Loaded image: busybox:latest"))
            #expect(try it.must("image", "inspect", "-f", "{{.Id}}", "busybox") == id)
            #expect(try it.must("run", "--rm", "busybox", "echo", "again") == "again")
        }

        @Test("E151: diff; export and import") func exportAndImport() throws {
            try it.must("run", "--name", "box", "busybox", "sh", "-c", "echo new > /new; rm /bin/vi")
            #expect(Set(try it.davit("diff", "box").lines).isSuperset(of: ["A /new", "D /bin/vi", "C /bin"]))
            let file = "\(it.directory)/x.tar"
            try it.must("export", "-o", file, "box")
            try it.must("import", file, "flat:1")
            #expect(try it.must("run", "--rm", "flat:1", "cat", "/new") == "new")
        }

        @Test("import from a URL, by the engine; what the server refuses is told") func importFromURL() throws {
            try it.must("create", "--name", "box", "busybox")
            try it.must("export", "-o", "\(it.directory)/root.tar", "box")
            let web = try it.start(shell: "cd \(it.directory); exec python3 -u -m http.server 8099 --bind 127.0.0.1")
            try web.wait(forOutput: "Serving")
            let told = try it.must("import", "-c", "CMD [\"echo\", \"from afar\"]", "http://127.0.0.1:8099/root.tar", "far:1")
            #expect(told.hasPrefix("Downloading from http://127.0.0.1:8099/root.tar\nsha256:"), "\(told)")
            #expect(try it.must("run", "--rm", "far:1") == "from afar")
            #expect(try it.must("history", "--format", "{{.Comment}}", "far:1") == "Imported from http://127.0.0.1:8099/root.tar")
            let refused = try it.davit("import", "http://127.0.0.1:8099/none.tar")
            #expect(refused.code == 1 && refused.err.contains("failed to GET http://127.0.0.1:8099/none.tar with status 404 Not Found: "), "\(refused)")
            #expect(try it.davit("rmi", " ").err.contains("image name cannot be blank"))
            try web.signal(15)
            _ = try web.finish()
        }

        @Test("an image in use stays") func inUse() throws {
            try it.must("create", "--name", "box", "busybox")
            let outcome = try it.davit("rmi", "busybox")
            #expect(outcome.code == 1 && outcome.err.contains("conflict"), "\(outcome)")
            try it.must("rm", "box")
            try it.must("rmi", "busybox")
            #expect(try it.must("images", "-q").isEmpty)
        }
    }
}
