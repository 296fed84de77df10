import Diagnostics
import Linux
import Values

/// Which containers have supervisors: of one file that all share, a supervisor holds the byte that its container's id names, from before
/// it is started to its very end. Looking takes no lock, and a list opens the file once.
struct Supervision {
    /// Nil when nothing was started since boot.
    private let file: OpenFile?

    init(_ paths: StatePaths) throws(SyscallError) {
        file = try Self.existing(paths.supervisors)
    }

    /// Whether the container has a supervisor, or is just being given one.
    func covers(_ id: Identifier) throws(SyscallError) -> Bool {
        guard let file else { return false }
        return try file.descriptor.isByteLocked(at: Self.byte(of: id))
    }

    /// Holds the container's byte: as long as any process has the descriptor. Throws `internal` when another holds it.
    static func begin(_ id: Identifier, _ paths: StatePaths) throws -> OpenFile {
        let file = OpenFile(try FileDescriptor.open(paths.supervisors, [.readWrite, .create], mode: 0o600))
        guard try file.descriptor.lockByte(at: byte(of: id)) else { throw Fault(.internal, "container \(id.short) has a supervisor already") }
        return file
    }

    private static func existing(_ path: String) throws(SyscallError) -> OpenFile? {
        do throws(SyscallError) {
            return OpenFile(try FileDescriptor.open(path, []))
        } catch  where error.errno == .noEntry || error.errno == .notDirectory { return nil }
    }

    /// 60 random bits, which no two containers share.
    private static func byte(of id: Identifier) -> Int64 { Int64(id.description.prefix(15), radix: 16) ?? 0 }
}
