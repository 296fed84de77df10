import Diagnostics
import Linux
import Testing
import Values

@testable import BuildKitAPI

@Suite("directories that a client sends") struct TreeWriterTests {
    private let path = "/tmp/davit-tree-\(UInt64.random(in: 0 ... .max))"

    private func entry(_ path: String, _ mode: Int, link: String = "", modified: Int = 5_000_000_000) -> FileEntry {
        var entry = FileEntry()
        (entry.path, entry.mode, entry.link, entry.modified) = (path, mode, link, modified)
        return entry
    }

    private func writer() throws -> TreeWriter {
        try FileSystem.makeDirectory(path)
        return TreeWriter(OpenFile(try FileDescriptor.open(path, [.directory])))
    }

    @Test("files, directories, links and other names come as they were told") func all() throws {
        defer { try? FileSystem.removeTree(path) }
        let writer = try writer()
        try writer.perform([
            .init(entry("a", 1 << 31 | 0o750), id: 0), .init(entry("a/f", 1 << 23 | 0o755), id: 1), .init(entry("a/g", 0o644, link: "a/f"), id: 2),
            .init(entry("l", 1 << 27 | 0o777, link: "../out"), id: 3), .init(entry("p", 1 << 25), id: 4), .data(1, [1, 2]), .data(1, [3]), .end(1), .done,
        ])
        #expect(try FileSystem.read("\(path)/a/g") == [1, 2, 3])
        let file = try #require(try FileSystem.status("\(path)/a/f"))
        #expect(file.permissions == 0o4755 && file.links == 2 && file.modified.seconds == 5)
        let directory = try #require(try FileSystem.status("\(path)/a"))
        #expect(directory.permissions == 0o750 && directory.modified.seconds == 5)
        #expect(try FileDescriptor.open(path, [.directory]).readLink("l") == "../out")
        #expect(!FileSystem.exists("\(path)/p"))
    }

    @Test("paths that lead elsewhere are refused", arguments: ["", "/a", "../a", "a/../../b", "a//b", "a/", "./a", "a\0b", String(repeating: "a/", count: 3000) + "b"])
    func elsewhere(_ name: String) {
        #expect(throws: Fault.self) { try TreeWriter.Step(entry(name, 0o644), id: 0) }
        #expect(throws: Fault.self) { try TreeWriter.Step(entry("x", 0o644, link: name.isEmpty ? "/" : name), id: 0) }
    }

    @Test("nothing is written through a link, nor twice") func links() throws {
        defer { try? FileSystem.removeTree(path) }
        let writer = try writer()
        try writer.perform([.init(entry("l", 1 << 27, link: "/tmp"), id: 0), .init(entry("f", 0o600), id: 1)])
        #expect(throws: SyscallError.self) { try writer.perform([.init(entry("l/x", 0o600), id: 2)]) }
        #expect(throws: SyscallError.self) { try writer.perform([.init(entry("l", 0o600), id: 3)]) }
        #expect(throws: SyscallError.self) { try writer.perform([.init(entry("f", 0o600), id: 4)]) }
        #expect(throws: Fault.self) { try writer.perform([.data(9, [1])]) }
        #expect(throws: Fault.self) { try writer.perform([.end(9)]) }
    }

    @Test("numbers without sense do no harm", arguments: [Int.min, Int.max, -1]) func numbers(_ number: Int) throws {
        defer { try? FileSystem.removeTree(path) }
        let writer = try writer()
        try writer.perform([.init(entry("f", 0o600, modified: number), id: number), .end(number), .done])
        _ = GoFileMode(number).permissions
    }

    @Test(
        "modes go there and back",
        arguments: [1 << 31 | 0o755, 1 << 27 | 0o777, 1 << 25 | 0o600, 1 << 24 | 0o600, 1 << 26 | 0o600, 1 << 26 | 1 << 21 | 0o600, 1 << 23 | 1 << 22 | 1 << 20 | 0o111, 0])
    func modes(_ mode: Int) {
        let kinds: [FileStatus.Kind] = [.directory, .symbolicLink, .fifo, .socket, .blockDevice, .characterDevice, .regular]
        #expect(kinds.contains(GoFileMode(mode).kind))
        #expect(Int(GoFileMode(mode).permissions) & 0o777 == mode & 0o777)
    }
}
