import DockerAPI
import Images
import Linux
import OCI
import Testing

/// Archives to and from the skopeo of the machine, when there is one.
@Suite(.enabled(if: isRoot && FileSystem.exists("/usr/bin/skopeo"))) struct OutsideTests {
    private func skopeo(_ arguments: [String]) throws -> CInt {
        let null = try FileDescriptor.open("/dev/null", [.readWrite])
        var program = Spawn("/usr/bin/skopeo", ["skopeo", "--insecure-policy"] + arguments)
        program.give(null, as: 0)
        program.give(null, as: 1)
        guard case .exited(let code) = try program.start().wait() else { return -1 }
        return code
    }

    @Test func skopeoReadsAndWrites() throws {
        let fixture = try Fixture()
        let id = try fixture.image("text", "outside/x:1", changes: ["CMD [\"x\"]", "ENV A=b"])
        let saved = "\(fixture.path)/saved.tar"
        try fixture.images.save(["outside/x:1"], to: try FileDescriptor.open(saved, [.writeOnly, .create]))
        for (from, to) in [("docker-archive", "docker-archive"), ("oci-archive", "oci-archive"), ("docker-archive", "oci-archive")] {
            let copy = "\(fixture.path)/copy.tar"
            try FileSystem.removeFile(copy)
            #expect(try skopeo(["copy", "\(from):\(saved)", "\(to):\(copy):outside/y:2"]) == 0, "\(from) to \(to)")
            let other = try Fixture()
            try other.images.load(from: FileDescriptor.open(copy))
            let image = try #require(try other.images.list().first)
            #expect(image.size == 4)
            #expect(try other.images.resolve(image.id).config.cmd == ["x"])
            if from == to { #expect(image.id == id.description) }
        }
    }
}
