import Archive
import Layers
import Linux
import Testing

/// Layers made to do harm: nothing outside changes, and the error says what is wrong.
@Suite(.enabled(if: isRoot)) struct HostileTests {
    @Test(arguments: ["../victim", "a/../../victim", "/../victim", "./../../../../../../etc/davit-victim", "..", "a/../.."]) func namesThatLeadOut(name: String) throws {
        let fixture = try Fixture()
        for member in [Member.file(name, "hacked"), .directory(name), .link(name, "x"), .hard("h", name), .file(name + "/.wh.x")] {
            do {
                _ = try fixture.unpack([.file("x"), member])
                Issue.record("\(name) was taken")
            } catch let error as LayerError { #expect(error.reason.contains("leads out of the layer"), "\(error)") }
        }
        try fixture.expectUntouched()
    }

    @Test func absoluteNamesStayInside() throws {
        let fixture = try Fixture()
        let victim = "\(fixture.path)/victim"
        let layer = try fixture.unpack([.file(victim, "inside")])
        #expect(try FileSystem.read("\(layer)\(victim)") == Array("inside".utf8))
        try fixture.expectUntouched()
    }

    @Test(arguments: ["VICTIMDIR", "../../..", "../../../../../../../../tmp", "/"]) func writingThroughLinksStaysInside(target: String) throws {
        let fixture = try Fixture()
        let target = target == "VICTIMDIR" ? fixture.path : target
        let layer = try fixture.unpack([
            .link("l", target), .file("l/victim", "hacked"), .file("l/new", "hacked"), .directory("l/dir"), .link("m", "l"), .file("m/other"), .hard("l/hard", "l/victim"),
            .file("l/.wh.layers"), .link("loop", "loop"),
        ])
        try fixture.expectUntouched()
        #expect(layer.hasPrefix(fixture.path))
        #expect(try fixture.shell("ls -d ../new ../dir ../hard; ls /new /hard /other /tmp/hard 2>/dev/null | grep -v '^$'").contains("No such file"))
        #expect(throws: (any Error).self) { try fixture.unpack([.link("loop", "loop"), .file("loop/x")]) }
        #expect(throws: LayerError.self) { try fixture.unpack([.link("a", "b"), .link("b", "a"), .file("a/b/x")]) }
    }

    @Test func linkThenFileReplacesTheLink() throws {
        let fixture = try Fixture()
        let layer = try fixture.unpack([.link("f", "\(fixture.path)/victim"), .file("f", "mine")])
        #expect(try FileSystem.read("\(layer)/f") == Array("mine".utf8))
        try fixture.expectUntouched()
    }

    @Test func hardLinkToALinkOutsideLinksTheLink() throws {
        let fixture = try Fixture()
        let layer = try fixture.unpack([.link("s", "\(fixture.path)/victim"), .hard("h", "s"), .file("h", "mine")])
        #expect(try FileDescriptor.open(layer, [.directory]).readLink("s") == "\(fixture.path)/victim")
        try fixture.expectUntouched()
        #expect(throws: LayerError.self) { try fixture.unpack([.hard("h", "\(fixture.path)/victim")]) }
        #expect(throws: LayerError.self) { try fixture.unpack([.directory("d"), .hard("h", "d")]) }
        #expect(throws: LayerError.self) { try fixture.unpack([.hard("h", "h")]) }
    }

    @Test func lowerLinksAreFollowedInsideOnly() throws {
        let fixture = try Fixture()
        let lower = try fixture.unpack([.link("out", fixture.path), .link("loop", "loop")])
        _ = try fixture.unpack([.file("out/victim", "hacked"), .file("out/more")], over: [lower])
        try fixture.expectUntouched()
        #expect(throws: LayerError.self) { try fixture.unpack([.file("loop/x")], over: [lower]) }
    }

    @Test func filesAreNoParents() throws {
        let fixture = try Fixture()
        #expect(throws: LayerError.self) { try fixture.unpack([.file("f"), .file("f/x")]) }
        #expect(throws: LayerError.self) { try fixture.unpack([.file("x/\(String(repeating: "n", count: 300))")]) }
    }

    @Test func giantSizesAreToldNotMade() throws {
        let fixture = try Fixture()
        var huge = TarEntry("huge")
        huge.size = .max
        let sink = MemorySink()
        try TarWriter(sink).append(huge)
        #expect(throws: ArchiveError.self) { try fixture.store.unpack(MemorySource(sink.bytes), expected: nil, chainParent: nil, parents: []) }
        #expect(try FileDescriptor.open(fixture.store.path, [.directory]).entries() == ["empty"])
    }

    @Test func deepTreesUnpackAndGo() throws {
        let fixture = try Fixture()
        let deep = (0..<1990).map { _ in "d" }.joined(separator: "/")
        let layer = try fixture.unpack([.file(deep + "/f", "deep")])
        try FileSystem.removeTree(layer)
        #expect(!FileSystem.exists(layer))
    }

    @Test func manyEntries() throws {
        let fixture = try Fixture()
        var members: [Member] = []
        for directory in 0..<50 {
            members.append(.directory("d\(directory)"))
            for file in 0..<100 { members.append(.file("d\(directory)/f\(file)")) }
        }
        let layer = try fixture.unpack(members)
        #expect(try FileDescriptor.open("\(layer)/d49", [.directory]).entries().count == 100)
    }
}
