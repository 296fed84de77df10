import CSeccomp
import Testing

import Linux
import OCI

@testable import Seccomp

/// What our programs must do, by libseccomp's own generator; but for `ENOSYS`, which it does not know.
struct LibraryFilter {
    /// Without the rules that the library refuses, since they contradict others.
    private(set) var filter: LinuxSeccomp
    private let kernel: Kernel
    /// The largest number that the filter names, by `seccomp_data.arch` and the x32 bit.
    private var newest: [UInt32: UInt32] = [:]
    private let answersUnknown: Bool

    /// The first of the filter's architectures is the machine's. What the library has no name for must not be in it.
    init(_ filter: LinuxSeccomp) throws {
        let defaultAction = try FilterRule.action(filter.defaultAction, errno: filter.defaultErrnoRet)
        answersUnknown = !FilterRule.passes(defaultAction)
        let context = try #require(seccomp_init(defaultAction))
        defer { seccomp_release(context) }
        #expect(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0)
        let architectures = try (filter.architectures ?? []).map { try SeccompArchitecture(name: $0) }
        for architecture in architectures {
            let token = try architecture.token
            if seccomp_arch_exist(context, token) != 0 { #expect(seccomp_arch_add(context, token) == 0) }
            let numbers = (filter.syscalls ?? []).flatMap(\.names).map { seccomp_syscall_resolve_name_arch(token, $0) }
            newest[token] = UInt32(max(0, numbers.max() ?? 0))
        }
        var accepted: [LinuxSyscall] = []
        for call in filter.syscalls ?? [] {
            let rule = try FilterRule(call)
            for name in call.names {
                var results: [CInt] = []
                // It refuses a rule that repeats the default action.
                for conditions in rule.alternatives where rule.action != defaultAction {
                    let conditions = conditions.map(\.libraryCondition)
                    let number = seccomp_syscall_resolve_name(name)
                    results.append(seccomp_rule_add_array(context, rule.action, number, UInt32(conditions.count), conditions))
                }
                #expect(results.allSatisfy { $0 == 0 || -$0 == Errno.exists.rawValue }, "\(name)")
                if results.allSatisfy({ $0 == 0 }) {
                    accepted.append(LinuxSyscall(names: [name], action: call.action, errnoRet: call.errnoRet, args: call.args))
                }
            }
        }
        self.filter = filter
        self.filter.syscalls = accepted
        let file = try FileDescriptor.memoryFile("seccomp-filter")
        #expect(seccomp_export_bpf(context, file.rawValue) == 0)
        var bytes = [UInt8](repeating: 0, count: Int(try file.status().size))
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        #expect(count == bytes.count)
        kernel = Kernel(bytes)
    }

    var count: Int { kernel.count }

    func verdict(_ number: UInt32, _ arguments: [UInt64], architecture: UInt32) -> Kernel.Verdict {
        // x32 has a token of its own, without __AUDIT_ARCH_64BIT.
        let isX32 = architecture == Kernel.amd64 && number >= Kernel.x32
        if answersUnknown, let newest = newest[isX32 ? 0x4000_003E : architecture], newest > 0, number > newest { return .errno(38) }
        return kernel.verdict(number, arguments, architecture: architecture)
    }
}

extension ArgumentCondition {
    fileprivate var libraryCondition: scmp_arg_cmp {
        let operation =
            switch comparison {
            case .notEqual: SCMP_CMP_NE
            case .less: SCMP_CMP_LT
            case .lessOrEqual: SCMP_CMP_LE
            case .equal: SCMP_CMP_EQ
            case .greaterOrEqual: SCMP_CMP_GE
            case .greater: SCMP_CMP_GT
            case .equalMasked: SCMP_CMP_MASKED_EQ
            }
        return scmp_arg_cmp(arg: index, op: operation, datum_a: value, datum_b: second)
    }
}
