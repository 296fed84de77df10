import CSeccomp
import OCI
import Testing

@testable import Seccomp

/// Our programs do what libseccomp's would, and what profiles say, whatever is called with whatever arguments.
@Suite struct EquivalenceTests {
    private let host: SeccompHost

    init() throws { host = try SeccompHost(architecture: .x86_64, release: "6.1.0") }

    @Test(arguments: [
        Kernel.dockerCapabilities, [], ["CAP_SYS_ADMIN"], ["CAP_SYS_PTRACE", "CAP_SYSLOG", "CAP_BPF"],
        ["CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_MODULE", "CAP_SYS_TIME", "CAP_SYS_NICE", "CAP_SYS_RAWIO", "CAP_PERFMON"],
    ])
    func dockersProfile(capabilities: [String]) throws {
        var filter = try #require(try SeccompProfile.default.resolved(capabilities: capabilities, host: host))
        filter.syscalls = filter.syscalls?.map { call in
            var call = call
            call.names = call.names.filter { RecentCalls.number($0, .x86_64) == nil && seccomp_syscall_resolve_name($0) != -1 }
            return call
        }
        try compareWithLibrary(filter)
    }

    /// But not those where libseccomp 2.5.4 merges several rules of a call in such a way that it takes some arguments for others.
    @Test(arguments: 0..<20) func profilesForTheLibrary(seed: Int) throws {
        var dice = Dice(seed: seed)
        try compareWithLibrary(dice.filter(severalRules: .ofOneOperator))
    }

    @Test(arguments: 20..<40) func profilesAsTheyRead(seed: Int) throws {
        var dice = Dice(seed: seed)
        let filter = dice.filter(severalRules: .any)
        let reading = try PlainReading(filter)
        try compare(filter) { reading.verdict($0, $1, architecture: $2) }
    }

    private func compareWithLibrary(_ filter: LinuxSeccomp) throws {
        let library = try LibraryFilter(filter)
        try compare(library.filter) { library.verdict($0, $1, architecture: $2) }
    }

    /// Tries every number, and those that conditions are about with more arguments than the others.
    private func compare(_ filter: LinuxSeccomp, expected: (UInt32, [UInt64], UInt32) -> Kernel.Verdict) throws {
        let kernel = Kernel(try #require(try SeccompFilter.compile(profile: .oci(filter), capabilities: [], host: host)))
        var conditions: [UInt32: [LinuxSeccompArgument]] = [:]
        for architecture in [SeccompArchitecture.x86_64, .x86, .x32] {
            let numbers = try CallNumbers(architecture)
            for call in filter.syscalls ?? [] {
                for entry in call.names.flatMap(numbers.entries) { conditions[entry.number, default: []] += call.args ?? [] }
            }
        }
        var dice = Dice(seed: 1)
        let numbers = Array(UInt32(0)...600)
        for architecture in [Kernel.amd64, Kernel.i386, Kernel.arm64] {
            for number in numbers + numbers.map({ $0 | Kernel.x32 }) + [.max, .max - 1, Kernel.x32 - 1] {
                let conditions = conditions[number] ?? []
                for _ in 0..<(conditions.isEmpty ? 2 : 50) {
                    let arguments = dice.arguments(around: conditions)
                    let verdict = kernel.verdict(number, arguments, architecture: architecture)
                    let expected = expected(number, arguments, architecture)
                    if verdict == expected { continue }
                    Issue.record("\(architecture) \(number) \(arguments): \(verdict), not \(expected)\n\(filter)")
                    return
                }
            }
        }
    }
}
