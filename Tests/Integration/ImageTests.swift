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
