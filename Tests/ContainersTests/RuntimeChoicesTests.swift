import Diagnostics
import DockerAPI
import Testing

@testable import Containers

@Suite struct RuntimeChoicesTests {
    private func problem(_ work: () throws -> Void) -> String? {
        do { try work() } catch { return (error as? Fault)?.message ?? "\(error)" }
        return nil
    }

    @Test("flags of the daemon: names, the default, and what is refused") func flags() throws {
        let choices = try RuntimeChoices(flags: ["fast=/opt/fast", "odd=a=b"], defaultName: "fast")
        #expect(choices.programs["odd"]?.path == "a=b")
        #expect(try choices.name("") == "fast" && choices.name("runc") == "runc")
        #expect(problem { _ = try choices.name("slow") } == "unknown or invalid runtime name: slow")
        #expect(problem { _ = try RuntimeChoices(flags: ["runc=/usr/sbin/runc"]) } == "runtime name 'runc' is reserved")
        for flag in ["fast", "=x", "fast="] { #expect(problem { _ = try RuntimeChoices(flags: [flag]) } == "invalid runtime argument: \(flag)") }
        #expect(RuntimeChoices.isOwn("") && RuntimeChoices.isOwn("io.containerd.runc.v2") && !RuntimeChoices.isOwn("fast"))
    }
}
