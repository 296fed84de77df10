import ContainerRuntime
import JSON
package import Linux

/// What a supervisor and the engine that started it say to each other: the engine hands over clients who waited elsewhere, if any, and
/// says once that the plan is there; the supervisor, once, what came of it. A message each.
package enum SupervisorReport {
    static let started: UInt8 = 0x4f
    static let client: UInt8 = 0x43
    static let error: UInt8 = 0x45
    static let conflict: UInt8 = 0x50

    /// Says that the plan is there, after handing over connections of clients.
    package static func giveWord(_ channel: borrowing FileDescriptor, clients: [OpenFile]) throws(SyscallError) {
        for connection in clients { try channel.send([client], passing: connection.descriptor) }
        try channel.send([started])
    }

    /// Waits for that, and gives those clients. Throws when the engine has given up, or was killed.
    static func awaitWord(_ channel: borrowing FileDescriptor) throws -> [Connection] {
        var clients: [Connection] = []
        while var message = try channel.receive() {
            guard message.bytes.first == client, let connection = message.file.take() else { return clients }
            clients.append(Connection(connection))
        }
        throw RuntimeError("nobody wants the container any more")
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
