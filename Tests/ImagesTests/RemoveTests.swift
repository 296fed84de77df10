import Database
import Diagnostics
import DockerAPI
import Images
import Linux
import OCI
import Synchronization
import Testing
import Values

@Suite(.enabled(if: isRoot)) struct RemoveTests {
    @Test func namesAndIDs() throws {
        let fixture = try Fixture()
        let images = fixture.images
        let id = try fixture.image("1", "x")
        try images.tag("x", as: "x:2")
        try images.tag(id.short, as: "other/y")
        #expect(message { try images.tag("none", as: "z") } == "No such image: none:latest")
        #expect(message { try images.tag("x", as: "z@\(id)") } == "refusing to create a tag with a digest reference")
        #expect(try images.resolve("x").repoTags == ["x:2", "x:latest", "other/y:latest"])
        #expect(message { _ = try images.remove(id.short) } == "conflict: unable to delete \(id.short) (must be forced) - image is referenced in multiple repositories")
        #expect(try images.remove("x") == [ImageDeleteItem(untagged: "x:latest")])
        #expect(try images.remove("x:2").map(\.untagged) == ["x:2"])
        let chain = try #require(try images.image(id: id)).layers[0].chainID
        #expect(
            try images.remove("other/y") == [
                ImageDeleteItem(untagged: "other/y:latest"), ImageDeleteItem(deleted: id.description), ImageDeleteItem(deleted: chain.description),
            ])
        #expect(message { _ = try images.remove("other/y") } == "No such image: other/y:latest")
        #expect(try FileDescriptor.open(fixture.paths.layers, [.directory]).entries() == ["empty"])
    }

    @Test func containersKeepImages() throws {
        let fixture = try Fixture()
        let images = fixture.images
        let id = try fixture.image("1", "x")
        fixture.use(id, running: false)
        #expect(
            message { _ = try images.remove("x") }
                == "conflict: unable to remove repository reference \"x\" (must force) - container cccccccccccc is using its referenced image \(id.short)")
        #expect(message { _ = try images.remove(id.short) } == "conflict: unable to delete \(id.short) (must be forced) - image is being used by stopped container cccccccccccc")
        let directory = images.layerDirectories(of: try images.resolve("x"))[0]
        #expect(try images.remove("x", force: true).map(\.deleted) == ["", id.description])
        #expect(message { _ = try images.resolve(id.short) }.hasPrefix("No such image"))
        #expect(FileSystem.exists(directory))
        #expect(try images.image(id: id) != nil)
        fixture.uses.byImage.withLock { $0 = [:] }
        try images.released(id)
        #expect(!FileSystem.exists(directory))

        let running = try fixture.image("2", "y")
        fixture.use(running, running: true)
        #expect(
            message { _ = try images.remove(running.description, force: true) }
                == "conflict: unable to delete \(running.short) (cannot be forced) - image is being used by running container cccccccccccc")
        #expect(try images.remove("y", force: true) == [ImageDeleteItem(untagged: "y:latest")])
        #expect(try images.resolve(running.short).names.isEmpty)
    }

    @Test func childrenKeepParents() throws {
        let fixture = try Fixture()
        let images = fixture.images
        let base = try fixture.image("1", "base")
        let empty = "\(fixture.path)/empty"
        try FileSystem.makeDirectories(empty)
        let child = try images.commit(upper: empty, base: images.resolve("base"), config: ImageConfig(), name: "child", message: "m")
        #expect(message { _ = try images.remove(base.short) } == "conflict: unable to delete \(base.short) (cannot be forced) - image has dependent child images")
        #expect(try images.remove("base") == [ImageDeleteItem(untagged: "base:latest")])
        #expect(try images.list().map(\.id) == [child.description])
        #expect(try images.list(all: true).count == 2)
        #expect(try images.remove("child").map(\.deleted).contains(base.description))
        #expect(try images.list(all: true).isEmpty)
    }

    @Test func prunes() throws {
        let fixture = try Fixture()
        let images = fixture.images
        let nameless = try fixture.image("12345")
        let used = try fixture.image("2")
        fixture.use(used, running: false)
        try fixture.image("3", "kept")
        let report = try images.prune()
        #expect(report.imagesDeleted?.first == ImageDeleteItem(deleted: nameless.description))
        #expect(report.spaceReclaimed == 5)
        #expect(try images.list(all: true).count == 2)
        #expect(try images.prune(filters: Filters(["dangling": ["false"], "label": ["none"]])).imagesDeleted == nil)
        #expect(try images.prune(filters: Filters(["dangling": ["false"]])).imagesDeleted?.first == ImageDeleteItem(untagged: "kept:latest"))
        #expect(message { _ = try images.prune(filters: Filters(["x": ["y"]])) } == "invalid filter 'x'")
    }

    @Test func pruneLeavesWhatIsUsedOneName() throws {
        let fixture = try Fixture()
        let images = fixture.images
        let used = try fixture.image("1", "b/x:1")
        for name in ["c:1", "b/x:2", "a:9"] { try images.tag("b/x:1", as: name) }
        fixture.use(used, running: true)
        let all = Filters(["dangling": ["false"]])
        #expect(try images.prune().imagesDeleted == nil)
        #expect(try images.prune(filters: all).imagesDeleted == ["b/x:1", "b/x:2", "a:9"].map { ImageDeleteItem(untagged: $0) })
        #expect(try images.list().map(\.repoTags) == [["c:1"]])
        // By name: that one stays, whatever its place.
        try images.tag(used.description, as: "a:1")
        try images.tag(used.description, as: "z:1")
        fixture.use(used, running: true, as: "a:1")
        _ = try images.prune(filters: all)
        #expect(try images.list().map(\.repoTags) == [["a:1"]])
        #expect(try images.prune(filters: all).imagesDeleted == nil)
    }

    @Test func listsAndFilters() throws {
        let fixture = try Fixture()
        let images = fixture.images
        let old = try fixture.image("1", "a/one:1", changes: ["LABEL k=v"])
        let new = try fixture.image("2", "two")
        try images.tag("two", as: "a/two:x")
        func ids(_ filters: [String: [String]]) throws -> [String] { try images.list(filters: Filters(filters)).map(\.id) }
        #expect(try ids([:]) == [new, old].map(\.description))
        #expect(try ids(["label": ["k=v"]]) == [old.description])
        #expect(try ids(["before": ["two"]]) == [old.description])
        #expect(try ids(["since": ["a/one:1"]]) == [new.description])
        #expect(try ids(["dangling": ["true"]]).isEmpty)
        let pinned = try Reference("pinned@sha256:" + String(repeating: "a", count: 64))
        let third = try fixture.image("3")
        try fixture.database.transaction { _ = try $0.run("INSERT INTO image_names VALUES (?, ?, NULL)", .text(pinned.description), .text(third.description)) }
        for flag in ["true", "false"] { #expect(try images.list(filters: Filters(["dangling": [flag], "reference": ["pinned"]])).count == 1) }
        #expect(try images.prune().imagesDeleted?.first == ImageDeleteItem(untagged: pinned.familiar))
        #expect(try ids(["until": ["1h"]]).isEmpty)
        // The earliest counts, and an image made just then is not before it.
        let created = try images.resolve("two").created
        #expect(try ids(["until": ["1h", "\(created)"]]).isEmpty && ids(["until": ["\(created)"]]) == [old.description])
        #expect(try images.list(filters: Filters(["reference": ["a/*"]])).map(\.repoTags) == [["a/two:x"], ["a/one:1"]])
        for name in ["docker.io/library/two", "docker.io/library/two:*"] { #expect(try ids(["reference": [name]]) == [new.description]) }
        #expect(message { try images.tag("two", as: "sha256:x") } == "refusing to create an ambiguous tag using digest algorithm as name")
        #expect(try images.list(filters: Filters(["reference": ["two"]])).map(\.repoTags) == [["two:latest"]])
        #expect(message { _ = try ids(["nope": [""]]) } == "invalid filter 'nope'")
        #expect(try images.list(sharedSize: true).map(\.sharedSize) == [0, 0])
        #expect(try images.list().map(\.containers) == [-1, -1])
    }
}
