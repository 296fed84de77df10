import Builder
import DockerAPI
import Protobuf
import Testing

@testable import BuildKitAPI

@Suite("what clients ask of the frontend") struct FrontendOptionsTests {
    @Test("a result goes through a client as a definition, and nothing else is taken for one") func results() throws {
        let definition = Definition(result: "abc")
        #expect(try Definition(protobuf: definition.protobuf()).result == "abc")
        #expect(definition.metadata.count == 1)
        #expect(Definition().result == nil)
        for bytes in [[[1], [2]], [[], []], [definition.operations[0]]] as [[[UInt8]]] {
            var other = Definition()
            other.operations = bytes
            #expect(other.result == nil)
        }
    }

    @Test("options of the frontend that make no sense are errors") func options() throws {
        for options in [["shm-size": "x"], ["ulimit": "a=b"], ["ulimit": "=1"], ["platform": "a/b/c/d"], ["context:a": "target:x"], ["cache-imports": "x"]] {
            #expect(throws: (any Error).self, "\(options)") { try FrontendOptions(options).request(entitlements: []) }
        }
        let request = try FrontendOptions(["add-hosts": "a=1.2.3.4,b=::1", "ulimit": "nofile=1:2,nproc=3", "no-cache": "x,y", "build-arg:A": "", "context:n": "input:t"]).request(
            entitlements: [])
        #expect(request.extraHosts == ["a:1.2.3.4", "b:::1"])
        #expect(request.resources.ulimits?.map(\.hard) == [2, 3])
        let forms = try FrontendOptions(["context:A": "docker-image:b", "context:c": "oci-layout:d@e", "hostname": "h", "contextsubdir": "s", "attest:provenance": "mode=min"]).request(entitlements: [])
        #expect(forms.inputs.contexts == ["a": "docker-image://b", "c": "oci-layout://d@e"] && forms.hostname == "h" && forms.subdirectory == "s")
        #expect(forms.attestations.provenance == ["mode": "min"])
        #expect(try FrontendOptions(["attest:provenance": "mode=min,inline-only=true"]).request(entitlements: []).attestations.provenance == nil)
        #expect(request.inputs.uncached == ["x", "y"] && !request.ignoresCache)
        #expect(request.arguments == ["A": ""])
        #expect(request.inputs.contexts.isEmpty)
        let many = try FrontendOptions([
            "platform": "linux/amd64,linux/arm/v7", "requestid": "frontend.lint", "context:B": "oci-layout://x@sha256:1", "cache-from": "a/b",
        ]).request(entitlements: [])
        #expect(many.platforms.map { "\($0)" } == ["linux/amd64", "linux/arm/v7"] && many.inputs.question == "lint")
        #expect(many.inputs.contexts == ["b": "oci-layout://x@sha256:1"] && many.cacheImports.map(\.attributes) == [["ref": "a/b"]])
    }
}
