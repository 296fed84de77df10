import Archive
import OCI
import Testing

@testable import RegistryServer

/// Manifests that would mean one thing to one reader and another to the next.
@Suite struct ManifestCheckTests {
    private static let descriptor =
        #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(String(repeating: "a", count: 64))","size":2}"#
    private static let image = #"{"schemaVersion":2,"config":\#(descriptor),"layers":[]}"#

    @Test func good() throws {
        let plain = try ManifestCheck.check(Array(Self.image.utf8), contentType: nil)
        #expect(plain.mediaType == MediaType.manifest && plain.references.count == 1 && plain.artifactType == MediaType.config)
        #expect(try ManifestCheck.check(Array(Self.image.utf8), contentType: "\(MediaType.dockerManifest); charset=utf-8").mediaType == MediaType.dockerManifest)
        let index = try ManifestCheck.check(Array(#"{"schemaVersion":2,"manifests":[]}"#.utf8), contentType: "application/json")
        #expect(index.mediaType == MediaType.index && index.artifactType == nil)
        // As Go's programs write lists without elements.
        let nothing = #"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":null}"#
        #expect(try ManifestCheck.check(Array(nothing.utf8), contentType: nil).references.count == 1)
        #expect(try ManifestCheck.check(Array(#"{"schemaVersion":2,"manifests":null}"#.utf8), contentType: nil).mediaType == MediaType.index)
    }

    @Test(arguments: [
        "", "[]", "nonsense", "{}", #"{"schemaVersion":1,"fsLayers":[]}"#, #"{"schemaVersion":2}"#,
        // An index to some, an image to others.
        #"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"manifests":[]}"#,
        #"{"schemaVersion":2,"mediaType":"\#(MediaType.index)","config":\#(descriptor),"layers":[]}"#,
        #"{"schemaVersion":2,"mediaType":"\#(MediaType.manifest)","manifests":[]}"#,
        #"{"schemaVersion":2,"manifests":[],"fsLayers":[]}"#,
        // The same name twice, or nearly.
        #"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"layers":[]}"#,
        #"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"Layers":[]}"#,
        #"{"schemaVersion":2,"mediaType":1,"config":\#(descriptor),"layers":[]}"#,
        #"{"schemaVersion":2,"mediaType":"text/plain","config":\#(descriptor),"layers":[]}"#,
        #"{"schemaVersion":2,"config":{"digest":"sha256:\#(String(repeating: "b", count: 64))",\#(descriptor.dropFirst()),"layers":[]}"#,
        #"{"schemaVersion":2,"config":\#(descriptor),"layers":[{"Digest":"sha256:\#(String(repeating: "b", count: 64))",\#(descriptor.dropFirst())]}"#,
        #"{"schemaVersion":2,"config":\#(descriptor)}"#,
        // What cannot be a digest or a size.
        #"{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:../../x","size":2},"layers":[]}"#,
        #"{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:\#(String(repeating: "a", count: 64))","size":-2},"layers":[]}"#,
        #"{"schemaVersion":2,"config":\#(descriptor),"layers":{}}"#,
    ]) func refused(text: String) {
        #expect { try ManifestCheck.check(Array(text.utf8), contentType: nil) } throws: { ($0 as? RegistryError)?.code == .manifestInvalid }
    }

    @Test func refusedByWhatTheClientCallsThem() {
        for type in [
            MediaType.index, "application/vnd.docker.distribution.manifest.v1+prettyjws", "application/vnd.docker.distribution.manifest.v1+json", "text/html",
        ] {
            #expect(throws: RegistryError.self) { try ManifestCheck.check(Array(Self.image.utf8), contentType: type) }
        }
    }

    @Test func hugeAndDeep() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: RegistryError.self) { try ManifestCheck.check(Array(#"{"schemaVersion":2,"config":\#(deep)"#.utf8), contentType: nil) }
        #expect(throws: RegistryError.self) { try ManifestCheck.check([UInt8](repeating: 32, count: ManifestCheck.sizeLimit + 1), contentType: nil) }
        let many = Array(repeating: Self.descriptor, count: 10_001).joined(separator: ",")
        #expect(throws: RegistryError.self) { try ManifestCheck.check(Array(#"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":[\#(many)]}"#.utf8), contentType: nil) }
    }
}
