import DockerAPI
import Linux
import Testing
import Values
import Volumes

@Suite struct PopulateTests {
    /// A directory with the kinds of files that need no root, in the root's directory.
    private func makeImage(_ root: VolumeRoot) throws -> FileDescriptor {
        let path = "\(root.paths.dataRoot)/image"
        try root.put("hello", at: "\(path)/dir/file")
        let directory = try FileDescriptor.open(path, [.directory])
        try directory.makeSymbolicLink("absolute", to: "/etc/passwd")
        try directory.makeSymbolicLink("dangling", to: "../../nothing")
        try directory.makeHardLink("link", to: "dir/file", in: directory)
        try directory.makeNode("fifo", mode: 0o010_640)
        try directory.changeMode("dir/file", to: 0o4711)
        try directory.setTimes(of: PathBytes("dir/file"), Timestamp(seconds: 1_000_000_000, nanoseconds: 5))
        try directory.setTimes(of: PathBytes("dir"), Timestamp(seconds: 900_000_000))
        let odd = try #require(PathBytes([0xff, 0x0a]))
        _ = try directory.open(odd, [.writeOnly, .create])
        try directory.changeMode(to: 0o1777)
        return directory
    }

    @Test func anEmptyVolumeGetsTheImagesContent() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        #expect(try root.volumes.populate(from: try makeImage(root), into: "data"))
        let data = try FileDescriptor.open(volume.mountpoint, [.directory])
        #expect(try data.sortedNames().map(\.bytes).last == [0xff, 0x0a])
        #expect(try data.sortedNames().count == 6)
        #expect(try root.text("\(volume.mountpoint)/link") == "hello")
        let file = try data.status(of: "dir/file")
        #expect(file.permissions == 0o4711)
        #expect(file.modified == Timestamp(seconds: 1_000_000_000, nanoseconds: 5))
        #expect(try data.status(of: "link").inode == file.inode)
        #expect(file.links == 2)
        #expect(try data.status(of: "dir").modified == Timestamp(seconds: 900_000_000))
        #expect(try data.readLink("absolute") == "/etc/passwd")
        #expect(try data.readLink("dangling") == "../../nothing")
        #expect(try data.status(of: "fifo").kind == .fifo)
        #expect(try data.status().permissions == 0o1777)
        #expect(try FileDescriptor.open("\(root.paths.volumes)/data", [.directory]).entries() == ["_data"])
    }

    @Test func aVolumeWithContentIsLeftAsItIs() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try root.put("mine", at: "\(volume.mountpoint)/file")
        #expect(try !root.volumes.populate(from: try makeImage(root), into: "data"))
        #expect(try FileDescriptor.open(volume.mountpoint, [.directory]).entries() == ["file"])
    }

    @Test func holesStayHoles() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try FileSystem.makeDirectories("\(root.paths.dataRoot)/image")
        let directory = try FileDescriptor.open("\(root.paths.dataRoot)/image", [.directory])
        let file = try directory.open("sparse", [.readWrite, .create])
        try file.setSize(1 << 30)
        try file.writeAll(Array("begin".utf8))
        #expect(try root.volumes.populate(from: directory, into: "data"))
        let copy = try #require(try FileSystem.status("\(volume.mountpoint)/sparse"))
        #expect(copy.size == 1 << 30)
        #expect(copy.blocks < 1000)
        #expect(try FileDescriptor.open("\(volume.mountpoint)/sparse").read(upTo: 6) == Array("begin".utf8) + [0])
    }

    @Test func aCopyThatWasCutOffIsBegunAnew() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try root.put("half", at: "\(root.paths.volumes)/data/_copying/file")
        #expect(try root.volumes.populate(from: try makeImage(root), into: "data"))
        #expect(!FileSystem.exists("\(volume.mountpoint)/file"))
        #expect(try FileDescriptor.open(volume.mountpoint, [.directory]).entries().count == 6)
    }

    @Test func aCopyThatWasFinishedIsMovedIn() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try root.put("one", at: "\(volume.mountpoint)/one")
        try root.put("two", at: "\(root.paths.volumes)/data/_copied/two")
        try root.volumes.recover()
        #expect(try root.text("\(volume.mountpoint)/two") == "two")
        #expect(try FileDescriptor.open("\(root.paths.volumes)/data", [.directory]).entries() == ["_data"])
    }

    @Test func aDeepTreeIsRefusedAndLeavesTheVolumeEmpty() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        try FileSystem.makeDirectories("\(root.paths.dataRoot)/image")
        var directory = try FileDescriptor.open("\(root.paths.dataRoot)/image", [.directory])
        for _ in 0...FileDescriptor.copyDepthLimit {
            try directory.makeDirectory("d")
            directory = try directory.open("d", [.directory])
        }
        let image = try FileDescriptor.open("\(root.paths.dataRoot)/image", [.directory])
        #expect(fault { try root.volumes.populate(from: image, into: "data") } != nil)
        #expect(try FileDescriptor.open("\(root.paths.volumes)/data", [.directory]).entries() == ["_data"])
        #expect(try FileDescriptor.open(volume.mountpoint, [.directory]).entries() == [])
    }

    @Test func aDeviceVolumeIsNotFilled() throws {
        let root = try VolumeRoot()
        _ = try root.volumes.create(VolumeCreateRequest(driverOpts: ["type": "tmpfs", "device": "tmpfs"], name: "memory"))
        #expect(try !root.volumes.populate(from: try makeImage(root), into: "memory"))
    }

    @Test(.enabled(if: Credentials.effectiveUser == 0, "needs root: other users' files, devices and trusted attributes"))
    func ownersDevicesAndAttributesAreKept() throws {
        let root = try VolumeRoot()
        let volume = try root.create("data")
        let image = try makeImage(root)
        try image.changeOwner("dir/file", user: 1234, group: 5678)
        try image.changeMode("dir/file", to: 0o6755)
        try image.changeOwner("absolute", user: 77, group: 88)
        try image.makeNode("null", mode: 0o020_666, device: DeviceNumber(major: 1, minor: 3))
        try image.changeOwner(user: 99, group: 99)
        try image.setExtendedAttribute(PathBytes("user.note"), to: [1, 2, 3], of: PathBytes("dir"))
        try image.setExtendedAttribute(PathBytes("trusted.overlay.opaque"), to: [121], of: PathBytes("dir"))
        #expect(try root.volumes.populate(from: image, into: "data"))
        let data = try FileDescriptor.open(volume.mountpoint, [.directory])
        let file = try data.status(of: "dir/file")
        #expect(file.user == 1234 && file.group == 5678 && file.permissions == 0o6755)
        #expect(try data.status(of: "absolute").user == 77)
        #expect(try data.status(of: "null").deviceNumber == DeviceNumber(major: 1, minor: 3))
        #expect(try data.status().user == 99)
        #expect(try data.extendedAttribute(PathBytes("user.note"), of: PathBytes("dir")) == [1, 2, 3])
        #expect(try data.extendedAttribute(PathBytes("trusted.overlay.opaque"), of: PathBytes("dir")) == nil)
    }
}
