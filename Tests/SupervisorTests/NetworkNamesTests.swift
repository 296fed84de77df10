import Linux
import Testing
import Values

@testable import Supervisor

/// Names as files, in a directory of the test's own.
@Suite final class NetworkNamesTests {
    private let directory: String
    private let names: NetworkNames
    private let two = [IPAddress(.v4, 0xac12_0002), IPAddress(.v6, 0xfd00 << 112 | 2)]
    private let three = [IPAddress(.v4, 0xac12_0003)]
    private let web = String(repeating: "a", count: 64)
    private let app = String(repeating: "b", count: 64)

    init() throws {
        directory = "/tmp/davit-names-\(Process.id)-\(UInt32.random(in: 0 ... .max))"
        names = NetworkNames(directory: "\(directory)/networks/one")
    }

    deinit {
        // What stays in /tmp is nobody's trouble.
        try? FileSystem.removeTree(directory)
    }

    private func everything() throws -> [String] {
        try ["names", "addresses"].flatMap { folder in
            try FileDescriptor.open("\(directory)/networks/one/\(folder)", [.directory]).entries().flatMap { name in
                try FileDescriptor.open("\(directory)/networks/one/\(folder)/\(name)", [.directory]).entries().map { "\(folder)/\(name)/\($0.first ?? " ")" }
            }
        }.sorted()
    }

    @Test func whoJoinsIsFound() throws {
        #expect(try names.addresses(of: "web") == nil && names.name(of: two[0]) == nil, "no directory yet")
        let first = try names.join(web, names: ["web", "service", "aaaaaaaaaaaa"], addresses: two)
        let second = try names.join(app, names: ["app", "service"], addresses: three)
        #expect(try names.addresses(of: "web") == two && names.addresses(of: "aaaaaaaaaaaa") == two)
        #expect(try names.addresses(of: "service") == [two[0], three[0], two[1]])
        #expect(try names.name(of: two[1]) == "web" && names.name(of: three[0]) == "app")
        try first.leave()
        #expect(try names.addresses(of: "web") == nil && names.addresses(of: "service") == three)
        try first.leave()
        try second.leave()
        #expect(try everything() == [])
    }

    @Test func renamingReplaces() throws {
        let old = try names.join(web, names: ["web", "service"], addresses: two)
        let new = try names.join(web, names: ["shop", "service"], addresses: two, replacing: old)
        #expect(try names.addresses(of: "web") == nil && names.addresses(of: "shop") == two && names.addresses(of: "service") == two)
        #expect(try names.name(of: two[0]) == "shop")
        try new.leave()
        #expect(try everything() == [])
    }

    @Test func theDeadAreNotBelieved() throws {
        // What a killed supervisor leaves: files that nobody holds.
        _ = try names.join(web, names: ["web"], addresses: two)
        #expect(try everything().count == 3)
        #expect(try names.addresses(of: "web") == nil && names.name(of: two[0]) == nil)
        let again = try names.join(app, names: ["web"], addresses: two)
        #expect(try names.addresses(of: "web") == two && names.name(of: two[0]) == "web")
        try names.forget(web)
        #expect(try everything().count == 3 && names.addresses(of: "web") == two)
        try names.forget(app)
        try names.forget(app)
        #expect(try everything() == [])
        withExtendedLifetime(again) {}
    }

    @Test func theSameContainerComesBack() throws {
        _ = try names.join(web, names: ["web"], addresses: two)
        let again = try names.join(web, names: ["web"], addresses: three)
        #expect(try names.addresses(of: "web") == three && names.name(of: two[0]) == nil)
        withExtendedLifetime(again) {}
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", "a..b", ".a", "A", "a b", "a\u{0}", "é", "a\n", String(repeating: "a", count: 64)])
    func badNamesAreNobodys(_ name: String) throws {
        #expect(!NetworkNames.isValid(name))
        let member = try names.join(web, names: [name, "good"], addresses: two)
        #expect(try names.addresses(of: name) == nil && names.addresses(of: "good") == two)
        #expect(try everything().count == 3)
        withExtendedLifetime(member) {}
    }

    @Test func linksAreNotFollowed() throws {
        let member = try names.join(web, names: ["web"], addresses: two)
        let folder = try FileDescriptor.open("\(directory)/networks/one/names", [.path, .directory])
        try folder.makeSymbolicLink("other", to: "web")
        try folder.makeDirectory("third")
        try folder.open("third", [.path, .directory]).makeSymbolicLink(app, to: "/etc/passwd")
        #expect(throws: SyscallError.self) { try names.addresses(of: "other") }
        #expect(try names.addresses(of: "third") == nil)
        withExtendedLifetime(member) {}
    }
}
