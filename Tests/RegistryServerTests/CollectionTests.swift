import Archive
import HTTP
import Linux
import OCI
import Synchronization
import Testing

@testable import RegistryServer

/// Garbage and its collection, beside pushes and without them.
@Suite struct CollectionTests {
    private func blobs(_ registry: Registry) throws -> Int {
        var count = 0
        try registry.store.allBlobs { _ in count += 1 }
        return count
    }

    private func collect(_ registry: Registry, dryRun: Bool = false, untagged: Bool = false) throws -> [String] {
        let lines = Mutex<[String]>([])
        _ = try GarbageCollection.run(registry.store, .init(isDryRun: dryRun, untagged: untagged)) { line in lines.withLock { $0.append(line) } }
        return lines.withLock { $0 }
    }

    @Test("C32: what a deleted image leaves goes at once, the rest stays") func deletedImage() async throws {
        let registry = try Registry()
        let kept = try await registry.pushImage([1, 2], tag: "kept"), gone = try await registry.pushImage([1, 2, 3], tag: "gone")
        #expect(try blobs(registry) == 6)
        #expect(try collect(registry).contains { $0.contains("0 blobs and 0 manifests eligible") })
        #expect(try await registry.ask(.delete, "/v2/a/manifests/\(gone)").status == 202)
        let lines = try collect(registry, dryRun: true)
        #expect(lines.first == "a")
        #expect(lines.contains("a: marking manifest \(kept) "))
        #expect(lines.contains("blob eligible for deletion: \(gone)"))
        #expect(lines.contains("\n3 blobs marked, 3 blobs and 0 manifests eligible for deletion"))
        #expect(try blobs(registry) == 6)
        _ = try collect(registry)
        #expect(try blobs(registry) == 3)
        #expect(try await registry.ask(.get, "/v2/a/blobs/\(ContentHasher.digest([1, 2]))").status == 200)
        #expect(try await registry.ask(.get, "/v2/a/blobs/\(ContentHasher.digest([1, 2, 3]))").status == 404)
    }

    @Test func untaggedManifests() async throws {
        let registry = try Registry()
        let old = try await registry.pushImage([1]), new = try await registry.pushImage([2])
        _ = try collect(registry)
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(old)").status == 200)
        let signature = try await registry.pushImage([3], tag: nil, subject: new)
        let lost = try await registry.pushImage([4], tag: nil, subject: ContentHasher.digest([99]))
        #expect(try collect(registry, untagged: true).contains("manifest eligible for deletion: {a \(old) [latest]}"))
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(old)").status == 404)
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(new)").status == 200)
        // What speaks of an image that stays, stays; what speaks of nothing does not.
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(signature)").status == 200)
        #expect(try await registry.ask(.get, "/v2/a/manifests/\(lost)").status == 404)
    }

    @Test func emptyRepositoriesGo() async throws {
        let registry = try Registry()
        let digest = try await registry.pushImage([1], to: "team/app")
        try await registry.pushImage([2], to: "team/other")
        #expect(try await registry.ask(.delete, "/v2/team/app/manifests/\(digest)").status == 202)
        _ = try collect(registry)
        #expect(try await registry.ask(.get, "/v2/_catalog").text == "{\"repositories\":[\"team/other\"]}\n")
        #expect(try registry.store.allRepositories().map(\.description) == ["team/other"])
        #expect(try await registry.ask(.get, "/v2/team/app/tags/list").code == "NAME_UNKNOWN")
    }

    @Test func whatAPushCountsOnStays() async throws {
        let registry = try Registry()
        let sent = try await registry.push([1])
        let shared = try await registry.push([2], to: "b")
        #expect(try await registry.ask(.post, "/v2/a/blobs/uploads/?mount=\(shared)&from=b").status == 201)
        let image = try await registry.pushImage([3], to: "c", tag: "x")
        #expect(try await registry.ask(.delete, "/v2/c/manifests/\(image)").status == 202)
        // One is told that it is here, and counts on it.
        #expect(try await registry.ask(.head, "/v2/c/blobs/\(ContentHasher.digest([3]))").status == 200)
        _ = try collect(registry)
        for (name, digest) in [("a", sent), ("a", shared), ("b", shared), ("c", ContentHasher.digest([3]))] {
            #expect(try await registry.ask(.get, "/v2/\(name)/blobs/\(digest)").status == 200, "\(name) \(digest)")
        }
        // A list's manifest waits for the list.
        let part = try await registry.pushImage([4], to: "d", tag: nil)
        _ = try collect(registry, untagged: true)
        #expect(try await registry.ask(.get, "/v2/d/manifests/\(part)").status == 200)
        // Nobody waits for ever, and without a server nobody waits.
        let store = try RegistryStore(root: registry.root, readOnly: true, leaseDuration: .zero)
        _ = try GarbageCollection.run(store, .init(untagged: true))
        #expect(try blobs(registry) == 0)
    }

