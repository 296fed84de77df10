import OCI

/// Device rules in the kernel's two forms.
enum DeviceRules {
    /// More than any container has; a program is some ten instructions a rule.
    static let limit = 1000

    /// Bits of `bpf_cgroup_dev_ctx.access_type`: what is asked in the upper half, the type in the lower.
    private static let accessBits: [UInt8: UInt32] = [UInt8(ascii: "m"): 1, UInt8(ascii: "r"): 2, UInt8(ascii: "w"): 4]
    private static let typeBits: [String: UInt32] = ["b": 1, "c": 2]

    /// `devices.allow`'s form, such as `c 1:3 rwm`, or `a` for everything. Documentation/admin-guide/cgroup-v1/devices.rst
    static func version1(_ rule: LinuxDeviceCgroup) throws -> String {
        let type = rule.type ?? "a"
        let access = try access(rule)
        if type == "a" || type.isEmpty { return "a" }
        guard typeBits[type] != nil else { throw CgroupError.invalidSetting("device type \(type)") }
        func number(_ value: Int64?) -> String { value.flatMap { $0 < 0 ? nil : "\($0)" } ?? "*" }
        let letters = "rwm".utf8.filter { access & (accessBits[$0] ?? 0) != 0 }
        return "\(type) \(number(rule.major)):\(number(rule.minor)) \(String(decoding: letters, as: UTF8.self))"
    }

    private static func access(_ rule: LinuxDeviceCgroup) throws -> UInt32 {
        guard let text = rule.access, !text.isEmpty else { return 7 }
        // An `a` beside them, which runc passes over, says nothing.
        return try text.utf8.filter { $0 != UInt8(ascii: "a") }.reduce(0) { bits, letter in
            guard let bit = accessBits[letter] else { throw CgroupError.invalidSetting("device access \(text)") }
            return bits | bit
        }
    }

    /// A device program: looks at the rules from the last to the first; the first that fits decides. What no rule names is allowed, as it is in a
    /// new version 1 cgroup. An allowing rule fits when it grants all that is asked, a denying one when it takes away any of it.
    static func compile(_ rules: [LinuxDeviceCgroup]) throws -> [UInt64] {
        guard rules.count <= limit else { throw CgroupError.invalidSetting("more than \(limit) device rules") }
        var program: [UInt64] = [
            load32(to: 2, at: 0),  // r2 = access_type
            move32(to: 3, from: 2), shiftRight32(3, by: 16),  // r3 = what is asked
            and32(2, 0xffff),  // r2 = type
            load32(to: 4, at: 4), load32(to: 5, at: 8),  // r4 = major, r5 = minor
        ]
        for rule in rules.reversed() {
            var tests: [(instruction: (Int16) -> UInt64, prefix: [UInt64])] = []
            let type = rule.type ?? "a"
            let isAll = type == "a" || type.isEmpty
            let access = try access(rule)
            if !isAll {
                guard let bits = typeBits[type] else { throw CgroupError.invalidSetting("device type \(type)") }
                tests.append(({ jumpIfNotEqual(2, bits, by: $0) }, []))
                if access != 7 {
                    let mask = [move32(to: 1, from: 3), and32(1, rule.allow ? ~access & 7 : access)]
                    tests.append(rule.allow ? ({ jumpIfNotEqual(1, 0, by: $0) }, mask) : ({ jumpIfEqual(1, 0, by: $0) }, mask))
                }
                for (register, value) in [(UInt8(4), rule.major), (UInt8(5), rule.minor)] {
                    guard let value, value >= 0 else { continue }
                    guard let number = UInt32(exactly: value) else { throw CgroupError.invalidSetting("device number \(value)") }
                    tests.append(({ jumpIfNotEqual(register, number, by: $0) }, []))
                }
            }
            let decision = [move32(to: 0, value: rule.allow ? 1 : 0), exit]
            var rest = tests.reduce(0) { $0 + $1.prefix.count + 1 } + decision.count
            for test in tests {
                program += test.prefix
                rest -= test.prefix.count + 1
                program.append(test.instruction(Int16(clamping: rest)))
            }
            program += decision
            // Nothing before a rule about everything can count, and the kernel refuses instructions that cannot be reached.
            if isAll { return program }
        }
        return program + [move32(to: 0, value: 1), exit]
    }

    // `struct bpf_insn`: opcode 8 bits, destination 4, source 4, offset 16, immediate 32, in the byte order of the machine (little on all that
    // Davit runs on). Opcodes: Documentation/bpf/standardization/instruction-set.rst

    private static func instruction(_ code: UInt8, to: UInt8 = 0, from: UInt8 = 0, offset: Int16 = 0, value: UInt32 = 0) -> UInt64 {
        UInt64(code) | UInt64(to | from << 4) << 8 | UInt64(UInt16(bitPattern: offset)) << 16 | UInt64(value) << 32
    }

    private static func load32(to register: UInt8, at offset: Int16) -> UInt64 { instruction(0x61, to: register, from: 1, offset: offset) }
    private static func move32(to register: UInt8, from: UInt8) -> UInt64 { instruction(0xbc, to: register, from: from) }
    private static func move32(to register: UInt8, value: UInt32) -> UInt64 { instruction(0xb4, to: register, value: value) }
    private static func shiftRight32(_ register: UInt8, by bits: UInt32) -> UInt64 { instruction(0x74, to: register, value: bits) }
    private static func and32(_ register: UInt8, _ value: UInt32) -> UInt64 { instruction(0x54, to: register, value: value) }
    private static func jumpIfEqual(_ register: UInt8, _ value: UInt32, by offset: Int16) -> UInt64 {
        instruction(0x16, to: register, offset: offset, value: value)
    }
    private static func jumpIfNotEqual(_ register: UInt8, _ value: UInt32, by offset: Int16) -> UInt64 {
        instruction(0x56, to: register, offset: offset, value: value)
    }
    private static let exit = instruction(0x95)
}
