import Archive
import Layers
import Linux
import OCI
import Testing
import Values

@Suite(.enabled(if: isRoot)) struct DiffTests {
    private func archive(_ directory: String, _ form: TreeArchiver.Form = .layer) throws -> [UInt8] {
        let sink = MemorySink()
        try TreeArchiver.write(FileDescriptor.open(directory, [.directory]), as: form, to: sink)
        return sink.bytes
    }

    private var members: [Member] {
        var file = Member.file("d/f", "hello", mode: 0o640)
        file.entry.extendedAttributes = [.init(name: Array("user.note".utf8), value: Array("x".utf8))]
        file.entry.modified = Timestamp(seconds: 1234, nanoseconds: 999)
        var latin = Member.file("x", "latin")
        latin.entry.path = [0x63, 0xe9]
        return [.directory("d"), file, .directory("opaque"), .file("opaque/.wh..wh..opq"), .file("d/.wh.gone"), .link("s", "d/f"), .hard("t", "d/f"), latin]
    }

    @Test func whatIsUnpackedComesBackTheSame() throws {
        let fixture = try Fixture()
        let layer = try fixture.unpack(members)
        let first = try archive(layer)
        let reader = TarReader(MemorySource(first))
        var names: [String] = []
        while let entry = try reader.next() { names.append("\(entry.pathText) \(entry.kind)") }
        #expect(
            names == [
                "c\u{FFFD} regular", "d/ directory", "d/f regular", "d/.wh.gone regular", "opaque/ directory", "opaque/.wh..wh..opq regular", "s symbolicLink", "t hardLink",
            ])
        let again = try fixture.store.unpack(MemorySource(first), expected: ContentHasher.digest(first), chainParent: nil, parents: [])
        #expect(try archive(again.path) == first)
        #expect(again.size == 10)
    }

    @Test func layersAreArchivedAsTheyLookMerged() throws {
        let fixture = try Fixture()
        let lower = try fixture.unpack([
            .directory("d"), .file("d/a", "old"), .file("d/b", "below"), .directory("o"), .file("o/hidden", ""), .file("gone", ""), .file("top", "t"),
        ])
        let upper = try fixture.unpack([
            .file("d/a", "new"), .directory("o"), .file("o/.wh..wh..opq"), .file("o/seen", ""), .file(".wh.gone"), .hard("top2", "d/a"),
        ])
        let sink = MemorySink()
        try TreeArchiver.write(merged: LowerLayers([upper, lower]), to: sink)
        let reader = TarReader(MemorySource(sink.bytes))
        var names: [String] = []
        while let entry = try reader.next() { names.append("\(entry.pathText) \(entry.kind) \(entry.size)") }
        #expect(
            names == [
                "d/ directory 0", "d/a regular 3", "d/b regular 5", "o/ directory 0", "o/seen regular 0", "top regular 1", "top2 hardLink 0",
            ])
    }

    @Test func ownLayersNeedNoBytesKept() throws {
        let fixture = try Fixture()
        let pending = try fixture.store.unpackAsOwn(MemorySource(Member.archive(members)))
        let name = try pending.commit()
        let sink = HashingSink()
        try fixture.store.archive(name, to: sink)
        let digest = sink.digest()
        #expect(digest == pending.diffID)
        #expect(name == digest.hex)
        #expect(fixture.store.directory(for: digest, chainID: digest) == name)
        try fixture.store.delete(name)
        #expect(fixture.store.directory(for: digest, chainID: digest) == nil)
    }

    @Test func changes() throws {
        let fixture = try Fixture()
        var etc = Member.directory("etc")
        etc.entry.modified = Timestamp(seconds: 5)
        var same = Member.directory("same")
        same.entry.modified = Timestamp(seconds: 5)
        let lower = try fixture.unpack([etc, .file("etc/passwd", "a"), .file("etc/gone"), .directory("old"), .file("old/x"), same, .file("same/f")])
        let upper = try fixture.unpack([
            etc, .file("etc/passwd", "ab"), .file("etc/.wh.gone"), .file("etc/new"), .directory("added"), .file("added/f"), .directory("old"), .file("old/.wh..wh..opq"),
            .file("old/y"), same, .file("same/f", "changed"), .file(".wh.never"),
        ])
        let list = try LayerChange.list(upper: FileDescriptor.open(upper, [.directory]), over: LowerLayers([lower]))
        #expect(
            list.map { "\($0.kind.letter) \($0.path)" } == [
                "A /added", "A /added/f", "C /etc", "D /etc/gone", "A /etc/new", "C /etc/passwd", "C /old", "D /old/x", "A /old/y", "C /same/f",
            ])
    }
}
