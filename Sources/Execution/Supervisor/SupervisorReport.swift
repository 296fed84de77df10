import ContainerRuntime
import JSON
package import Linux

/// What a supervisor tells the engine that started it, once: one message.
package enum SupervisorReport {
    static let started: UInt8 = 0x4f
    static let error: UInt8 = 0x45
    static let conflict: UInt8 = 0x50

    /// Waits for it. Throws what went wrong: a `PortConflict`, or a `RuntimeError` in words; nil of the other end closed says that the
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
