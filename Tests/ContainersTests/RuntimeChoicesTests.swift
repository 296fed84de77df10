import Diagnostics
import DockerAPI
import JSON
import Testing

@testable import Containers

@Suite struct RuntimeChoicesTests {
    private func problem(_ work: () throws -> Void) -> String? {
        do { try work() } catch { return (error as? Fault)?.message ?? "\(error)" }
        return nil
    }

    private func choices(_ settings: String) throws -> RuntimeChoices { try JSON.decode(RuntimeChoices.self, from: settings) }

    @Test("names, the default, and what is refused") func settings() throws {
        let choices = try choices(#"{"runtimes": {"fast": {"path": "/opt/fast"}, "odd": {"path": "a=b"}}, "default-runtime": "fast"}"#)
        #expect(choices.programs["odd"]?.path == "a=b")
        #expect(try choices.name("") == "fast" && choices.name("runc") == "runc")
        #expect(problem { _ = try choices.name("slow") } == "unknown or invalid runtime name: slow")
        #expect(problem { _ = try self.choices(#"{"runtimes": {"runc": {"path": "/usr/sbin/runc"}}}"#) } == "runtime name 'runc' is reserved")
        #expect(problem { _ = try self.choices(#"{"runtimes": {"x": {"path": ""}}}"#) } == "runtime x: either a runtimeType or a path must be configured")
        #expect(RuntimeChoices.isOwn("") && RuntimeChoices.isOwn("io.containerd.runc.v2") && !RuntimeChoices.isOwn("fast"))
    }
}
