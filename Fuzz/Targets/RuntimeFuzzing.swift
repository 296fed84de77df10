import Cgroups
import JSON
import OCI
import RuntimeCLI
import Seccomp

/// `config.json` of an OCI bundle, which may come with somebody's image or from a program that was talked into something.
enum RuntimeFuzzing {
    /// What is understood is written as what is understood the same; a filter that it has compiles or is refused.
    static func configuration(_ input: [UInt8]) throws {
        let spec = try RuntimeProgram.read(configuration: input)
        let text = try JSONValue(encoding: spec).compact as [UInt8]
        let again = try JSONValue(encoding: try RuntimeProgram.read(configuration: text)).compact as [UInt8]
        precondition(again == text, "another specification")
        if let path = spec.linux?.cgroupsPath { _ = try Cgroup(path: path) }
        if let seccomp = spec.linux?.seccomp { _ = try SeccompFilter.compile(profile: .oci(seccomp), capabilities: [], host: .current()) }
    }
}
