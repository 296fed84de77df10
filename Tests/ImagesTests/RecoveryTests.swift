import Archive
import Content
import Diagnostics
import DockerAPI
@testable import Images
import Linux
import OCI
import Testing
import Values

@Suite(.enabled(if: isRoot)) struct RecoveryTests {
    /// What a process that was killed at any step of bringing an image in leaves behind.
    @Test func leftoversGo() throws {
        let fixture = try Fixture()
        let id = try fixture.image("kept", "kept")
        let store = ContentStore(path: fixture.paths.content)
        let blob = try store.ingest(Array("no row names this".utf8))
        let layer = "\(fixture.paths.layers)/\(String(repeating: "a", count: 64))"
        try FileSystem.makeDirectories("\(layer)/deep/down")
        try FileSystem.makeDirectories("\(fixture.paths.layers)/tmp-\(String(repeating: "b", count: 64))/x")
        try FileSystem.replace("\(fixture.paths.content)/ingest/half", with: Array("half".utf8))
        do {
            // Somebody is bringing something in: it may be theirs.
            let hold = try fixture.images.ingestHold()
            #expect(try fixture.images.collect() == false)
            #expect(store.contains(blob))
            _ = consume hold
        }
        try fixture.images.recover()
        #expect(!store.contains(blob))
        #expect(!FileSystem.exists(layer))
        #expect(try FileDescriptor.open(fixture.paths.layers, [.directory]).entries().count == 2)
        #expect(try FileDescriptor.open("\(fixture.paths.content)/ingest", [.directory]).entries().isEmpty)
        #expect(try fixture.images.resolve("kept").id == id)
        #expect(FileSystem.exists(fixture.images.layerDirectories(of: try fixture.images.resolve("kept"))[0]))
    }

    /// What one removes another may be bringing in again: whatever is found must be whole.
    @Test func manyAtOnce() async throws {
        let fixture = try Fixture()
        let images = fixture.images
        let archive = try tar([("file", "shared")])
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask { @concurrent in
                    for round in 0..<8 {
                        do {
                            let name = "x\(number % 2)"
                            _ = try images.import(from: MemorySource(archive), name: name, changes: ["LABEL round=\(round % 2)"])
                            let hold = try images.hold()
                            let image = try images.resolve(name)
                            #expect(FileSystem.exists("\(images.layerDirectories(of: image)[0])/file"))
                            _ = consume hold
                            _ = try images.remove(name, force: true)
                        } catch {
                            // Another was faster.
                            #expect((error as? Fault)?.kind == .notFound, "\(error)")
                        }
                    }
                }
            }
        }
        _ = try images.prune(filters: Filters(["dangling": ["false"]]))
        #expect(try images.list(all: true).isEmpty)
        #expect(try FileDescriptor.open(fixture.paths.layers, [.directory]).entries() == ["empty"])
    }
}

@Suite struct AptSourcesTests {
    @Test func readsBothForms() throws {
        var sources = AptSources(entries: [])
        sources.add(
            list: """
                # a comment
                deb-src http://mirror/debian stable main
                deb [arch=amd64 signed-by=/k.gpg] http://other/repo stable contrib # main is not here
                deb http://mirror/debian/ stable main contrib
                """)
        sources.add(
            stanzas: """
                Types: deb deb-src
                # where from
                URIs: http://second/debian
                Suites: testing
                 testing-updates
                Components: main
                Signed-By: /usr/share/keyrings/k.gpg

                Enabled: no
                Types: deb
                URIs: http://off/debian
                Suites: testing
                Components: main

                Types: deb
                URIs: http://second/debian-security
                Suites: testing-security
                Components: main non-free
                Signed-By:
                 -----BEGIN PGP PUBLIC KEY BLOCK-----
                 .
                """)
        #expect(sources.entries.count == 5)
        #expect(
            try sources.entries(for: "testing").map(\.line) == [
                "deb [signed-by=/usr/share/keyrings/k.gpg] http://second/debian testing main",
                "deb [signed-by=/usr/share/keyrings/k.gpg] http://second/debian testing-updates main",
                "deb http://second/debian-security testing-security main",
            ])
        #expect(try sources.entries(for: "unstable").map(\.line) == ["deb http://mirror/debian unstable main"])
        #expect(throws: Fault.self) { try AptSources(entries: []).entries(for: "stable") }
    }

    @Test func readsReleaseDates() {
        #expect(Images.releaseDate("Sat, 15 Mar 2025 09:28:15 UTC") == Timestamp("2025-03-15T09:28:15Z"))
        #expect(Images.releaseDate("Sat, 5 Mar 2025 09:28:15 +0000") == Timestamp("2025-03-05T09:28:15Z"))
        for text in ["", "yesterday", "Sat, 15 Foo 2025 09:28:15 UTC", "Sat, 15 Mar 2025 09:28:15 CET"] { #expect(Images.releaseDate(text) == nil) }
    }

    @Test func tellsStepsOnly() {
        #expect(Images.step("I: extracting archives...") == "Extracting archives")
        for line in ["I: success in 15.0 seconds", "I: removing tempdir /var/tmp/x...", "I: done", "", "I:", "W: ..."] { #expect(Images.step(line) == nil) }
    }
}

@Suite struct NamePatternTests {
    @Test(arguments: [
        ("busy*", "busybox", true), ("busybox", "busybox", true), ("*", "a/b", false), ("*/*", "a/b", true), ("a/?", "a/b", true), ("[a-c]x", "bx", true),
        ("[^a-c]x", "bx", false), ("*x*y", "axbxcy", true), ("*.", "a", false), ("", "", true), ("[", "[", false), ("a\\*", "a*", true),
        (String(repeating: "*a", count: 40), String(repeating: "a", count: 60) + "b", false),
    ]) func matches(pattern: String, text: String, expected: Bool) {
        #expect(NamePattern(pattern).matches(text) == expected)
    }
}

@Suite struct FilterTimeTests {
    @Test func everyForm() {
        let now = Timestamp(seconds: 1_000_000)
        #expect(Timestamp(filter: "1h30m", now: now) == Timestamp(seconds: 1_000_000 - 5400))
        #expect(Timestamp(filter: "12.5", now: now) == Timestamp(seconds: 12, nanoseconds: 500_000_000))
        #expect(Timestamp(filter: "1700000000", now: now) == Timestamp(seconds: 1_700_000_000))
        #expect(Timestamp(filter: "1970-01-02", now: now) == Timestamp(seconds: 86400))
        #expect(Timestamp(filter: "1970-01-01T00:01", now: now) == Timestamp(seconds: 60))
        #expect(Timestamp(filter: "1970-01-01T01:00:00+01:00", now: now) == Timestamp(seconds: 0))
        for text in ["", "x", "-", "1q", "h", "99999999999999h", "1.2.3", "2024-13-01"] { #expect(Timestamp(filter: text, now: now) == nil) }
    }
}
