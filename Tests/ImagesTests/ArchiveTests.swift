import Archive
import Diagnostics
import DockerAPI
import Images
import Linux
import OCI
import Testing
import Values

/// Members of a tar that was written.
private func members(_ tar: [UInt8]) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    let reader = TarReader(MemorySource(tar))
    while let entry = try reader.next() {
        #expect(result[entry.pathText] == nil)
        result[entry.pathText] = try reader.data(of: entry, limit: 1 << 20)
    }
    return result
}

private func digest(_ text: String) -> Digest { ContentHasher.digest(Array(text.utf8)) }

/// A docker-archive of the old form, from its parts.
private struct OldArchive {
    var layers: [[UInt8]]
    var config: String
    var tags = "[\"x:1\"]"
    var layerNames: String
    var extra: [(String, String)] = []
    var parent: Digest?

    init(_ layers: [[UInt8]], diffIDs: [Digest]? = nil) {
        self.layers = layers
        let digests = (diffIDs ?? layers.map(ContentHasher.digest)).map { "\"\($0)\"" }.joined(separator: ",")
        config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"a\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\(digests)]}}"
        layerNames = layers.indices.map { "\"l\($0)/layer.tar\"" }.joined(separator: ",")
    }

    func tar() throws -> [UInt8] {
        let sink = MemorySink()
        let writer = TarWriter(sink)
        for (index, layer) in layers.enumerated() { try writer.append(TarEntry("l\(index)/layer.tar"), data: layer) }
        try writer.append(TarEntry("config.json"), data: Array(config.utf8))
        for (path, text) in extra { try writer.append(TarEntry(path), data: Array(text.utf8)) }
        try writer.append(
            TarEntry("manifest.json"),
            data: Array(
                "[{\"Config\":\"config.json\",\"RepoTags\":\(tags),\"Layers\":\(layers.isEmpty ? "null" : "[\(layerNames)]")\(parent.map { ",\"Parent\":\"\($0)\"" } ?? "")}]".utf8)
        )
        try writer.finish()
        return sink.bytes
    }
}

private func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    let sink = MemorySink()
    let gzip = GzipSink(sink)
    try gzip.write(bytes)
    try gzip.finish()
    return sink.bytes
}

extension Fixture {
    fileprivate func load(_ tar: [UInt8], quiet: Bool = true) throws -> [String] {
        var lines: [String] = []
        try images.load(from: MemorySource(tar), quiet: quiet) { lines.append($0.stream.isEmpty ? $0.status : $0.stream) }
        return lines
    }

    fileprivate func save(_ names: [String]) throws -> [UInt8] {
        let sink = MemorySink()
        try images.save(names, to: sink)
        return sink.bytes
    }

    fileprivate func expectNothing() throws {
        #expect(try images.list(all: true).isEmpty)
        #expect(try FileDescriptor.open(paths.layers, [.directory]).entries() == ["empty"])
        #expect(try FileDescriptor.open("\(paths.content)/blobs/sha256", [.directory]).entries().isEmpty)
        #expect(try FileDescriptor.open("\(paths.content)/ingest", [.directory]).entries().isEmpty)
    }
}

