import ContainerRuntime
import JSON
package import Linux

/// What a supervisor and the engine that started it say to each other: the engine, once, that the plan is there; the supervisor, once,
/// what came of it. A message each.
package enum SupervisorReport {
    static let started: UInt8 = 0x4f
    static let error: UInt8 = 0x45
    static let conflict: UInt8 = 0x50

    /// Says that the plan is there.
    package static func giveWord(_ channel: borrowing FileDescriptor) throws(SyscallError) { try channel.send([started]) }

    /// Waits for that. Throws when the engine has given up, or was killed.
    static func awaitWord(_ channel: borrowing FileDescriptor) throws {
        guard try channel.receive() != nil else { throw RuntimeError("nobody wants the container any more") }
    }

    /// Waits for the supervisor's word. Throws what went wrong: a `PortConflict`, or a `RuntimeError` in words; nil of the other end closed says that the
    /// supervisor was killed.
    package static func receive(_ channel: borrowing FileDescriptor) throws {
        guard let message = try channel.receive() else { throw RuntimeError("the supervisor ended before the container was started") }
        let rest = Array(message.bytes.dropFirst())
        switch message.bytes.first {
        case conflict: throw try JSONValue(parsing: rest).decode(PortConflict.self)
        case error: throw RuntimeError(String(decoding: rest, as: UTF8.self))
        default: return
        }
    }

    /// Says why there was no start.
    static func failure(_ error: any Error) -> [UInt8] {
        // Four numbers: the encoding cannot fail.
        if let error = error as? PortConflict, let body = try? JSONValue(encoding: error).compact as [UInt8] { return [conflict] + body }
        return [Self.error] + Array("\(error)".utf8.prefix(60_000))
    }
}
