import Diagnostics
import DockerAPI
import Testing

@testable import Containers

@Suite struct MountResolutionTests {
    private func resolve(binds: [String]? = nil, mounts: [Mount]? = nil) throws -> [ContainerMount] {
        var host = HostConfig()
        (host.binds, host.mounts) = (binds, mounts)
        return try MountResolution(host: host, imageVolumes: [], inherited: []).mounts
    }

    private func problem(binds: [String]? = nil, mounts: [Mount]? = nil) -> String {
        do { return "\(try resolve(binds: binds, mounts: mounts))" } catch { return (error as? Fault)?.message ?? "\(error)" }
    }

    @Test("-v in all its forms") func binds() throws {
        let found = try resolve(binds: ["/a:/b/../c:ro,rshared", "vol:/d", "vol:/e:nocopy"])
        #expect(found.map(\.destination) == ["/c", "/d", "/e"] && found.map(\.source) == ["/a", "", ""] && found.map(\.mode) == ["ro,rshared", "z", "nocopy"])
        #expect(found[0].readOnly && found[0].propagation == "rshared" && found[2].noCopy)
    }

    @Test("modes that contradict themselves", arguments: ["ro,rw", "ro,ro", "shared,slave", "z,Z", "what", "ro,"]) func modes(_ mode: String) {
        #expect(problem(binds: ["/a:/b:\(mode)"]) == "invalid mode: \(mode)")
    }

    @Test(
        "words for another kind of mount",
        arguments: [
            ("vol:/x:shared", "volume", "Bind"), ("/a:/x:nocopy", "bind", "Volume"),
        ])
    func strange(_ bind: String, _ type: String, _ field: String) {
        #expect(
            problem(binds: [bind]) == "invalid volume specification: '\(bind)': invalid mount config for type \"\(type)\": field \(field)Options must not be specified")
    }

    @Test(
        "what --mount cannot have",
        arguments: [
            (Mount(type: "x", target: "/a"), "mount type unknown"), (Mount(type: "volume"), "field Target must not be empty"),
            (Mount(type: "volume", target: "a"), "invalid mount path: 'a' mount path must be absolute"),
            (Mount(type: "volume", target: "/a/.."), "invalid specification: destination can't be '/'"),
            (Mount(type: "tmpfs", source: "a", target: "/a"), "field Source must not be specified"),
            (Mount(type: "tmpfs", target: "/a", tmpfsOptions: TmpfsOptions(options: [["suid"]])), "invalid option: suid"),
            (Mount(type: "tmpfs", target: "/a", volumeOptions: VolumeOptions()), "field VolumeOptions must not be specified"),
            (Mount(type: "volume", target: "/a", bindOptions: BindOptions()), "field BindOptions must not be specified"),
            (Mount(type: "volume", target: "/a", volumeOptions: VolumeOptions(subpath: "x")), "must not set Subpath when using anonymous volumes"),
            (Mount(type: "volume", source: "v", target: "/a", volumeOptions: VolumeOptions(subpath: "x/../../y")), "subpath must be a relative path within the volume"),
            (Mount(type: "image", source: "v", target: "/a", imageOptions: ImageOptions(subpath: "/y")), "subpath must be a relative path within the volume"),
            (Mount(type: "image", target: "/a"), "field Source must not be empty"), (Mount(type: "bind", target: "/a"), "field Source must not be empty"),
            (Mount(type: "bind", source: "/does/not/exist", target: "/a"), "bind source path does not exist: /does/not/exist"),
            (Mount(type: "bind", source: "/", target: "/a", bindOptions: BindOptions(propagation: "x")), "invalid propagation mode: x"),
        ])
    func refused(_ mount: Mount, _ text: String) {
        #expect(problem(mounts: [mount]) == "invalid mount config for type \"\(mount.type)\": \(text)")
    }
}
