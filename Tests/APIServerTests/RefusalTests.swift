import HTTP
import Testing

/// What cannot work is refused before anything is looked for, in Docker's words.
@Suite struct RefusalTests {
    let fixture: APITests.Fixture

    init() throws { fixture = try APITests.Fixture() }

    @Test(
        "create",
        arguments: [
            (#"{}"#, "config cannot be empty in order to create a container"), (#"{"Image":"a","Env":[""]}"#, "invalid environment variable: "),
            (#"{"Image":"a","HostConfig":{"CpuShares":-1}}"#, "invalid CPU shares (-1): value must be a positive integer"),
            (#"{"Image":"a","HostConfig":{"Annotations":{"":"x"}}}"#, "invalid Annotations: the empty string is not permitted as an annotation key"),
            (#"{"Image":"a","HostConfig":{"Isolation":"x"}}"#, "invalid isolation 'x' on linux"),
            (#"{"Image":"a","HostConfig":{"CapAdd":["X"]}}"#, #"invalid CapAdd: unknown capability: "CAP_X""#),
            (#"{"Image":"a","HostConfig":{"LogConfig":{"Type":"x"}}}"#, #"error looking up logging plugin x: plugin "x" not found"#),
            (#"{"Image":"a","HostConfig":{"NanoCpus":1000000,"CpuQuota":5000}}"#, "Conflicting options: Nano CPUs and CPU Quota cannot both be set"),
            (#"{"Image":"a","HostConfig":{"PidMode":"container:x"}}"#, "No such container: x"),
            (#"{"Image":"a","HostConfig":{"CpusetCpus":"1-42,,"}}"#, "Invalid value 1-42,, for cpuset cpus"),
            (#"{"Image":"a","HostConfig":{"CpusetMems":"42-3"}}"#, "Invalid value 42-3 for cpuset mems"),
        ])
    func create(_ body: String, _ message: String) async throws {
        let answer = try await fixture.answer(.post, "/containers/create", headers: APITests.json, body: body)
        #expect(answer.status == 400 && answer.text == "{\"message\":\(quoted(message))}\n", "\(answer)")
    }

    @Test("several networks came with API 1.44") func endpoints() async throws {
        let body = #"{"Image":"a","NetworkingConfig":{"EndpointsConfig":{"b":{},"a":{}}}}"#
        let answer = try await fixture.answer(.post, "/v1.43/containers/create", headers: APITests.json, body: body)
        #expect(answer.status == 400 && answer.text.contains("Container cannot be created with multiple network endpoints: a, b"))
    }

    @Test("bodies that are no JSON", arguments: ["/containers/create", "/commit", "/containers/a/exec", "/containers/a/update", "/volumes/create"])
    func bodies(_ path: String) async throws {
        for (body, message) in [
            ("{invalid", "invalid JSON: invalid character 'i' looking for beginning of object key string"), ("{} x", "invalid JSON: unexpected content after JSON"),
            ("{\"a\" 1}", "invalid JSON: invalid character '1' after object key"), ("{\"a\":[1", "invalid JSON: unexpected EOF"),
        ] {
            let answer = try await fixture.answer(.post, path, headers: APITests.json, body: body)
            #expect(answer.status == 400 && answer.text == "{\"message\":\(quoted(message))}\n", "\(answer)")
        }
    }

    @Test(
        "sizes and keys",
        arguments: [
            ("/exec/a/resize", ["h": "-1", "w": "1"], #"invalid resize height "-1": value out of range"#),
            ("/exec/a/resize", ["h": "1", "w": "4294967296"], #"invalid resize width "4294967296": value out of range"#),
            ("/containers/a/resize", ["h": "x", "w": "1"], #"invalid resize height "x": invalid syntax"#),
            ("/containers/a/attach", ["detachKeys": "ctrl-A,a"], "Invalid detach keys (ctrl-A,a) provided"),
        ] as [(String, Query, String)])
    func parameters(_ path: String, _ query: Query, _ message: String) async throws {
        let answer = try await fixture.answer(.post, path, query)
        #expect(answer.status == 400 && answer.text == "{\"message\":\(quoted(message))}\n", "\(answer)")
    }

    private func quoted(_ text: String) -> String { "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\""))\"" }
}
