import Testing

import OCI
import Seccomp

@Suite struct ProfileTests {
    func kernel(_ json: String, _ capabilities: [String] = [], release: String = "6.1.0") throws -> Kernel {
        try Kernel(.json(Array(json.utf8)), capabilities, host: SeccompHost(architecture: .x86_64, release: release))
    }

    @Test("A14: every field of Docker's format") func everyField() throws {
        let json = """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 13, "comment": "ignored",
             "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]},
                         {"architecture": "SCMP_ARCH_LOONGARCH64", "subArchitectures": null}],
             "syscalls": [
              {"names": ["read", "no_such_call"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {}},
              {"name": "write", "action": "SCMP_ACT_ALLOW", "args": null},
              {"names": ["open"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99},
              {"names": ["close"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 1, "value": 7, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]},
              {"names": ["stat"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_KILL", "CAP_CHOWN"]}},
              {"names": ["fstat"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_KILL", "CAP_CHOWN"]}},
              {"names": ["lstat"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64", "arm"]}},
              {"names": ["poll"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["amd64"]}},
              {"names": ["lseek"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
              {"names": ["mmap"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "6.2"}},
              {"names": ["mprotect"], "action": "SCMP_ACT_KILL_PROCESS"}, {"names": ["munmap"], "action": "SCMP_ACT_TRAP"},
              {"names": ["brk"], "action": "SCMP_ACT_LOG"}, {"names": ["ioctl"], "action": "SCMP_ACT_TRACE", "errnoRet": 5},
              {"names": ["access"], "action": "SCMP_ACT_KILL"}
             ]}
            """
        let plain = try kernel(json)
        #expect(plain.verdict(0) == .allow)
        #expect(plain.verdict(3, architecture: Kernel.i386) == .allow)
        #expect(plain.verdict(1) == .allow)
        #expect(plain.verdict(2) == .errno(99))
        #expect(plain.verdict(3, [0, 11]) == .allow)
        #expect(plain.verdict(3, [0, 12]) == .errno(13))
        #expect(plain.verdict(4) == .errno(13))
        #expect(plain.verdict(5) == .allow)
        #expect(plain.verdict(6) == .allow)
        #expect(plain.verdict(7) == .errno(13))
        #expect(plain.verdict(8) == .errno(13))
        #expect(plain.verdict(9) == .allow)
        #expect(plain.verdict(10) == .killProcess)
        #expect(plain.verdict(11) == .trap)
        #expect(plain.verdict(12) == .log)
        #expect(plain.verdict(16) == .trace(5))
        #expect(plain.verdict(21) == .killThread)
        #expect(plain.verdict(22) == .errno(38), "newer than what this profile names")
        #expect(plain.verdict(0 | Kernel.x32) != .allow)

        let some = try kernel(json, ["CAP_KILL"], release: "6.2-rc1")
        #expect(some.verdict(4) == .errno(13), "all capabilities of an include are needed")
        #expect(some.verdict(5) == .errno(13), "any capability of an exclude is enough")
        #expect(some.verdict(8) == .allow)
        #expect(some.verdict(9) == .errno(13))
        #expect(try kernel(json, ["CAP_CHOWN", "CAP_KILL"]).verdict(4) == .allow)
    }

