import Archive
import Linux
import Testing

@testable import Layers

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
        for size: Int64 in [.max, 1 << 62, 1 << 42 + 1] {
            huge.size = size
            let sink = MemorySink()
            try TarWriter(sink).append(huge)
            let error = #expect(throws: LayerError.self) {
                try fixture.store.unpack(MemorySource(sink.bytes), expected: nil, chainParent: nil, parents: [])
            }
            #expect(error?.description == "layer: huge: files of more than \(1 << 42) bytes")
            #expect(try FileDescriptor.open(fixture.store.path, [.directory]).entries() == ["empty"])
        }
    }

    /// Each is small enough, and together they are not; what the first claims costs no time.
    @Test func manySizesAddUp() throws {
        let fixture = try Fixture()
        let root = try FileDescriptor.open(fixture.store.empty, [.directory])
        let members = try Member.archive((0..<5).map { .file("f\($0)", "12345678") } + [.file("last", "1")])
        try LayerApplier(root: root, lowers: nil, limits: ArchiveLimits(size: 41)).apply(TarReader(MemorySource(members)))
        #expect(throws: LayerError.self) { try LayerApplier(root: root, lowers: nil, limits: ArchiveLimits(size: 40)).apply(TarReader(MemorySource(members))) }
        #expect(throws: LayerError.self) { try LayerApplier(root: root, lowers: nil, limits: ArchiveLimits(entries: 5)).apply(TarReader(MemorySource(members))) }
        #expect(throws: LayerError.self) { try LayerApplier(root: root, lowers: nil, limits: ArchiveLimits(nameBytes: 13)).apply(TarReader(MemorySource(members))) }
    }

    /// Cut anywhere, an archive leaves nothing and says so.
    @Test func truncated() throws {
        let fixture = try Fixture()
        let whole = try Member.archive([.directory("d"), .file("d/f", String(repeating: "x", count: 1000)), .link("d/l", "f")])
        for count in stride(from: 100, to: 3000, by: 300) where count % 512 != 0 {
            #expect(throws: ArchiveError.self, "\(count)") {
                try fixture.store.unpack(MemorySource(Array(whole.prefix(count))), expected: nil, chainParent: nil, parents: [])
            }
            #expect(try FileDescriptor.open(fixture.store.path, [.directory]).entries() == ["empty"])
        }
    }

    /// While a layer is unpacked, somebody turns a directory of it into a link that leads out, again and again.
    @Test func parentSwappedMeanwhile() throws {
        let fixture = try Fixture()
        let outside = "\(fixture.path)/victim"
        try FileSystem.makeDirectories("\(fixture.store.path)/work")
        var swap = Spawn("/bin/sh", ["sh", "-c", "cd \(fixture.store.path)/work; while :; do mv d e; ln -sn \(fixture.path) d; rm d; mv e d; done 2>/dev/null"])
        let nothing = try FileDescriptor.open("/dev/null")
        swap.give(nothing, as: 0)
        let swapper = try swap.start()
        let root = try FileDescriptor.open("\(fixture.store.path)/work", [.directory])
        // A directory of the archive between the files makes it look the way up again.
        let members = try Member.archive((0..<3000).flatMap { [Member.directory("d"), .file("d/victim", "hacked"), .file("d/sub\($0)/new", "hacked")] })
        // Whether it fails depends on when it looks.
        try? LayerApplier(root: root, lowers: LowerLayers([])).apply(TarReader(MemorySource(members)))
        try swapper.signal(9)
        _ = try swapper.wait()
        #expect(try FileSystem.read(outside) == Array("untouched".utf8))
        try fixture.expectUntouched()
    }

    @Test func deepTreesUnpackAndGo() throws {
        let fixture = try Fixture()
        let deep = (0..<1990).map { _ in "d" }.joined(separator: "/")
        let layer = try fixture.unpack([.file(deep + "/f", "deep")])
        try FileSystem.removeTree(layer)
        #expect(!FileSystem.exists(layer))
    }

    /// A million of them where there is time for it.
    @Test func manyEntries() throws {
        let fixture = try Fixture()
        let directories = Environment.value("DAVIT_FULL") == "1" ? 1000 : 10
        let sink = MemorySink()
        let writer = TarWriter(sink)
        for directory in 0..<directories {
            try writer.append(TarEntry("d\(directory)", kind: .directory, permissions: 0o755))
            for file in 0..<1000 { try writer.append(TarEntry("d\(directory)/f\(file)")) }
        }
        try writer.finish()
        let pending = try fixture.store.unpack(MemorySource(sink.bytes), expected: nil, chainParent: nil, parents: [])
        #expect(try FileDescriptor.open("\(pending.path)/d\(directories - 1)", [.directory]).entries().count == 1000)
    }
}
