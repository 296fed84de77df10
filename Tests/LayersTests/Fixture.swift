import Archive
import Layers
import Linux
import Testing

/// Unpacking sets owners, devices and trusted attributes, which takes root.
let isRoot: Bool = {
    let mine = try? FileSystem.status("/proc/self")
    if mine?.user == 0 { return true }
    print("SKIPPED: the tests of Layers need root")
    return false
}()

/// A directory of the test's own with a layer store in it and a file beside that nothing may touch.
final class Fixture {
    let path = "/tmp/davit-layers-\(UInt64.random(in: 0 ... .max))"
    let store: LayerStore

    init() throws {
        try FileSystem.makeDirectories("\(path)/layers")
        try FileSystem.replace("\(path)/victim", with: Array("untouched".utf8))
        store = LayerStore(path: "\(path)/layers")
        try store.prepare()
    }

    deinit {
        // The test's outcome does not depend on it.
        try? FileSystem.removeTree(path)
    }

    func expectUntouched() throws {
        #expect(try FileSystem.read("\(path)/victim") == Array("untouched".utf8))
        #expect(try FileDescriptor.open(path, [.directory]).entries().sorted() == ["layers", "victim"])
    }

    /// Unpacks members over layers, and gives the directory.
    func unpack(_ members: [Member], over parents: [String] = []) throws -> String {
        let tar = try Member.archive(members)
        let pending = try store.unpack(MemorySource(tar), expected: ContentHasher.digest(tar), chainParent: nil, parents: parents)
        return store.path(of: try pending.commit())
    }

    /// What a shell line prints.
    func shell(_ line: String) throws -> String {
        var spawn = Spawn("/bin/sh", ["sh", "-c", "cd \(path)/layers; { \(line); } >../out 2>&1"])
        let nothing = try FileDescriptor.open("/dev/null")
        spawn.give(nothing, as: 0)
        _ = try spawn.start().wait()
        let bytes = try FileSystem.read("\(path)/out")
        try FileSystem.removeFile("\(path)/out")
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A tar member in a few words.
struct Member {
    var entry: TarEntry
    var data: [UInt8] = []

    static func file(_ path: String, _ text: String = "", mode: UInt32 = 0o644) -> Member {
        Member(entry: TarEntry(path, permissions: mode), data: Array(text.utf8))
    }
    static func directory(_ path: String, mode: UInt32 = 0o755) -> Member { Member(entry: TarEntry(path, kind: .directory, permissions: mode)) }
    static func link(_ path: String, _ target: String) -> Member {
        var entry = TarEntry(path, kind: .symbolicLink, permissions: 0o777)
        entry.linkTarget = Array(target.utf8)
        return Member(entry: entry)
    }
    static func hard(_ path: String, _ target: String) -> Member {
        var entry = TarEntry(path, kind: .hardLink, permissions: 0o644)
        entry.linkTarget = Array(target.utf8)
        return Member(entry: entry)
    }

    static func archive(_ members: [Member]) throws -> [UInt8] {
        let sink = MemorySink()
        let writer = TarWriter(sink)
        for member in members { try writer.append(member.entry, data: member.data) }
        try writer.finish()
        return sink.bytes
    }
}
