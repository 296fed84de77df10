import Archive
import JSON
import Linux
import TLS
import Testing

@testable import CLI

@Suite struct ContextTests {
    // MARK: Which one

    @Test("the flag, then hosts, then variables, then the configuration") func precedence() throws {
        func name(_ choice: ContextChoice, _ configured: String? = "file") throws -> String { try choice.name { configured } }
        #expect(try name(ContextChoice()) == "file")
        #expect(try name(ContextChoice(), nil) == "default")
        #expect(try name(ContextChoice(contextVariable: "variable")) == "variable")
        #expect(try name(ContextChoice(engineVariable: "", contextVariable: "")) == "file")
        #expect(try name(ContextChoice(engineVariable: "unix:///x", contextVariable: "variable")) == "default")
        #expect(try name(ContextChoice(hasHosts: true, contextVariable: "variable")) == "default")
        #expect(try name(ContextChoice(flag: "flag", engineVariable: "unix:///x", contextVariable: "variable")) == "flag")
        let conflict = #expect(throws: Exit.self) { try name(ContextChoice(flag: "flag", hasHosts: true)) }
        #expect(conflict?.message == "conflicting options: cannot specify both --host and --context" && conflict?.code == 1)
    }

    @Test("names that Docker takes, and others") func names() throws {
        for name in ["ab", "my-context", "a.b_c+d-e", "0x"] { try EngineContext.check(name) }
        func problem(_ name: String) -> String? { #expect(throws: Invalid.self) { try EngineContext.check(name) }?.description }
        #expect(problem("") == "context name cannot be empty")
        #expect(problem("default") == "\"default\" is a reserved context name")
        for name in ["a", "a/b", "../x", ".ab", "a b", "ab\n", "äb"] { #expect(problem(name)?.contains("is invalid, names are validated against regexp") == true) }
    }

    // MARK: meta.json

    @Test("written as Docker writes it") func writing() throws {
        var context = EngineContext(name: "one", description: "a <b> & c", endpoint: EngineContext.Endpoint(host: "unix:///tmp/x.sock"))
        let text = #"{"Name":"one","Metadata":{"Description":"a \u003cb\u003e \u0026 c"},"Endpoints":{"docker":{"Host":"unix:///tmp/x.sock","SkipTLSVerify":false}}}"#
        #expect(String(decoding: context.bytes, as: UTF8.self) == text)
        #expect(try EngineContext(parsing: context.bytes) == context)
        (context.description, context.endpoint) = ("", EngineContext.Endpoint(skipsVerification: true))
        #expect(String(decoding: context.bytes, as: UTF8.self) == #"{"Name":"one","Metadata":{},"Endpoints":{"docker":{"SkipTLSVerify":true}}}"#)
        context.endpoint = nil
        #expect(String(decoding: context.bytes, as: UTF8.self) == #"{"Name":"one","Metadata":{}}"#)
    }

    @Test("what other programs keep in it stays") func others() throws {
        let text = #"{"Endpoints":{"kubernetes":{"b":1,"a":[{"d":2,"c":3}]},"docker":{"host":"tcp://h"}},"name":"n1","Metadata":{"z":true,"Description":"d","Otel":{}}}"#
        let context = try EngineContext(parsing: Array(text.utf8))
        #expect(context.name == "n1" && context.description == "d" && context.endpoint?.host == "tcp://h")
        let expected =
            #"{"Name":"n1","Metadata":{"Description":"d","Otel":{},"z":true},"Endpoints":{"docker":{"Host":"tcp://h","SkipTLSVerify":false},"kubernetes":{"a":[{"c":3,"d":2}],"b":1}}}"#
        #expect(String(decoding: context.bytes, as: UTF8.self) == expected)
    }

    @Test(
        "files that are none are refused",
        arguments: [
            "", "[]", "7", #"{"Name":1}"#, #"{"Metadata":[]}"#, #"{"Metadata":{"Description":3}}"#, #"{"Endpoints":{"docker":"x"}}"#,
            #"{"Endpoints":{"docker":{"Host":{}}}}"#, #"{"Endpoints":{"docker":{"SkipTLSVerify":"no"}}}"#, #"{"Name":"zz""#,
            #"{"Metadata":"# + String(repeating: "[", count: 100_000),
        ])
    func malformed(_ text: String) { #expect(throws: (any Error).self) { try EngineContext(parsing: Array(text.utf8)) } }

    // MARK: The store

    /// A store of its own, removed at the end.
    private func withStore(_ body: (ContextStore, String) throws -> Void) throws {
        let directory = "/tmp/davit-contexts-\(UInt32.random(in: 0 ... .max))"
        defer {
            // What is left of it is below /tmp.
            try? FileSystem.removeTree(directory)
        }
        try body(ContextStore(configuration: directory), directory)
    }

    @Test("a context lies where Docker looks for it, with its keys for nobody else") func storing() throws {
        try withStore { store, directory in
            #expect(try store.all().isEmpty)
            let missing = #expect(throws: Invalid.self) { try store.context("nope") }
            let path = "\(directory)/contexts/meta/ca3704aa0b06f5954c79ee837faa152d84d6b2d42838f0637a15eda8337dbdce/meta.json"
            #expect(missing?.description == "context \"nope\": context not found: open \(path): no such file or directory")
            let context = EngineContext(name: "nope", endpoint: EngineContext.Endpoint(host: "tcp://h"))
            try store.write(context, ["docker": ["ca.pem": [1], "key.pem": [2]]])
            #expect(try FileSystem.read(path) == context.bytes)
            let key = "\(directory)/contexts/tls/ca3704aa0b06f5954c79ee837faa152d84d6b2d42838f0637a15eda8337dbdce/docker/key.pem"
            #expect(try FileSystem.status(key)?.permissions == 0o600)
            #expect(try store.context("nope") == context && store.all() == [context])
            try store.write(context, nil)
            #expect(try store.material("nope") == ["docker": ["ca.pem": [1], "key.pem": [2]]])
            try store.write(context, ["docker": ["ca.pem": [3]]])
            #expect(try store.material("nope") == ["docker": ["ca.pem": [3]]])
            try FileSystem.replace(path, with: Array("{".utf8))
            #expect(throws: Invalid.self) { try store.context("nope") }
            try store.remove("nope")
            #expect(try store.all().isEmpty && store.material("nope").isEmpty)
            try store.remove("nope")
        }
    }

    // MARK: Archives

    private func archive(_ files: [(String, String)]) throws -> [UInt8] {
        let sink = MemorySink(), writer = TarWriter(sink)
        for (path, text) in files { try writer.append(TarEntry(path), data: Array(text.utf8)) }
        try writer.finish()
        return sink.bytes
    }

    @Test("an archive has it all, under whichever name it is read") func archives() throws {
        let context = EngineContext(name: "one", endpoint: EngineContext.Endpoint(host: "tcp://h"))
        let bytes = try ContextArchive(context, ["docker": ["ca.pem": [1, 2]]]).bytes()
        let read = try ContextArchive(parsing: bytes, name: "two")
        #expect(read.context.name == "two" && read.context.endpoint == context.endpoint && read.material == ["docker": ["ca.pem": [1, 2]]])
    }

    @Test(
        "archives with anything else are refused in Docker's words",
        arguments: [
            ("x", "x: unexpected context file"), ("../meta.json", "../meta.json: unexpected context file"), ("tls/a", "archive format is invalid"),
            ("tls/../x", "tls/../x: unexpected path format"), ("tls//x", "tls//x: unexpected path format"), ("tls/a/b/c", "archive format is invalid"),
            (#"tls/a\b/c"#, #"tls/a\b/c: unexpected '\' in path"#), ("/etc/passwd", "/etc/passwd: unexpected context file"),
        ])
    func hostileArchives(_ path: String, _ problem: String) throws {
        let bytes = try archive([("meta.json", "{}"), (path, "text")])
        #expect(#expect(throws: Invalid.self) { try ContextArchive(parsing: bytes, name: "two") }?.description == problem)
    }

    @Test("archives that are none, or too much") func noArchives() throws {
        for bytes in [[], try archive([("tls/docker/ca.pem", "x")])] {
            #expect(#expect(throws: Invalid.self) { try ContextArchive(parsing: bytes, name: "two") }?.description == "invalid context: no metadata found")
        }
        #expect(throws: (any Error).self) { try ContextArchive(parsing: Array("hi\n".utf8), name: "two") }
        #expect(throws: Invalid.self) { try ContextArchive(parsing: Array("PK\u{3}\u{4}".utf8), name: "two") }
        let many = try archive((0..<200).map { ("tls/docker/\($0)", "x") } + [("meta.json", "{}")])
        #expect(throws: Invalid.self) { try ContextArchive(parsing: many, name: "two") }
    }

    // MARK: Endpoints

    @Test("--docker as pflag reads it") func pairs() throws {
        func pairs(_ text: String) throws -> [String] { try DockerEndpoint.pairs(text).map { "\($0.0)|\($0.1)" } }
        #expect(try pairs("host=unix:///a") == ["host|unix:///a"])
        #expect(try pairs("a=b,c") == ["a|b,c"])
        #expect(try pairs(#""host=unix:///a,b",skip-tls-verify=1"#) == ["host|unix:///a,b", "skip-tls-verify|1"])
        #expect(#expect(throws: Invalid.self) { try pairs("foo") }?.description == "foo must be formatted as key=value")
        #expect(#expect(throws: Invalid.self) { try pairs("") }?.description == " must be formatted as key=value")
    }

    @Test("files of a context are what TLS is spoken with") func keys() throws {
        #expect(!ContextTLS(material: [:], skipsVerification: false).isUsed)
        let open = ContextTLS(material: [:], skipsVerification: true)
        #expect(try open.isUsed && !open.client().verifies)
        func problem(_ material: ContextStore.Material) -> String? {
            #expect(throws: Invalid.self) { try ContextTLS(material: material, skipsVerification: false).check() }?.description
        }
        #expect(problem(["ca.pem": Array("root:x".utf8)]) == "failed to retrieve context tls info: ca.pem seems invalid")
        #expect(problem(["cert.pem": [], "key.pem": Array("root:x".utf8)]) == "no valid private key found")
    }
}
