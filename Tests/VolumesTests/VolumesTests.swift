import Database
import Diagnostics
import DockerAPI
import Linux
import Testing
import Values
import Volumes

@Suite struct VolumesTests {
    @Test func aVolumeIsADirectoryAndARow() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data", labels: ["a": "b"])
        #expect(volume.mountpoint == "\(root.paths.volumes)/data/_data")
        #expect(volume.driver == "local" && volume.scope == "local" && volume.labels == ["a": "b"] && volume.options == nil)
        #expect(try FileSystem.status(volume.mountpoint)?.permissions == 0o755)
        #expect(try FileSystem.status(root.paths.volumes)?.permissions == 0o711)
        #expect(try root.volumes.inspect("data") == volume)
        #expect(try root.volumes.list() == [volume])
        let again = try root.volumes.create(VolumeCreateRequest(labels: ["c": "d"], name: "data"))
        #expect(again == volume)
    }

    @Test func aVolumeWithoutANameIsAnonymous() throws {
        let root = try VolumeRoot()
        let volume = try root.create("")
        #expect(Identifier(volume.name) != nil)
        #expect(volume.labels == ["com.docker.volume.anonymous": ""])
        #expect(try root.create("").name != volume.name)
    }

    @Test(arguments: [
        (
            "x!",
            "create x!: \"x!\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. "
                + "If you intended to pass a host directory, use absolute path"
        ),
        ("x", "create x: volume name is too short, names should be at least two alphanumeric characters"),
    ])
    func badNamesAreRefusedInDockersWords(name: String, message: String) throws {
        let root = try VolumeRoot()
        let error = fault { _ = try root.create(name) }
        #expect(error?.kind == .invalid)
        #expect(error?.message == message)
    }

    @Test(arguments: ["..", ".x", "a/b", "a/../b", "../a", "-ab", "_ab", "a b", "a\0b", "äb", "aä", String(repeating: "a", count: 256)])
    func noNameLeadsElsewhere(name: String) throws {
        let root = try VolumeRoot()
        #expect(fault { _ = try root.create(name) }?.kind == .invalid)
        #expect(try root.directories == [])
    }

    @Test func theDriverIsLocalAndKnowsItsOptions() throws {
        let root = try VolumeRoot()
        func attempt(_ driver: String, _ options: [String: String]) -> Fault? {
            fault { _ = try root.volumes.create(VolumeCreateRequest(driver: driver, driverOpts: options, name: "v1")) }
        }
        #expect(attempt("nfs", [:])?.message == "create v1: error looking up volume plugin nfs: plugin \"nfs\" not found")
        #expect(attempt("local", ["color": "red"])?.message == "create v1: invalid option: \"color\"")
        #expect(attempt("local", ["type": "tmpfs"])?.message == "create v1: missing required option: \"device\"")
        #expect(attempt("local", ["device": "tmpfs"])?.message == "create v1: missing required option: \"type\"")
        #expect(attempt("local", ["size": "1g"])?.message == "create v1: quota size requested but no quota support")
        #expect(attempt("local", ["type": "tmpfs", "device": "tmpfs", "o": "size=1m,uid=7"]) == nil)
        let plan = try root.volumes.mountPlan(for: "v1")
        #expect(plan.type == "tmpfs" && plan.source == "tmpfs" && plan.options == ["size=1m", "uid=7"] && !plan.isDirectory)
    }

    @Test func theMountPlanIsTheDirectory() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        let plan = try root.volumes.mountPlan(for: "data")
        #expect(plan.source == volume.mountpoint && plan.type == "bind" && plan.options == ["rbind"] && plan.isDirectory)
        _ = try root.volumes.create(VolumeCreateRequest(driverOpts: ["type": "none", "o": "bind", "device": "/srv"], name: "bound"))
        #expect(try root.volumes.mountPlan(for: "bound").type == "bind")
        #expect(fault { _ = try root.volumes.mountPlan(for: "nothing") }?.message == "get nothing: no such volume")
    }

    @Test func removingTakesTheContentAway() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try root.put("x", at: "\(volume.mountpoint)/deep/file")
        try root.volumes.remove("data")
        #expect(try root.directories == [])
        #expect(fault { _ = try root.volumes.inspect("data") }?.kind == .notFound)
        #expect(fault { try root.volumes.remove("data") }?.message == "get data: no such volume")
        try root.volumes.remove("data", force: true)
        let anew = try root.create("data")
        #expect(!FileSystem.exists("\(anew.mountpoint)/deep"))
    }

    @Test func aVolumeInUseStays() throws {
        let root = try VolumeRoot()
        let one = Identifier.random().description, two = Identifier.random().description
        _ = try root.volumes.reserve([VolumeCreateRequest(name: "data")], for: one)
        _ = try root.volumes.reserve([VolumeCreateRequest(name: "data"), VolumeCreateRequest(name: "data")], for: two)
        let ids = [one, two].sorted().joined(separator: ", ")
        let error = fault { try root.volumes.remove("data", force: true) }
        #expect(error?.kind == .conflict)
        #expect(error?.message == "remove data: volume is in use - [\(ids)]")
        try root.volumes.release(container: one)
        try root.volumes.release(container: two)
        try root.volumes.remove("data")
    }

    @Test func aFailedCreationLeavesNothing() throws {
        struct Stop: Error {}
        let root = try VolumeRoot()
        let id = Identifier.random().description
        #expect(throws: Stop.self) {
            try root.volumes.reserve([VolumeCreateRequest(name: "data"), VolumeCreateRequest()], for: id) { _, volumes in
                #expect(volumes.count == 2)
                throw Stop()
            }
        }
        #expect(try root.volumes.list() == [])
        #expect(try root.directories.allSatisfy { $0.hasPrefix(".removed-") })
        try root.volumes.recover()
        #expect(try root.directories == [])
        #expect(fault { _ = try root.volumes.reserve([VolumeCreateRequest(name: "good"), VolumeCreateRequest(name: "b!")], for: id) } != nil)
        #expect(try root.volumes.list() == [])
    }

    @Test func releasingNamesTheAnonymousOnes() throws {
        let root = try VolumeRoot()
        let one = Identifier.random().description, two = Identifier.random().description
        let made = try root.volumes.reserve([VolumeCreateRequest(name: "data"), VolumeCreateRequest(), VolumeCreateRequest()], for: one)
        // As --volumes-from does it.
        _ = try root.volumes.reserve([VolumeCreateRequest(name: made[1].name)], for: two)
        let released = try root.database.transaction { t in try Volumes.release(container: one, in: t) }
        #expect(released == [made[2].name])
        try root.volumes.removeUnused(released + [made[1].name, "nothing"])
        #expect(try Set(root.volumes.list().map(\.name)) == [made[1].name, "data"])
        #expect(try root.directories.count == 2)
    }

    @Test func listsAreFiltered() throws {
        let root = try VolumeRoot()
        _ = try root.create("web-data", labels: ["tier": "web", "x": ""])
        _ = try root.create("db-data", labels: ["tier": "db"])
        _ = try root.volumes.reserve([VolumeCreateRequest(name: "used")], for: "c")
        func names(_ filters: [String: [String]]) throws -> [String] { try root.volumes.list(Filters(filters)).map(\.name) }
        #expect(try names([:]) == ["db-data", "used", "web-data"])
        #expect(try names(["name": ["data"]]) == ["db-data", "web-data"])
        #expect(try names(["label": ["tier"]]) == ["db-data", "web-data"])
        #expect(try names(["label": ["tier=web", "x"]]) == ["web-data"])
        #expect(try names(["dangling": ["true"]]) == ["db-data", "web-data"])
        #expect(try names(["dangling": ["0"]]) == ["used"])
        #expect(try names(["driver": ["nfs"]]) == [])
        #expect(fault { _ = try names(["color": ["red"]]) }?.message == "invalid filter 'color'")
        #expect(fault { _ = try names(["dangling": ["maybe"]]) }?.kind == .invalid)
    }

    @Test func pruningRemovesWhatNobodyUses() throws {
        let root = try VolumeRoot()
        let anonymous = try root.create("")
        try root.put("12345", at: "\(anonymous.mountpoint)/file")
        _ = try root.create("named", labels: ["keep": "yes"])
        _ = try root.create("other")
        _ = try root.volumes.reserve([VolumeCreateRequest()], for: "c")
        let report = try root.volumes.prune()
        #expect(report.volumesDeleted == [anonymous.name])
        #expect(report.spaceReclaimed == 5)
        #expect(try root.volumes.prune(Filters(["all": ["true"], "label!": ["keep=yes"]])).volumesDeleted == ["other"])
        #expect(try root.volumes.prune(Filters(["all": ["true"], "label": ["keep"]])).volumesDeleted == ["named"])
        #expect(try root.volumes.prune(Filters(["all": ["true"]])).volumesDeleted == [])
        #expect(try root.directories.count == 1)
        #expect(fault { _ = try root.volumes.prune(Filters(["until": ["1h"]])) }?.kind == .invalid)
    }

    @Test func usageCountsUsersAndBytes() throws {
        let root = try VolumeRoot()
        let volume = try root.volumes.reserve([VolumeCreateRequest(name: "data")], for: "c")[0]
        try root.put("12345", at: "\(volume.mountpoint)/a/file")
        let data = try FileDescriptor.open(volume.mountpoint, [.directory])
        try data.makeHardLink("again", to: "a/file", in: data)
        #expect(try root.volumes.usage().map(\.usageData) == [VolumeUsage(refCount: 1, size: 5)])
    }

    @Test func recoveryDeletesWhatNoRowNames() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try root.put("x", at: "\(volume.mountpoint)/file")
        try root.put("x", at: "\(root.paths.volumes)/lost/_data/file")
        try root.put("x", at: "\(root.paths.volumes)/.removed-1/_data/file")
        try root.volumes.recover()
        #expect(try root.directories == ["data"])
        #expect(try root.text("\(volume.mountpoint)/file") == "x")
        try root.put("x", at: "\(root.paths.volumes)/lost/_data/file")
        #expect(try FileDescriptor.open(try root.create("lost").mountpoint, [.directory]).entries() == [])
    }

    @Test func manyAtOnceGetTheSameVolume() async throws {
        let root = try VolumeRoot()
        let volumes = root.volumes
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask { try volumes.reserve([VolumeCreateRequest(name: "data"), VolumeCreateRequest()], for: "c")[0].name }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(names == ["data"])
        #expect(try volumes.list().count == 9)
    }
}
