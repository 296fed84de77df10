import Archive
import Layers
import Linux
import Testing
import Values

@Suite(.enabled(if: isRoot)) struct ApplyTests {
    @Test func unpacksEveryKindWithItsLooks() throws {
        let fixture = try Fixture()
        var file = Member.file("d/f", "hello", mode: 0o4750)
        file.entry.user = 12
        file.entry.group = 34
        file.entry.modified = Timestamp(seconds: 1_000_000, nanoseconds: 5)
        file.entry.extendedAttributes = [
            .init(name: Array("security.capability".utf8), value: [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            .init(name: Array("trusted.overlay.redirect".utf8), value: Array("/etc".utf8)),
        ]
        var directory = Member.directory("d", mode: 0o1777)
        directory.entry.modified = Timestamp(seconds: 2_000_000)
        var device = Member(entry: TarEntry("null", kind: .characterDevice, permissions: 0o666))
        (device.entry.deviceMajor, device.entry.deviceMinor) = (1, 3)
        var latin = Member.file("x")
        latin.entry.path = [0x63, 0x61, 0x66, 0xe9]
        let layer = try fixture.unpack([directory, file, .link("l", "d/f"), .hard("h", "d/f"), device, Member(entry: TarEntry("p", kind: .fifo, permissions: 0o600)), latin])
        let root = try FileDescriptor.open(layer, [.directory])
        let status = try root.status(of: "d/f")
        #expect(status.permissions == 0o4750 && status.user == 12 && status.group == 34 && status.size == 5)
        #expect(status.modified == Timestamp(seconds: 1_000_000, nanoseconds: 5))
        #expect(try root.status(of: "d").permissions == 0o1777)
        #expect(try root.status(of: "d").modified == Timestamp(seconds: 2_000_000))
        #expect(try root.status(of: "h").inode == status.inode)
        #expect(try root.readLink("l") == "d/f")
        #expect(try root.status(of: "null").deviceNumber == DeviceNumber(major: 1, minor: 3))
        #expect(try root.status(of: "p").kind == .fifo)
        let attributes = try FileDescriptor.open("\(layer)/d", [.directory]).extendedAttributes(of: PathBytes("f"))
        #expect(attributes.map(\.name.description) == ["security.capability"])
        #expect(try root.sortedNames().contains(PathBytes([0x63, 0x61, 0x66, 0xe9]) ?? PathBytes("")))
    }

    @Test func whiteoutsBecomeOverlays() throws {
        let fixture = try Fixture()
        let layer = try fixture.unpack([
            .directory("a"), .file("a/.wh.gone"), .directory("b"), .file("b/.wh..wh..opq"), .file("b/new"),
            // Removed and made anew, in both orders.
            .file(".wh.c"), .directory("c"), .directory("e"), .file(".wh.e"), .file("f", "mine"), .file(".wh.f"), .file(".wh..wh.plnk"),
        ])
        let root = try FileDescriptor.open(layer, [.directory])
        #expect(try root.status(of: "a/gone").isWhiteout)
        for name in ["b", "c", "e"] { #expect(try root.extendedAttribute(PathBytes("trusted.overlay.opaque"), of: PathBytes(name)) == Array("y".utf8)) }
        #expect(try root.status(of: "f").size == 4)
        #expect(try root.sortedNames().map(\.description) == ["a", "b", "c", "e", "f"])
        #expect(throws: LayerError.self) { try fixture.unpack([.file(".wh.")]) }
        #expect(throws: LayerError.self) { try fixture.unpack([.file("a/.wh...")]) }
    }

    // DESIGN §1.5, first trap.
    @Test func missingParentsLookAsBelow() throws {
        let fixture = try Fixture()
        var secret = Member.directory("secret", mode: 0o700)
        secret.entry.user = 7
        secret.entry.modified = Timestamp(seconds: 77)
        let lower = try fixture.unpack([secret, .directory("usr"), .directory("usr/lib", mode: 0o711), .link("lib", "/usr/lib")])
        let tar = try Member.archive([.file("secret/key", "k"), .file("lib/x", "x"), .file("plain/y", "y")])
        do {
            _ = try fixture.store.unpack(MemorySource(tar), expected: nil, chainParent: nil, parents: nil)
            Issue.record("a layer without its parents was taken for complete")
        } catch let error as LayerError { #expect(error.needsParents) }
        let pending = try fixture.store.unpack(MemorySource(tar), expected: nil, chainParent: nil, parents: [lower])
        let layer = fixture.store.path(of: try pending.commit())
        #expect(layer.contains("."))
        let root = try FileDescriptor.open(layer, [.directory])
        let status = try root.status(of: "secret")
        #expect(status.permissions == 0o700 && status.user == 7 && status.modified == Timestamp(seconds: 77))
        #expect(try root.status(of: "usr/lib/x").size == 1)
        #expect(try root.status(of: "usr/lib").permissions == 0o711)
        #expect(throws: SyscallError.self) { try root.status(of: "lib") }
        #expect(try root.status(of: "plain").permissions == 0o755)
    }

    // DESIGN §1.5, second trap.
    @Test func hardLinksReachBelow() throws {
        let fixture = try Fixture()
        var file = Member.file("d/f", "below", mode: 0o600)
        file.entry.user = 5
        let lower = try fixture.unpack([.directory("d"), file])
        let layer = try fixture.unpack([.directory("d"), .hard("d/g", "d/f")], over: [lower])
        let root = try FileDescriptor.open(layer, [.directory])
        #expect(try root.status(of: "d/g").inode == root.status(of: "d/f").inode)
        #expect(try root.status(of: "d/g").user == 5)
        #expect(try FileSystem.read("\(layer)/d/g") == Array("below".utf8))
        // Hidden in between, it is not there any more.
        let hiding = try fixture.unpack([.directory("d"), .file("d/.wh.f")])
        #expect(throws: LayerError.self) { try fixture.unpack([.directory("d"), .hard("d/g", "d/f")], over: [hiding, lower]) }
    }

    @Test func laterMembersReplaceEarlierOnes() throws {
        let fixture = try Fixture()
        let layer = try fixture.unpack([
            .file("a", "1"), .file("a", "22"), .directory("d"), .file("d/x"), .file("d", "file now"), .link("l", "a"), .directory("l"), .file("l/y"),
            .directory("k"), .file("k/z"), .link("k", "l"), .file("k/w"), .hard("a", "a"), .directory("m", mode: 0o700), .directory("m", mode: 0o750),
        ])
        let root = try FileDescriptor.open(layer, [.directory])
        #expect(try root.status(of: "a").size == 2)
        #expect(try root.status(of: "d").kind == .regular)
        #expect(try FileDescriptor.open("\(layer)/l", [.directory]).entries().sorted() == ["w", "y"])
        #expect(try root.readLink("k") == "l")
        #expect(try root.status(of: "m").permissions == 0o750)
    }

    @Test func rootOpaqueHidesAllBelow() throws {
        let fixture = try Fixture()
        let lower = try fixture.unpack([.file("a"), .file("b"), .directory("c")])
        let layer = try fixture.unpack([.file(".wh..wh..opq"), .file("b", "mine"), .directory("c")], over: [lower])
        let root = try FileDescriptor.open(layer, [.directory])
        #expect(try root.status(of: "a").isWhiteout)
        #expect(try root.status(of: "b").size == 4)
        #expect(try root.extendedAttribute(PathBytes("trusted.overlay.opaque"), of: PathBytes("c")) != nil)
    }

    @Test func wrongDigestLeavesNothing() throws {
        let fixture = try Fixture()
        let tar = try Member.archive([.file("a")])
        #expect(throws: LayerError.self) {
            try fixture.store.unpack(MemorySource(tar), expected: ContentHasher.digest([]), chainParent: nil, parents: [])
        }
        #expect(throws: ArchiveError.self) {
            try fixture.store.unpack(MemorySource(Array(tar[..<100])), expected: nil, chainParent: nil, parents: [])
        }
        #expect(try FileDescriptor.open(fixture.store.path, [.directory]).entries() == ["empty"])
    }

    @Test func staleWorkIsRemoved() throws {
        let fixture = try Fixture()
        let pending = try fixture.store.make()
        try FileSystem.makeDirectories("\(fixture.store.path)/tmp-dead/a/b")
        try fixture.store.removeStaleWork()
        #expect(try FileDescriptor.open(fixture.store.path, [.directory]).entries().count == 2)
        #expect(FileSystem.exists(pending.path))
    }
}
