import Seccomp

/// What the kernel would say: an interpreter of the part of classic BPF that seccomp allows and that our programs use.
struct Kernel {
    enum Verdict: Hashable {
        case allow, log, killThread, killProcess, trap
        case errno(UInt32)
        case trace(UInt32)
        /// The kernel would not have loaded this.
        case invalid(String)
    }

    static let amd64: UInt32 = 0xC000_003E
    static let i386: UInt32 = 0x4000_0003
    static let arm64: UInt32 = 0xC000_00B7
    static let arm: UInt32 = 0x4000_0028
    static let x32: UInt32 = 1 << 30

    private let program: [(code: UInt16, yes: Int, no: Int, operand: UInt32)]

    init(_ bytes: [UInt8]) {
        var program: [(code: UInt16, yes: Int, no: Int, operand: UInt32)] = []
        for at in stride(from: 0, to: bytes.count, by: 8) {
            let code = UInt16(bytes[at]) + UInt16(bytes[at + 1]) * 256
            var operand: UInt32 = 0
            for byte in bytes[(at + 4)..<(at + 8)].reversed() { operand = operand << 8 | UInt32(byte) }
            program.append((code, Int(bytes[at + 2]), Int(bytes[at + 3]), operand))
        }
        self.program = program
    }

    init(_ profile: SeccompProfile = .default, _ capabilities: [String] = Self.dockerCapabilities, host: SeccompHost? = nil) throws {
        let machine = try host ?? SeccompHost(architecture: .x86_64, release: "6.1.0-18-amd64")
        self.init(try SeccompFilter.compile(profile: profile, capabilities: capabilities, host: machine) ?? [])
    }

    /// What containers have when nobody asks for more or less.
    static let dockerCapabilities = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP",
        "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ]

    var count: Int { program.count }

    /// Arguments that are left out are 0; with nil, a look at any is invalid.
    func verdict(_ number: UInt32, _ arguments: [UInt64]? = [], architecture: UInt32 = Self.amd64) -> Verdict {
        var place = 0
        var accumulator: UInt32 = 0
        while place < program.count {
            let step = program[place]
            place += 1
            switch step.code {
            case 0x20:
                switch step.operand {
                case 0: accumulator = number
                case 4: accumulator = architecture
                case 8, 12: accumulator = 0
                case let offset where offset < 64 && offset % 4 == 0:
                    guard let arguments else { return .invalid("looks at an argument") }
                    let index = Int(offset / 8) - 2
                    let argument = index < arguments.count ? arguments[index] : 0
                    accumulator = UInt32(truncatingIfNeeded: offset % 8 == 0 ? argument : argument >> 32)
                default: return .invalid("load \(step.operand)")
                }
            case 0x54: accumulator &= step.operand
            case 0x05: place += Int(step.operand)
            case 0x15: place += accumulator == step.operand ? step.yes : step.no
            case 0x25: place += accumulator > step.operand ? step.yes : step.no
            case 0x35: place += accumulator >= step.operand ? step.yes : step.no
            case 0x45: place += accumulator & step.operand != 0 ? step.yes : step.no
            case 0x06: return Self.meaning(step.operand)
            default: return .invalid("code \(step.code) at \(place - 1)")
            }
        }
        return .invalid("ran off the end")
    }

    static func meaning(_ value: UInt32) -> Verdict {
        switch value & 0xffff_0000 {
        case 0x7fff_0000: .allow
        case 0x7ffc_0000: .log
        case 0: .killThread
        case 0x8000_0000: .killProcess
        case 0x0003_0000: .trap
        case 0x0005_0000: .errno(value & 0xffff)
        case 0x7ff0_0000: .trace(value & 0xffff)
        default: .invalid("return \(value)")
        }
    }
}
