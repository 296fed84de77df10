import OCI

@testable import Seccomp

/// What a filter for x86_64 says, by trying every rule. The rules with conditions of a call must have one action.
struct PlainReading {
    private struct Rule {
        var action: UInt32
        var conditions: [ArgumentCondition]
        var selector: UInt64?
    }

    private let defaultAction: UInt32
    private var rules: [SeccompArchitecture: [UInt32: [Rule]]] = [:]

    init(_ filter: LinuxSeccomp) throws {
        defaultAction = try FilterRule.action(filter.defaultAction, errno: filter.defaultErrnoRet)
        for name in filter.architectures ?? [] {
            let architecture = try SeccompArchitecture(name: name), numbers = try CallNumbers(architecture)
            var table: [UInt32: [Rule]] = [:]
            for call in filter.syscalls ?? [] {
                let action = try FilterRule.action(call.action, errno: call.errnoRet)
                let conditions = try (call.args ?? []).map { try ArgumentCondition($0) }
                for entry in call.names.flatMap(numbers.entries) {
                    table[entry.number, default: []].append(Rule(action: action, conditions: conditions, selector: entry.selector))
                }
            }
            rules[architecture] = table
        }
    }

    func verdict(_ number: UInt32, _ arguments: [UInt64], architecture: UInt32) -> Kernel.Verdict {
        Kernel.meaning(action(number, arguments, architecture))
    }

    private func action(_ number: UInt32, _ arguments: [UInt64], _ audit: UInt32) -> UInt32 {
        let architecture: SeccompArchitecture? =
            switch audit {
            case Kernel.amd64: number >= Kernel.x32 ? .x32 : .x86_64
            case Kernel.i386: .x86
            default: nil
            }
        guard let architecture, let table = rules[architecture] else {
            return number == .max && audit == Kernel.amd64 ? defaultAction : FilterRule.kill
        }
        if number > table.keys.max() ?? 0 { return FilterRule.passes(defaultAction) ? defaultAction : FilterRule.error | 38 }
        // A rule that repeats the default action says nothing.
        let said = (table[number] ?? []).filter { $0.action != defaultAction }.filter { rule in
            rule.selector == nil || rule.selector == arguments[0] & 0xffff_ffff
        }
        let mask: UInt64 = architecture == .x86_64 ? .max : 0xffff_ffff
        func holds(_ rule: Rule) -> Bool {
            rule.conditions.allSatisfy { condition in
                if condition.index == 0, rule.selector != nil { return true }
                let argument = arguments[Int(condition.index)] & mask, value = condition.value & mask
                return switch condition.comparison {
                case .equal: argument == value
                case .notEqual: argument != value
                case .less: argument < value
                case .lessOrEqual: argument <= value
                case .greater: argument > value
                case .greaterOrEqual: argument >= value
                case .equalMasked: argument & value == condition.second & value
                }
            }
        }
        func asks(_ rule: Rule) -> Bool {
            rule.conditions.contains { condition in
                !(condition.index == 0 && rule.selector != nil)
                    && !(condition.comparison == .equalMasked && condition.value & mask == 0)
            }
        }
        let plain = said.filter { !asks($0) }
        return (plain.first { $0.selector == nil } ?? plain.first ?? said.first(where: holds))?.action ?? defaultAction
    }
}
