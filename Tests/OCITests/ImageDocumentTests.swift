import OCI
import Testing
import Values

@Suite struct ImageDocumentTests {
    @Test func readsDockersDocument() throws {
        let digest = "sha256:" + String(repeating: "1", count: 64)
        let text = """
            {"architecture":"amd64","os":"linux","created":"2024-05-01T10:20:30.5Z","container_config":{"Cmd":["x"]},
             "config":{"Hostname":"","Env":["PATH=/bin"],"Cmd":["nginx","-g","daemon off;"],"Entrypoint":null,"ExposedPorts":{"80/tcp":{}},
             "Volumes":null,"Healthcheck":{"Test":["CMD","x"],"Interval":5000000000,"Retries":3},"OnBuild":[],"Labels":{"a":"b"},"StopSignal":"SIGQUIT"},
             "history":[{"created":"2024-05-01T10:20:30Z","created_by":"/bin/sh -c #(nop) ADD","empty_layer":true}],
             "rootfs":{"type":"layers","diff_ids":["\(digest)"]},"unknown":{"deep":[1,2]}}
            """
        let document = try Document.decode(ImageDocument.self, from: Array(text.utf8), what: "image configuration")
        #expect(document.config?.cmd == ["nginx", "-g", "daemon off;"])
        #expect(document.config?.entrypoint == nil)
        #expect(document.config?.exposedPorts == ["80/tcp"])
        #expect(document.config?.healthcheck?.interval == 5_000_000_000)
        #expect(document.config?.onBuild == [])
        #expect(document.history?.first?.emptyLayer == true)
        #expect(document.rootfs.diffIDs.map(\.description) == [digest])
        #expect(document.platform.description == "linux/amd64")
        let again = try Document.decode(ImageDocument.self, from: Document.encode(document), what: "image configuration")
        #expect(again == document)
        #expect(try Document.encode(document) == Document.encode(again))
    }

    @Test func manifestsOfBothFamilies() throws {
        let digest = "sha256:" + String(repeating: "2", count: 64)
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.dockerManifest)","config":{"mediaType":"\(MediaType.dockerConfig)","size":7,"digest":"\(digest)"},
             "layers":[{"mediaType":"\(MediaType.dockerLayerGzip)","size":8,"digest":"\(digest)"}]}
            """
        let manifest = try Document.decode(Manifest.self, from: Array(text.utf8), what: "image manifest")
        #expect(manifest.layers[0].size == 8)
        #expect(MediaType.isManifest(manifest.mediaType ?? ""))
    }

    @Test(arguments: [
        "", "null", "[]", "{", "{\"rootfs\":{\"diff_ids\":[\"sha256:zz\"]}}", "{\"config\":7}", "{\"created\":\"yesterday\"}",
        "{\"config\":{\"ExposedPorts\":[1]}}", String(repeating: "[", count: 100_000),
    ]) func refused(text: String) {
        #expect(throws: DocumentError.self) { try Document.decode(ImageDocument.self, from: Array(text.utf8), what: "image configuration") }
    }

    @Test func errorsSayWhere() {
        let text = "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x\",\"size\":-1,\"digest\":\"sha256:\(String(repeating: "0", count: 64))\"},\"layers\":[]}"
        do {
            _ = try Document.decode(Manifest.self, from: Array(text.utf8), what: "image manifest")
            Issue.record("a negative size was taken")
        } catch { #expect(error.description.contains("invalid image manifest: negative size -1 at .config.size")) }
        #expect(throws: DocumentError.self) { try Document.decode(Manifest.self, from: Array(text.utf8), what: "image manifest", limit: 10) }
    }
}
