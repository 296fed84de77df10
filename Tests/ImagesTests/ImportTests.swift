import Archive
import Diagnostics
import DockerAPI
import Images
import Linux
import OCI
import Testing
import Values

/// What a fault says; empty when there was none.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let fault as Fault { return fault.message } catch { return "no fault: \(error)" }
}

extension Fixture {
    /// An image of one small file.
    @discardableResult
    func image(_ text: String, _ name: String? = nil, changes: [String] = []) throws -> Digest {
        try images.import(from: MemorySource(tar([("file", text)])), name: name, changes: changes)
    }
}

@Suite(.enabled(if: isRoot)) struct ImportTests {
    @Test func importsAndShows() throws {
        let fixture = try Fixture()
        let id = try fixture.images.import(
            from: MemorySource(tar([("bin/x", "12345")])), name: "a/b", changes: ["CMD [\"x\"]", "LABEL k=v\nENV A=1"], message: "imported")
        let image = try fixture.images.resolve("a/b")
        #expect(image.id == id)
        #expect(image.size == 5)
        let shown = try fixture.images.inspect("a/b:latest")
        #expect(shown.id == id.description)
        #expect(shown.repoTags == ["a/b:latest"])
        #expect(shown.comment == "imported")
        #expect(shown.config?.cmd == ["x"])
        #expect(shown.config?.labels == ["k": "v"])
        #expect(shown.rootFS.layers == image.diffIDs.map(\.description))
        #expect(shown.graphDriver.name == "overlay2")
        #expect(shown.graphDriver.data?["UpperDir"] == fixture.images.layerDirectories(of: image)[0])
        let history = try fixture.images.history("a/b")
        #expect(history.count == 1)
        #expect(history[0].id == id.description)
        #expect(history[0].size == 5)
        #expect(history[0].tags == ["a/b:latest"])
        #expect(
            message { _ = try fixture.images.resolve("a/b", platform: Platform("linux/s390x")) }
                == "image with reference a/b was found but does not provide the specified platform (linux/s390x)")
    }

    @Test func refusesBrokenArchives() throws {
        let fixture = try Fixture()
        var bytes = try tar([("x", String(repeating: "x", count: 10_000))])
        bytes.removeLast(9000)
        #expect(throws: Fault.self) { try fixture.images.import(from: MemorySource(bytes), name: "x") }
        #expect(throws: Fault.self) { try fixture.images.import(from: MemorySource(Array("no tar".utf8)), name: "x") }
        #expect(throws: Fault.self) { try fixture.images.import(from: MemorySource(tar([("../../x", "")])), name: "x") }
        #expect(throws: Fault.self) { try fixture.images.import(from: MemorySource(tar([])), name: "UPPER") }
        #expect(message { _ = try fixture.images.import(from: MemorySource(tar([])), platform: Platform("macos/arm64")) } == "operating system is not supported")
        #expect(message { try fixture.image("", changes: ["FROM x"]) } == "FROM is not a valid change command")
        #expect(try fixture.images.list(all: true).isEmpty)
        try fixture.images.recover()
        #expect(try FileDescriptor.open(fixture.paths.layers, [.directory]).entries() == ["empty"])
    }

    @Test func commitsWhatChanged() throws {
        let fixture = try Fixture()
        try fixture.image("below", "base", changes: ["CMD [\"x\"]", "LABEL a=b"])
        let base = try fixture.images.resolve("base")
        let upper = "\(fixture.path)/upper"
        try FileSystem.makeDirectories("\(upper)/etc")
        try FileSystem.replace("\(upper)/etc/new", with: Array("new".utf8))
        try FileDescriptor.open(upper, [.directory]).makeNode("file", mode: 0o020000)
        let id = try fixture.images.commit(
            upper: upper, base: base, config: base.config, name: "made:1", author: "me", message: "why", changes: ["ENTRYPOINT [\"/e\"]"])
        let made = try fixture.images.resolve("made:1")
        #expect(made.id == id)
        #expect(made.parent == base.id)
        #expect(made.config.entrypoint == ["/e"])
        #expect(made.config.cmd == nil)
        #expect(made.layers.count == 2)
        let directories = fixture.images.layerDirectories(of: made)
        #expect(directories[1] == fixture.images.layerDirectories(of: base)[0])
        #expect(try FileSystem.read("\(directories[0])/etc/new") == Array("new".utf8))
        #expect(try FileSystem.status("\(directories[0])/file")?.isWhiteout == true)
        let history = try fixture.images.history("made:1")
        #expect(history.map(\.comment) == ["why", "Imported from -"])
        #expect(history.map(\.id) == [id.description, base.id.description])
        #expect(try fixture.images.inspect("made:1").author == "me")

        let nothing = "\(fixture.path)/nothing"
        try FileSystem.makeDirectories(nothing)
        let same = try fixture.images.commit(upper: nothing, base: base, config: base.config)
        let unchanged = try #require(try fixture.images.image(id: same))
        #expect(unchanged.layers.count == 1)
        #expect(unchanged.history.last?.emptyLayer == true)
    }
}
