import Diagnostics
import Images
import Linux
import OCI
import Testing

@Suite(.enabled(if: isRoot)) struct BootstrapTests {
    @Test(.enabled(if: FileSystem.exists("/bin/busybox"))) func busybox() throws {
        let fixture = try Fixture()
        let id = try fixture.images.bootstrap(name: "busybox")
        let image = try fixture.images.resolve("busybox")
        #expect(image.id == id)
        #expect(image.config.cmd == ["sh"])
        #expect(image.repoTags == ["busybox:latest"])
        let directories = fixture.images.layerDirectories(of: image)
        #expect(directories.count == 1)
        #expect(FileSystem.exists("\(directories[0])/bin/sh"))
        #expect(try FileSystem.status("\(directories[0])/tmp")?.permissions == 0o1777)
        #expect(try fixture.images.bootstrap(name: "busybox:again") == id)
        #expect(try fixture.images.resolve(id.short).repoTags == ["busybox:again", "busybox:latest"])
    }

    @Test func refusesWhatItCannotMake() throws {
        let fixture = try Fixture()
        for name in ["nginx", "debian", "debian:latest", "debian:--x", "Debian", "example.com/busybox"] {
            #expect(throws: Fault.self) { try fixture.images.bootstrap(name: name) }
        }
        #expect(throws: Fault.self) { try fixture.images.bootstrap(name: "busybox", include: ["bash"]) }
        #expect(throws: Fault.self) { try fixture.images.bootstrap(name: "debian:stable", include: ["-o", "x"]) }
    }

    /// Takes a minute and the archive that apt is configured with: `DAVIT_TEST_DEBIAN=1`.
    @Test(.enabled(if: Environment.value("DAVIT_TEST_DEBIAN") != nil)) func debian() throws {
        let fixture = try Fixture()
        var lines: [String] = []
        let suite = Environment.value("DAVIT_TEST_DEBIAN") ?? ""
        let id = try fixture.images.bootstrap(name: "debian:\(suite)") { lines.append($0) }
        print(lines.joined(separator: "\n"))
        let image = try fixture.images.resolve("debian:\(suite)")
        #expect(image.id == id)
        let root = fixture.images.layerDirectories(of: image)[0]
        #expect(FileSystem.exists("\(root)/usr/bin/bash"))
        #expect(!FileSystem.exists("\(root)/etc/resolv.conf"))
        print(id, image.size)
        if let keep = Environment.value("DAVIT_TEST_KEEP") { try FileSystem.rename(root, to: keep) }
    }
}
