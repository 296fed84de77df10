import Archive
import DockerAPI
import Images
import Linux
import OCI
import Synchronization
import Testing
import Values

private func digest(_ text: String) -> Digest { ContentHasher.digest(Array(text.utf8)) }

/// An OCI layout whose only entry is an index: an image for each platform, with one layer in common, and an attestation.
struct PlatformLayout {
    private(set) var index = ""
    private(set) var manifests: [String: Digest] = [:]
    private(set) var ids: [String: Digest] = [:]
    let bytes: [UInt8]

    init(_ name: String, _ architectures: [String], leavingOut missing: Set<String> = []) throws {
        var blobs: [Digest: [UInt8]] = [:]
        var entries: [String] = []
        func descriptor(_ type: String, _ bytes: [UInt8], _ more: String = "", isHere: Bool = true) -> String {
            let digest = ContentHasher.digest(bytes)
            if isHere { blobs[digest] = bytes }
            return "{\"mediaType\":\"\(type)\",\"digest\":\"\(digest)\",\"size\":\(bytes.count)\(more)}"
        }
        let shared = try tar([("shared", "same everywhere")])
        for architecture in architectures {
            let isHere = !missing.contains(architecture), layer = try tar([("arch", architecture)])
            let config =
                "{\"architecture\":\"\(architecture)\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"a\"]},\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":[\"\(ContentHasher.digest(shared))\",\"\(ContentHasher.digest(layer))\"]}}"
            let layers = [descriptor(MediaType.layer, shared), descriptor(MediaType.layer, layer, isHere: isHere)].joined(separator: ",")
            let manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.manifest)\","
                + "\"config\":\(descriptor(MediaType.config, Array(config.utf8), isHere: isHere)),\"layers\":[\(layers)]}"
            (manifests[architecture], ids[architecture]) = (digest(manifest), digest(config))
            let platform = ",\"platform\":{\"os\":\"linux\",\"architecture\":\"\(architecture)\"}"
            entries.append(descriptor(MediaType.manifest, Array(manifest.utf8), platform, isHere: isHere))
        }
        let about =
            ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\","
            + "\"vnd.docker.reference.digest\":\"\(manifests[architectures[0]]?.description ?? "")\"}"
        let statement = descriptor("application/vnd.in-toto+json", Array("{\"_type\":\"https://in-toto.io/Statement/v0.1\"}".utf8))
        let attestation =
            "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.manifest)\",\"config\":\(descriptor(MediaType.config, Array("{}".utf8))),\"layers\":[\(statement)]}"
        entries.append(descriptor(MediaType.manifest, Array(attestation.utf8), about))
        index = "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.index)\",\"manifests\":[\(entries.joined(separator: ","))]}"
        let top = descriptor(MediaType.index, Array(index.utf8), ",\"annotations\":{\"io.containerd.image.name\":\"\(name)\"}")
        let sink = MemorySink()
        let writer = TarWriter(sink)
        for (digest, bytes) in blobs { try writer.append(TarEntry("blobs/sha256/\(digest.hex)"), data: bytes) }
        try writer.append(TarEntry("index.json"), data: Array("{\"schemaVersion\":2,\"manifests\":[\(top)]}".utf8))
        try writer.append(TarEntry("oci-layout"), data: Array("{\"imageLayoutVersion\":\"1.0.0\"}".utf8))
        try writer.finish()
        bytes = sink.bytes
    }
}

extension Fixture {
    fileprivate func load(_ bytes: [UInt8], _ platforms: String...) throws -> [String] {
        var lines: [String] = []
        try images.load(from: MemorySource(bytes), quiet: true, platforms: platforms.map { try Platform($0) }) { lines.append($0.stream) }
        return lines
    }

    fileprivate func save(_ name: String, _ platforms: String...) throws -> [UInt8] {
        let sink = MemorySink()
        try images.save([name], platforms: platforms.map { try Platform($0) }, to: sink)
        return sink.bytes
    }

    fileprivate func architectures(_ name: String) throws -> [String] {
        try (images.inspect(name, manifests: true).manifests ?? []).filter { $0.available }.compactMap { $0.imageData?.platform.architecture }
    }
}