@Suite(.enabled(if: isRoot)) struct ArchiveTests {
    @Test func anImageWithoutLayersIsLoaded() throws {
        let fixture = try Fixture()
        #expect(try fixture.load(OldArchive([]).tar()) == ["Loaded image: x:1\n"])
    }

    @Test func savedTogetherChildrenKnowTheirParents() throws {
        let from = try Fixture()
        let base = try from.images.resolve(from.image("one", "one").description)
        try FileSystem.makeDirectories("\(from.path)/upper")
        try FileSystem.replace("\(from.path)/upper/more", with: Array("more".utf8))
        let child = try from.images.commit(upper: "\(from.path)/upper", base: base, config: base.config, name: "two")
        let to = try Fixture()
        _ = try to.load(from.save(["two", "one"]))
        #expect(try to.images.resolve("two").parent == base.id && to.images.resolve("one").parent == nil)
        #expect(try to.images.resolve("two").id == child)
        let alone = try Fixture()
        _ = try alone.load(from.save(["two"]))
        #expect(try alone.images.resolve("two").parent == nil)
        // What an archive says must be possible.
        var forged = OldArchive([try ImagesTests.tar([("a", "b")])])
        forged.parent = ContentHasher.digest(Array(forged.config.utf8))
        _ = try alone.load(forged.tar())
        #expect(try alone.images.resolve("x:1").parent == nil)
    }

    @Test func savedIsLoadedElsewhere() throws {
        let from = try Fixture()
        let one = try from.image("one", "a/one:1", changes: ["CMD [\"x\"]"])
        try from.images.tag("a/one:1", as: "a/one:2")
        try FileSystem.makeDirectories("\(from.path)/upper")
        try FileSystem.replace("\(from.path)/upper/more", with: Array("more".utf8))
        let base = try from.images.resolve("a/one:1")
        let two = try from.images.commit(upper: "\(from.path)/upper", base: base, config: base.config, name: "two")
        let tar = try from.save(["a/one", "two"])
        #expect(try from.save(["a/one", "two"]) == tar)

        let files = try members(tar)
        #expect(files.keys.filter { $0.hasPrefix("blobs/sha256/") && $0.count > 20 }.count == 6)
        for (path, bytes) in files where path.hasPrefix("blobs/sha256/") && path.count > 20 {
            #expect("blobs/sha256/" + ContentHasher.digest(bytes).hex == path)
        }
        #expect(files["oci-layout"] == Array("{\"imageLayoutVersion\":\"1.0.0\"}".utf8))
        let index = try Document.decode(Index.self, from: files["index.json"] ?? [], what: "index")
        #expect(index.manifests.compactMap { $0.annotations?["org.opencontainers.image.ref.name"] } == ["1", "2", "latest"])
        #expect(String(decoding: files["repositories"] ?? [], as: UTF8.self).contains("\"a/one\":{\"1\":"))

        let to = try Fixture()
        #expect(try to.load(tar) == ["Loaded image: a/one:1\n", "Loaded image: a/one:2\n", "Loaded image: two:latest\n"])
        #expect(try to.images.resolve("a/one:2").id == one)
        #expect(try to.images.resolve("a/one:2").lastTagged == nil && from.images.resolve("a/one:2").lastTagged != nil)
        let loaded = try to.images.resolve("two")
        #expect(loaded.id == two)
        #expect(loaded.size == 7)
        #expect(try FileSystem.read("\(to.images.layerDirectories(of: loaded)[0])/more") == Array("more".utf8))
        #expect(try to.save(["a/one", "two"]) == tar)
        // Only layers are kept as blobs.
        #expect(try FileDescriptor.open("\(to.paths.content)/blobs/sha256", [.directory]).entries().count == 2)
        // Again, by id and compressed: nothing new.
        #expect(try to.load(gzipped(from.save([two.short]))) == ["Loaded image ID: \(two)\n"])
        #expect(try to.images.list(all: true).count == 2)
        #expect(message { _ = try to.save(["none"]) } == "No such image: none:latest")
        #expect(message { _ = try to.save([]) } == "no image named to save")
        _ = try to.images.remove("two")
        for tag in ["1", "2"] { _ = try to.images.remove("a/one:\(tag)") }
        try to.expectNothing()
    }

    @Test func oldArchives() throws {
        let fixture = try Fixture()
        let layer = try tar([("etc/a", "aaa")])
        var archive = OldArchive([layer, try tar([("b", "bb")])])
        archive.extra = [("l0/VERSION", "1.0"), ("l0/json", "{}"), ("repositories", "{}")]
        #expect(try fixture.load(archive.tar(), quiet: false).last == "Loaded image: x:1\n")
        let image = try fixture.images.resolve("x:1")
        #expect(image.id == digest(archive.config))
        #expect(image.size == 5)
        #expect(try FileSystem.read("\(fixture.images.layerDirectories(of: image)[1])/etc/a") == Array("aaa".utf8))
        // Compressed layers keep their bytes.
        var compressed = OldArchive([try gzipped(try tar([("c", "ccc")]))], diffIDs: [ContentHasher.digest(try tar([("c", "ccc")]))])
        compressed.tags = "null"
        #expect(try fixture.load(compressed.tar()) == ["Loaded image ID: \(digest(compressed.config))\n"])
        let saved = try members(fixture.save([digest(compressed.config).description]))
        #expect(saved["blobs/sha256/\(ContentHasher.digest(compressed.layers[0]).hex)"] == compressed.layers[0])
        // A name that is taken away.
        let other = OldArchive([try tar([("d", "d")])])
        #expect(
            try fixture.load(other.tar()) == [
                "The image x:1 already exists, renaming the old one with ID \(image.id) to empty string\n", "Loaded image: x:1\n",
            ])
        // The same layer twice is one directory for overlayfs.
        let plain = try tar([("p", "p")])
        let twice = OldArchive([plain, layer, plain])
        _ = try fixture.load(twice.tar())
        #expect(fixture.images.layerDirectories(of: try fixture.images.resolve("x:1")).count == 2)
    }

    @Test func hostileArchives() throws {
        let fixture = try Fixture()
        let layer = try tar([("a", "a")])
        let good = OldArchive([layer])
        var wrongLayer = good
        wrongLayer.layers = [try tar([("a", "b")])]
        var missing = good
        missing.layerNames = "\"../../etc/passwd\""
        var fewer = good
        fewer.layerNames = ""
        var badTag = good
        badTag.tags = "[\"UPPER\"]"
        var badConfig = good
        badConfig.config = "{\"rootfs\":7}"
        var windows = good
        windows.config = windows.config.replacing("linux", with: "windows")
        var badName = good
        badName.extra = [("../escape", "")]
        var badBlob = good
        badBlob.extra = [("blobs/sha256/" + String(repeating: "0", count: 64), "x")]
        let hostileLayer = OldArchive([try tar([("../../out", "x")])])
        var cases: [[UInt8]] = [[], Array("text".utf8), try tar([("x", "y")]), try tar([("manifest.json", "[")]), try tar([("manifest.json", "[{}]")])]
        for archive in [wrongLayer, missing, fewer, badTag, badConfig, windows, badName, badBlob, hostileLayer] { cases.append(try archive.tar()) }
        cases.append(Array(try good.tar().dropLast(2048)))
        cases.append(Array(try gzipped(good.tar()).dropLast(20)))
        let loop = String(repeating: "0", count: 64)
        cases.append(
            try tar([
                ("oci-layout", "{}"),
                ("index.json", "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"\(MediaType.index)\",\"digest\":\"sha256:\(loop)\",\"size\":1}]}"),
            ]))
        cases.append(try tar([("index.json", "{\"schemaVersion\":2,\"manifests\":[]}")]))
        for (number, bytes) in cases.enumerated() {
            let said = message { _ = try fixture.load(bytes) }
            #expect(!said.isEmpty && !said.hasPrefix("no fault"), "case \(number)")
            try fixture.expectNothing()
        }
        #expect(message { _ = try fixture.load(windows.tar()) } == "cannot load windows image on linux")
        #expect(message { _ = try fixture.load(fewer.tar()) } == "invalid manifest, layers length mismatch: expected 1, got 0")
    }

    @Test func layoutsOfOtherTools() throws {
        let fixture = try Fixture()
        let layer = try gzipped(try tar([("f", "f")]))
        let config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"\(ContentHasher.digest(try tar([("f", "f")])))\"]}}"
        let manifest =
            "{\"schemaVersion\":2, \"config\":{\"mediaType\":\"\(MediaType.config)\",\"digest\":\"\(digest(config))\",\"size\":\(config.utf8.count)},"
            + "\"layers\":[{\"mediaType\":\"\(MediaType.layerGzip)\",\"digest\":\"\(ContentHasher.digest(layer))\",\"size\":\(layer.count)}]}"
        let inner =
            "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"\(MediaType.manifest)\",\"digest\":\"sha256:\(String(repeating: "1", count: 64))\",\"size\":5,"
            + "\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}},{\"mediaType\":\"\(MediaType.manifest)\",\"digest\":\"\(digest(manifest))\","
            + "\"size\":\(manifest.utf8.count),\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}"
        let index =
            "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"\(MediaType.index)\",\"digest\":\"\(digest(inner))\",\"size\":\(inner.utf8.count),"
            + "\"annotations\":{\"org.opencontainers.image.ref.name\":\"localhost/made:here\"}}]}"
        let sink = MemorySink()
        let writer = TarWriter(sink)
        func add(_ path: String, _ bytes: [UInt8]) throws { try writer.append(TarEntry(path), data: bytes) }
        try add("index.json", Array(index.utf8))
        for text in [config, manifest, inner] { try add("blobs/sha256/\(digest(text).hex)", Array(text.utf8)) }
        try add("blobs/sha256/\(ContentHasher.digest(layer).hex)", layer)
        try add("oci-layout", Array("{\"imageLayoutVersion\":\"1.0.0\"}".utf8))
        try writer.finish()
        #expect(try fixture.load(sink.bytes) == ["Loaded image: localhost/made:here\n"])
        #expect(try fixture.images.resolve("localhost/made:here").manifest == digest(manifest))
        // The manifest goes out as it came in.
        #expect(try members(fixture.save(["localhost/made:here"]))["blobs/sha256/\(digest(manifest).hex)"] == Array(manifest.utf8))
    }
}
