import Builder
import DockerAPI
import Protobuf
import Testing

@testable import BuildKitAPI

/// Of `pb.Op` what a source and a copy are.
private struct Operation: ProtobufMessage {
    struct Source: ProtobufMessage {
        var identifier = ""
        var attributes: [String: String] = [:]

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &identifier)
            try f(2, &attributes)
        }
    }

    struct Copy: ProtobufMessage {
        var from = "", to = "", takesContents = true

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &from)
            try f(2, &to)
            try f(6, &takesContents)
        }
    }

    struct File: ProtobufMessage {
        struct Action: ProtobufMessage {
            var copy: Copy?

            mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(4, &copy) }
        }

        var actions: [Action] = []

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(2, &actions) }
    }

    var source: Source?
    var file: File?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(3, &source)
        try f(4, &file)
    }
}

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

    @Test(
        "a definition that only says where files are from is an address",
        arguments: [
            ("git://a/b.git#v1", ["git.fullurl": "https://a/b.git"], nil, "https://a/b.git#v1"), ("https://a/b", [:], nil, "https://a/b"),
            ("git://a/b.git", ["git.fullurl": "https://a/b.git"], "/sub", "https://a/b.git#:sub"), ("git://a/b#v1:x", [:], "sub", nil), ("local://context", [:], nil, nil),
            ("docker-image://a", [:], nil, nil), ("", [:], nil, nil),
        ] as [(String, [String: String], String?, String?)]) func address(_ identifier: String, _ attributes: [String: String], _ directory: String?, _ address: String?)
    {
        var source = Operation(), copy = Operation(), definition = Definition()
        source.source = Operation.Source(identifier: identifier, attributes: attributes)
        copy.file = Operation.File(actions: directory.map { [Operation.File.Action(copy: Operation.Copy(from: $0, to: "/"))] } ?? [])
        definition.operations = [source.protobuf()] + (directory == nil ? [] : [copy.protobuf()]) + [Operation().protobuf()]
        #expect(definition.address == address)
    }

    @Test("options of the frontend that make no sense are errors") func options() throws {
        for options in [["attest:sbom": "="], ["shm-size": "x"], ["ulimit": "a=b"], ["ulimit": "=1"], ["platform": "a/b/c/d"], ["context:a": "target:x"], ["cache-imports": "x"]] {
            #expect(throws: (any Error).self, "\(options)") { try FrontendOptions(options).request(entitlements: []) }
        }
        let request = try FrontendOptions(["add-hosts": "a=1.2.3.4,b=::1", "ulimit": "nofile=1:2,nproc=3", "no-cache": "x,y", "build-arg:A": "", "context:n": "input:t"]).request(
            entitlements: [])
        #expect(request.extraHosts == ["a:1.2.3.4", "b:::1"])
        #expect(request.resources.ulimits?.map(\.hard) == [2, 3])
        let forms = try FrontendOptions(["context:A": "docker-image:b", "context:c": "oci-layout:d@e", "hostname": "h", "contextsubdir": "s", "attest:provenance": "mode=min"])
            .request(entitlements: [])
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