    @Test("an image that was to go and that a list names meanwhile stays whole", arguments: [true, false])
    func listsOfWhatWasToGo(asks: Bool) async throws {
        let registry = try Registry(), name = try #require(RepositoryName("a")), pusher = Pusher("p")
        let image = try await registry.pushImage([1, 2, 3], tag: "x")
        _ = try await registry.pushImage([4], tag: "x")
        let size = try await registry.ask(.get, "/v2/a/manifests/\(image)").body.count
        let list = Array(
            "{\"schemaVersion\":2,\"mediaType\":\"\(MediaType.index)\",\"manifests\":[{\"mediaType\":\"\(MediaType.manifest)\",\"digest\":\"\(image)\",\"size\":\(size)}]}".utf8)
        let failures = Mutex<[String]>([])
        _ = try GarbageCollection.run(registry.store, .init(untagged: true)) { line in
            guard line.contains("eligible for deletion: {a \(image)") else { return }
            do {
                if asks { _ = try registry.store.manifest(image, in: name, for: pusher) }
                let checked = try ManifestCheck.check(list, contentType: MediaType.index)
                try registry.store.put(list, checked, digest: ContentHasher.digest(list), tags: ["list"], in: name, by: pusher)
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(try RegistryCheck.run(registry.store) { Issue.record("\($0)") }.problems == 0)
        #expect(try await registry.ask(.get, "/v2/a/blobs/\(ContentHasher.digest([1, 2, 3]))").status == 200)
        // The push is over: what it named goes with it.
        #expect(try await registry.ask(.delete, "/v2/a/manifests/list").status == 202)
        _ = try collect(registry, untagged: true)
        #expect(try blobs(registry) == 3)
    }

    @Test func pushesBesideCollections() async throws {
        let registry = try Registry()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    _ = try GarbageCollection.run(registry.store, .init(untagged: true))
                    await Task.yield()
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { pushes in
                for number in 0..<32 {
                    pushes.addTask {
                        for round in 0..<4 {
                            let name = "r\(number % 5)"
                            let layer = Array("layer \(round % 2)".utf8) + [UInt8(number % 3)]
                            let digest = try await registry.pushImage(layer, to: name, tag: "t\(number)-\(round)")
                            #expect(try await registry.ask(.get, "/v2/\(name)/manifests/\(digest)").status == 200)
                            if round == 1 { _ = try await registry.ask(.delete, "/v2/\(name)/manifests/t\(number)-0") }
                        }
                    }
                }
                try await pushes.waitForAll()
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try RegistryCheck.run(registry.store) { Issue.record("\($0)") }.problems == 0)
    }

    @Test("a push that ends while a collection looks loses nothing of what came after the look") func pushesThatEndMeanwhile() throws {
        let leases = Leases(duration: .seconds(60)), digest = ContentHasher.digest([1]), name = try #require(RepositoryName("a")), pusher = Pusher("p")
        leases.touch(digest, in: name, by: pusher)
        leases.beginCollection()
        leases.settle([digest], in: name, by: pusher)
        #expect(leases.holds(digest))
        leases.endCollection()
        #expect(!leases.holds(digest))
    }

    @Test func checkFindsWhatIsWrong() async throws {
        let registry = try Registry()
        let digest = try await registry.pushImage([1, 2, 3])
        // A link that was not written to its end is none, and goes with the next collection.
        let revision = try registry.store.paths.revision(#require(RepositoryName("a")), ContentHasher.digest([9]))
        try FileSystem.makeDirectories(revision)
        try FileSystem.replace("\(revision)/link.1~", with: [])
        #expect(try RegistryCheck.run(registry.store) { _ in } == .init(blobs: 3, repositories: 1, problems: 0))
        _ = try collect(registry, untagged: true)
        #expect(!FileSystem.exists(revision))
        let layer = ContentHasher.digest([1, 2, 3])
        try FileSystem.replace(registry.store.paths.blob(layer), with: [1, 2, 4])
        try FileSystem.removeFile(registry.store.paths.blob(digest))
        let lines = Mutex<[String]>([])
        let result = try RegistryCheck.run(registry.store) { line in lines.withLock { $0.append(line) } }
        #expect(result.problems == 2)
        #expect(lines.withLock { $0 }.contains { $0.hasPrefix("blob \(layer): content is sha256:") })
        #expect(lines.withLock { $0 }.contains("a: manifest \(digest) has no content"))
    }
}

enum FileTree {
    static func remove(_ path: String) throws { try FileSystem.removeTree(path) }
}