    @Test(
        arguments: [
            ("NE", [5, 4, 0x2_0000_0005], [0x1_0000_0005]), ("EQ", [0x1_0000_0005], [5, 0x1_0000_0004]),
            ("LT", [0, 0x1_0000_0004], [0x1_0000_0005, 0x2_0000_0000]),
            ("LE", [4, 0x1_0000_0005], [0x1_0000_0006, 0x2_0000_0000]), ("GT", [0x1_0000_0006, 0x2_0000_0000], [0x1_0000_0005, 7]),
            ("GE", [0x1_0000_0005, 0x2_0000_0000], [0x1_0000_0004, 6]), ("MASKED_EQ", [2, 0xff00_0000_0000_0002], [3, 6, 0x1_0000_0002]),
        ] as [(String, [UInt64], [UInt64])])
    func comparisons(op: String, matching: [UInt64], other: [UInt64]) throws {
        // Calls that libseccomp knows and ones that it does not, behind another condition that holds.
        let (value, second): (UInt64, UInt64) = op == "MASKED_EQ" ? (0x1_0000_000f, 2) : (0x1_0000_0005, 0)
        let json = """
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["close", "mseal", "removexattrat"], "action": "SCMP_ACT_ALLOW", "args": [
              {"index": 5, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": \(value), "valueTwo": \(second), "op": "SCMP_CMP_\(op)"}]}]}
            """
        let kernel = try kernel(json)
        for number: UInt32 in [3, 462, 466] {
            for argument in matching { #expect(kernel.verdict(number, [0, 0, argument, 0, 0, 1]) == .allow, "\(number) \(argument)") }
            for argument in other { #expect(kernel.verdict(number, [0, 0, argument, 0, 0, 1]) == .errno(1), "\(number) \(argument)") }
            for argument in matching { #expect(kernel.verdict(number, [0, 0, argument, 0, 0, 2]) == .errno(1), "\(number) \(argument)") }
        }
    }

    @Test func conditionsOnOneArgumentAreAlternatives() throws {
        let json = """
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["close", "mseal"], "action": "SCMP_ACT_ALLOW", "args": [
              {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]}]}
            """
        let kernel = try kernel(json)
        for number: UInt32 in [3, 462] {
            #expect(kernel.verdict(number, [1]) == .allow)
            #expect(kernel.verdict(number, [2]) == .allow)
            #expect(kernel.verdict(number, [3]) == .errno(1))
        }
    }

    @Test func profilesThatRefuseSomeLetNewCallsPass() throws {
        let kernel = try kernel(
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mseal"], "action": "SCMP_ACT_ERRNO"}]}"#)
        #expect(kernel.verdict(83) == .errno(1))
        #expect(kernel.verdict(462) == .errno(1))
        #expect(kernel.verdict(9999) == .allow)
        #expect(kernel.verdict(83 | Kernel.x32) == .killThread, "the profile names one architecture only")
    }

    @Test func rulesThatRepeat() throws {
        let kernel = try kernel(
            #"""
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
             {"names": ["read", "read", "mseal"], "action": "SCMP_ACT_ALLOW"}, {"names": ["read"], "action": "SCMP_ACT_ALLOW"},
             {"names": ["mseal"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
             {"names": ["write"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
            """#)
        #expect(kernel.verdict(0) == .allow)
        #expect(kernel.verdict(1) == .errno(38))
        #expect(kernel.verdict(462, [1]) == .allow)
    }

    @Test func emptyProfileTurnsFilteringOff() throws {
        let host = try SeccompHost.current()
        #expect(try SeccompFilter.compile(profile: .json(Array("{}".utf8)), capabilities: [], host: host) == nil)
    }

    @Test func runtimeSpec() throws {
        let filter = LinuxSeccomp(
            defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X32"], flags: ["SECCOMP_FILTER_FLAG_LOG"],
            syscalls: [LinuxSyscall(names: ["getcwd"], action: "SCMP_ACT_ERRNO")])
        let kernel = try Kernel(.oci(filter), [])
        #expect(kernel.verdict(79) == .errno(1))
        #expect(kernel.verdict(79 | Kernel.x32) == .errno(1))
        #expect(kernel.verdict(80) == .allow)
        #expect(kernel.verdict(183, architecture: Kernel.i386) == .killThread)
    }

    @Test(arguments: [
        ("", "Decoding seccomp profile failed"), ("[]", "Decoding seccomp profile failed"),
        ("{\"defaultAction\": 1}", "Decoding seccomp profile failed"),
        ("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],\"errnoRet\":-1}]}", "Decoding seccomp profile failed"),
        (String(repeating: "[", count: 100_000), "Decoding seccomp profile failed"),
        (String(repeating: " ", count: 2 << 20), "more than the limit"),
        (#"{"defaultAction": "SCMP_ACT_PANIC"}"#, "unknown seccomp action \"SCMP_ACT_PANIC\""),
        (#"{"syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}"#, "unknown seccomp action \"\""),
        (#"{"defaultAction": "SCMP_ACT_NOTIFY"}"#, "not supported"),
        (#"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_PDP11"]}"#, "unknown seccomp architecture \"SCMP_ARCH_PDP11\""),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "archMap": [{"architecture": "SCMP_ARCH_ARM", "subArchitectures": ["x"]}]}"#,
            "architecture \"x\""
        ),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}"#,
            "both 'architectures'"
        ),
        (#"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_S390X"]}"#, "another byte order"),
        (#"{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_X"]}"#, "unknown seccomp flag"),
        (#"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4096}"#, "error number 4096"),
        (#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_ERRNO"}]}"#, "names no system call"),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "names": ["b"], "action": "SCMP_ACT_ERRNO"}]}"#,
            "both 'name' and 'names'"
        ),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "mount\u0000x", "action": "SCMP_ACT_ERRNO"}]}"#,
            "invalid system call name"
        ),
        (#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "action": "deny"}]}"#, "unknown seccomp action \"deny\""),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "action": "SCMP_ACT_LOG", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]}]}"#,
            "argument index 6"
        ),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "action": "SCMP_ACT_LOG", "args": [{"index": 0, "op": "EQ"}]}]}"#,
            "unknown seccomp operator \"EQ\""
        ),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "action": "SCMP_ACT_LOG", "includes": {"minKernel": "4"}}]}"#,
            "invalid kernel version: 4"
        ),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "action": "SCMP_ACT_LOG", "excludes": {"minKernel": "4.-8"}}]}"#,
            "invalid kernel version"
        ),
        (
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "a", "action": "SCMP_ACT_LOG", "excludes": {"minKernel": "4.99999999999999999999"}}]}"#,
            "invalid kernel version"
        ),
    ])
    func malformed(json: String, message: String) throws {
        let host = try SeccompHost(architecture: .x86_64, release: "6.1.0")
        let error = #expect(throws: SeccompError.self) {
            try SeccompFilter.compile(profile: .json(Array(json.utf8)), capabilities: [], host: host)
        }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func floods() throws {
        func rules(_ count: Int, _ rule: (Int) -> String) -> String {
            #"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\#((0..<count).map(rule).joined(separator: ","))]}"#
        }
        let names = #expect(throws: SeccompError.self) { try kernel(rules(5000) { _ in #"{"name": "read", "action": "SCMP_ACT_ALLOW"}"# }) }
        #expect(names?.message == "the seccomp profile names 5000 system calls, more than the limit of 4096")
        let many = rules(1025) {
            #"{"name": "read", "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": \#($0), "op": "SCMP_CMP_EQ"}]}"#
        }
        let error = #expect(throws: SeccompError.self) { try kernel(many) }
        #expect(error?.message == "the seccomp profile has 1025 conditions, more than the limit of 1024")
        let long = rules(1024) {
            #"{"name": "mseal", "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": \#($0), "op": "SCMP_CMP_EQ"}]}"#
        }
        let overflow = #expect(throws: SeccompError.self) { try kernel(long) }
        #expect(overflow?.message.contains("more than the kernel's limit of 4096") == true)
        // Jumps over many instructions still land where they should.
        let wide = try kernel(
            rules(400) { #"{"name": "mseal", "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": \#($0), "op": "SCMP_CMP_EQ"}]}"# })
        #expect(wide.verdict(462, [399]) == .allow)
        #expect(wide.verdict(462, [400]) == .errno(1))
        #expect(wide.verdict(463) == .errno(38))
        // What libseccomp's generator would be busy with for minutes.
        let arguments = (0..<6).map { #"{"index": \#($0), "value": 5, "op": "SCMP_CMP_GT"}"# }.joined(separator: ",")
        let deep = try kernel(rules(60) { _ in #"{"names": ["read", "mseal"], "action": "SCMP_ACT_ALLOW", "args": [\#(arguments)]}"# })
        for number: UInt32 in [0, 462] {
            #expect(deep.verdict(number, [6, 6, 6, 6, 6, 6]) == .allow)
            #expect(deep.verdict(number, [6, 6, 6, 6, 6, 5]) == .errno(1))
        }
        #expect(deep.verdict(1) == .errno(1))
    }

    @Test func conditionsOnMultiplexedCalls() throws {
        let json = """
            {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"], "syscalls": [
             {"names": ["socket"], "action": "SCMP_ACT_ALLOW",
              "args": [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 9, "op": "SCMP_CMP_NE"}]}]}
            """
        let kernel = try kernel(json)
        for (number, architecture) in [(41, Kernel.amd64), (359, Kernel.i386)] as [(UInt32, UInt32)] {
            #expect(kernel.verdict(number, [16, 3, 0], architecture: architecture) == .allow)
            #expect(kernel.verdict(number, [16, 3, 9], architecture: architecture) == .errno(1))
            #expect(kernel.verdict(number, [2, 3, 0], architecture: architecture) == .errno(1))
        }
        // socketcall's own arguments are which call is meant, and where its arguments are; so what the profile asks of the first is lost.
        #expect(kernel.verdict(102, [1, 3, 0], architecture: Kernel.i386) == .allow)
        #expect(kernel.verdict(102, [1, 3, 9], architecture: Kernel.i386) == .errno(1))
        #expect(kernel.verdict(102, [2, 3, 0], architecture: Kernel.i386) == .errno(1), "bind")
    }

    @Test func noMutationTraps() throws {
        // A profile with a bit of everything, changed in one to three places by a generator that is the same in every run.
        let profile = Array(
            #"""
            {"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X32"]}],
            "syscalls":[{"names":["read","mseal"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":12,"valueTwo":3,"op":"SCMP_CMP_MASKED_EQ"},
            {"index":1,"value":34,"op":"SCMP_CMP_LE"}],"includes":{"minKernel":"4.8","caps":["CAP_KILL"]},"excludes":{"arches":["arm"]}},
            {"names":["write"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}
            """#.utf8)
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let host = try SeccompHost(architecture: .x86_64, release: "6.1.0")
        let alphabet = Array(#"0123456789-.eE"{}[],:_XAn"#.utf8) + [0, 0xff]
        var compiled = 0
        for _ in 0..<150 {
            var bytes = profile
            for _ in 0...next(3) {
                let place = next(bytes.count)
                switch next(3) {
                case 0: bytes[place] = alphabet[next(alphabet.count)]
                case 1: bytes.insert(alphabet[next(alphabet.count)], at: place)
                default: bytes.remove(at: place)
                }
            }
            do {
                guard let program = try SeccompFilter.compile(profile: .json(bytes), capabilities: ["CAP_KILL"], host: host) else {
                    continue
                }
                compiled += 1
                let kernel = Kernel(program)
                for number: UInt32 in [0, 1, 462, 463, 0 | Kernel.x32, .max] {
                    if case .invalid(let why) = kernel.verdict(number) { Issue.record("\(why): \(String(decoding: bytes, as: UTF8.self))") }
                }
            } catch is SeccompError { continue }
        }
        #expect(compiled > 5, "\(compiled)")
    }
}
