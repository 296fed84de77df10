/// An instruction of classic BPF, as seccomp(2) loads it: `struct sock_filter`. Jumps count from the next instruction and go forward only.
struct Instruction: Hashable {
    var code: UInt16
    var ifTrue: UInt8 = 0
    var ifFalse: UInt8 = 0
    var operand: UInt32

    /// In bytes.
    static let size = 8
    /// The most that the kernel loads: `BPF_MAXINSNS`.
    static let limit = 4096

    /// Loads a 32-bit word of `struct seccomp_data` into the accumulator.
    static func load(_ offset: UInt32) -> Instruction { Instruction(code: 0x20, operand: offset) }
    static func and(_ mask: UInt32) -> Instruction { Instruction(code: 0x54, operand: mask) }
    static func jump(_ distance: Int) -> Instruction { Instruction(code: 0x05, operand: UInt32(distance)) }
    static func `return`(_ action: UInt32) -> Instruction { Instruction(code: 0x06, operand: action) }
    static func branch(_ test: Test, _ operand: UInt32, ifTrue: UInt8, ifFalse: UInt8) -> Instruction {
        Instruction(code: test.rawValue, ifTrue: ifTrue, ifFalse: ifFalse, operand: operand)
    }

    var isReturn: Bool { code == 0x06 }

    /// How the accumulator is compared with the operand.
    enum Test: UInt16 {
        case equal = 0x15
        case greater = 0x25
        case greaterOrEqual = 0x35
    }

    // Offsets in struct seccomp_data.
    static let number: UInt32 = 0
    static let architecture: UInt32 = 4
    static func lowWord(ofArgument index: UInt32) -> UInt32 { 16 + 8 * index + (UInt32(1).bigEndian == 1 ? 4 : 0) }
    static func highWord(ofArgument index: UInt32) -> UInt32 { 16 + 8 * index + (UInt32(1).bigEndian == 1 ? 0 : 4) }

    /// The kernel's layout, in the machine's byte order.
    func append(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: code) { bytes.append(contentsOf: $0) }
        bytes.append(ifTrue)
        bytes.append(ifFalse)
        withUnsafeBytes(of: operand) { bytes.append(contentsOf: $0) }
    }
}