/// One name for images of several platforms.
@Suite(.enabled(if: isRoot)) struct PlatformTests {
    let layout: PlatformLayout
    let fixture: Fixture

    init() throws {
        layout = try PlatformLayout("docker.io/library/many:1", ["arm64", "amd64", "s390x"])
        fixture = try Fixture()
    }

    @Test func oneNameIsListedOnceAndTellsOfAll() throws {
        #expect(try fixture.load(layout.bytes) == ["Loaded image: many:1\n"])
        let listed = try fixture.images.list(manifests: true)
        #expect(listed.map(\.id) == [layout.ids[Platform.host.architecture]?.description])
        let manifests = try #require(listed.first?.manifests)
        #expect(manifests.map(\.kind) == ["image", "image", "image", "attestation"])
        #expect(manifests.map(\.available) == [true, true, true, true])
        #expect(manifests[3].size.content > 300)
        #expect(manifests[3].attestationData?.about == layout.manifests["arm64"]?.description)
        #expect(manifests.prefix(3).map { $0.imageData?.size.unpacked } == [20, 20, 20])
        #expect(listed[0].size == manifests.reduce(0) { $0 + $1.size.total })
        #expect(try fixture.images.inspect("many:1", platform: Platform("linux/s390x")).id == layout.ids["s390x"]?.description)
        #expect(
            message { _ = try fixture.images.inspect("many:1", platform: Platform("linux/riscv64")) }
                == "image with reference many:1 was found but does not provide the specified platform (linux/riscv64)")
        // What runs is told where it is listed.
        fixture.use(try #require(layout.ids["arm64"]), running: true)
        #expect(try fixture.images.list(manifests: true)[0].manifests?[0].imageData?.containers.count == 1)
        // A new tag is for all of them.
        try fixture.images.tag("many:1", as: "other")
        #expect(try fixture.architectures("other") == ["arm64", "amd64", "s390x"])
    }

    @Test func savedAndLoadedWithSomePlatforms() throws {
        _ = try fixture.load(layout.bytes)
        let whole = try fixture.save("many:1")
        #expect(try fixture.save("many:1") == whole)
        let other = try Fixture()
        _ = try other.load(whole)
        #expect(try other.architectures("many:1") == ["arm64", "amd64", "s390x"])
        #expect(try other.save("many:1") == whole)

        let two = try Fixture()
        _ = try two.load(fixture.save("many:1", "linux/arm64", "linux/s390x"))
        #expect(try two.architectures("many:1") == ["arm64", "s390x"])
        #expect(try two.images.list().count == 1)
        let one = try Fixture()
        _ = try one.load(whole, "linux/s390x")
        #expect(try one.architectures("many:1") == ["s390x"])
        _ = try one.load(whole, "linux/arm64")
        #expect(try one.architectures("many:1") == ["arm64", "s390x"])
        #expect(message { _ = try one.load(whole, "linux/386") } == "the archive holds no image for linux/386")
        #expect(message { _ = try one.save("many:1", "linux/amd64") }.hasSuffix("does not provide the specified platform (linux/amd64)"))

        // What is about an image goes where the image goes, and nowhere else.
        #expect(try attestations(in: other) == [true])
        #expect(try attestations(in: two) == [true])
        #expect(try attestations(in: one) == [true])
        let none = try Fixture()
        _ = try none.load(whole, "linux/s390x")
        #expect(try attestations(in: none) == [false])
        // It is kept as long as the index is.
        try other.images.recover()
        #expect(try other.save("many:1") == whole)
        _ = try other.images.remove("many:1")
        #expect(try FileDescriptor.open("\(other.paths.content)/blobs/sha256", [.directory]).entries().isEmpty)

        let lacking = try PlatformLayout("docker.io/library/less:1", ["amd64", "arm64"], leavingOut: ["arm64"])
        let less = try Fixture()
        _ = try less.load(lacking.bytes)
        #expect(try less.architectures("less:1") == ["amd64"])
    }

    private func attestations(in fixture: Fixture) throws -> [Bool] {
        try (fixture.images.inspect("many:1", manifests: true).manifests ?? []).filter { $0.kind == "attestation" }.map(\.available)
    }

    @Test func platformsAreRemovedOneByOneAndTogether() throws {
        _ = try fixture.load(layout.bytes)
        let arm = try Platform("linux/arm64"), id = try #require(layout.ids["arm64"])
        fixture.use(id, running: false)
        #expect(message { _ = try fixture.images.remove("many:1", platforms: [arm]) }.contains("(must be forced) - image is being used by stopped container"))
        #expect(message { _ = try fixture.images.remove("many:1", platforms: [try Platform("linux/386")]) }.contains("does not provide"))
        let items = try fixture.images.remove("many:1", platforms: [arm], force: true)
        #expect(items.map(\.deleted) == [id.description])
        #expect(try fixture.architectures("many:1") == ["amd64", "s390x"])
        // By id it is about one, by name about all.
        let rest = try fixture.images.remove(try #require(layout.ids["s390x"]).description)
        #expect(rest.first?.untagged == "many:1" || rest.first?.deleted.isEmpty == false)
        #expect(try fixture.architectures("many:1") == ["amd64"])
        fixture.uses.byImage.withLock { $0 = [:] }
        _ = try fixture.load(layout.bytes)
        let all = try fixture.images.remove("many:1")
        #expect(all.first?.untagged == "many:1")
        #expect(Set(all.map(\.deleted)).isSuperset(of: layout.ids.values.map(\.description)))
        #expect(try fixture.images.list(all: true).isEmpty)
    }

    @Test func squashedIsOneLayer() throws {
        _ = try fixture.load(layout.bytes)
        let id = try fixture.images.squash("many:1", as: "flat:1"), image = try fixture.images.resolve("flat:1")
        #expect(image.id == id)
        #expect(image.layers.count == 1)
        #expect(image.size == 20)
        #expect(image.config.cmd == ["a"])
        #expect(image.history.last?.comment == "squash")
        #expect(try fixture.images.squash("many:1") == id)
        #expect(try fixture.images.history("flat:1").count == 1)
        #expect(message { _ = try fixture.images.squash("none") } == "No such image: none:latest")
        #expect(message { _ = try fixture.images.squash("many:1", as: "UPPER") }.hasSuffix("must be lowercase"))
    }
}
