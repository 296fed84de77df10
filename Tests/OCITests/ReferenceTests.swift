import OCI
import Testing

@Suite struct ReferenceTests {
    @Test(arguments: [
        ("ubuntu", "docker.io/library/ubuntu", "ubuntu"),
        ("ubuntu:22.04", "docker.io/library/ubuntu:22.04", "ubuntu:22.04"),
        ("bitnami/redis", "docker.io/bitnami/redis", "bitnami/redis"),
        ("docker.io/ubuntu", "docker.io/library/ubuntu", "ubuntu"),
        ("index.docker.io/library/ubuntu:x", "docker.io/library/ubuntu:x", "ubuntu:x"),
        ("docker.io/library/a/b", "docker.io/library/a/b", "library/a/b"),
        ("localhost/x", "localhost/x", "localhost/x"),
        ("localhost:5000/a/b:t", "localhost:5000/a/b:t", "localhost:5000/a/b:t"),
        ("[::1]:5000/a", "[::1]:5000/a", "[::1]:5000/a"),
        ("Host/x", "Host/x", "Host/x"),
        ("quay.example/ns/repo__x.y--z:v1.0_a-b", "quay.example/ns/repo__x.y--z:v1.0_a-b", "quay.example/ns/repo__x.y--z:v1.0_a-b"),
        ("a:1/b", "a:1/b", "a:1/b"),
        // Short, these would be another registry's, or an id.
        ("docker.io/localhost/x", "docker.io/localhost/x", "docker.io/localhost/x"),
        ("docker.io/a.b/c", "docker.io/a.b/c", "docker.io/a.b/c"),
        ("docker.io/docker.io/x", "docker.io/docker.io/x", "docker.io/docker.io/x"),
        (
            "docker.io/library/\(String(repeating: "0", count: 64))", "docker.io/library/\(String(repeating: "0", count: 64))",
            "docker.io/library/\(String(repeating: "0", count: 64))"
        ),
    ]) func forms(text: String, full: String, familiar: String) throws {
        let reference = try Reference(text)
        #expect(reference.description == full)
        #expect(reference.familiar == familiar)
        #expect(try Reference(full) == reference)
        #expect(try Reference(familiar) == reference)
    }

    @Test func digestPins() throws {
        let hex = String(repeating: "ab", count: 32)
        let reference = try Reference("ubuntu:20.04@sha256:\(hex)")
        #expect(reference.tag == "20.04")
        #expect(reference.digest == Digest(sha256: hex))
        #expect(reference.withDefaultTag == reference)
        #expect(reference.familiar == "ubuntu:20.04@sha256:\(hex)")
        #expect(try Reference("ubuntu").withDefaultTag.familiar == "ubuntu:latest")
    }

    // E17, E18: a digest of 40 digits is no reference.
    @Test(arguments: [
        "", ":", "@", "/", "a//b", "a/", "/a", "a:", "a: b", "-a", "a-", "a..b", "a___b", "a._b", "a b", "é", "a:-x", "a@", "a@b", "localhost:x/a",
        "a.b:/c", "[::g]/a", "[::1/a", "a\u{0}b", "ubuntu@sha256:abea36737d1d5d1f1ee3d5e21a2a4d21cb7f864b", "ubuntu@md5:d41d8cd98f00b204e9800998ecf8427e",
        "a:\(String(repeating: "t", count: 129))", "a@sha256:\(String(repeating: "AB", count: 32))",
    ]) func refused(text: String) { #expect(throws: ReferenceError.format) { try Reference(text) } }

    @Test func wordsOfErrors() {
        #expect(throws: ReferenceError.upperCase("library/Ubuntu")) { try Reference("docker.io/library/Ubuntu") }
        #expect(throws: ReferenceError.upperCase("library/Ubuntu")) { try Reference("Ubuntu:x") }
        #expect(ReferenceError.upperCase("Ubuntu").description == "invalid reference format: repository name (Ubuntu) must be lowercase")
        #expect(throws: ReferenceError.tooLong) { try Reference(String(repeating: "a", count: 250)) }
        #expect(throws: ReferenceError.tooLong) { try Reference(String(repeating: "a", count: 1 << 20)) }
        let id = String(repeating: "0", count: 64)
        #expect(throws: ReferenceError.looksLikeID(id)) { try Reference(id) }
    }

    @Test func digests() {
        #expect(Digest("sha256:" + String(repeating: "0", count: 64))?.short == "000000000000")
        for text in ["", "sha256", "sha256:", "sha256:00", ":00", "sha256:" + String(repeating: "A", count: 64), "sha1:" + String(repeating: "0", count: 40)] {
            #expect(Digest(text) == nil)
        }
    }

    @Test(arguments: [
        ("linux/x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("linux/arm64/v8", "linux/arm64"), ("linux/armhf", "linux/arm/v7"),
        ("Linux/ARM/6", "linux/arm/v6"), ("i386", "linux/386"), ("windows/amd64", "windows/amd64"),
    ]) func platforms(text: String, normal: String) throws { #expect(try Platform(text).description == normal) }

    @Test(arguments: ["", "/", "linux/", "a/b/c/d", "nonsense", "linux/a b"]) func noPlatform(text: String) {
        #expect(throws: PlatformError.self) { try Platform(text) }
        #expect { try Platform(" ") } throws: { "\($0)".hasPrefix(#"" " is an invalid OS component of " ": OSAndVersion specifier component must match "^("#) }
    }

    @Test func platformsThatServe() throws {
        #expect(try Platform("linux/arm/v6").satisfies(Platform("linux/arm/v7")))
        #expect(try !Platform("linux/arm/v7").satisfies(Platform("linux/arm/v6")))
        #expect(try !Platform("linux/amd64").satisfies(Platform("linux/arm64")))
    }
}
