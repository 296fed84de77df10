import ContainerRuntime
import JSON
package import Linux

/// Which container a supervisor is for. One is started before that is known, and comes to life meanwhile.
package struct SupervisorAssignment: ~Copyable {
    /// The container's id.
    package let id: String
    /// Not there yet: the supervisor makes it while its plan is made.
    let cgroup: String
    /// It has a network namespace of its own, which the supervisor makes meanwhile too.
    let ownsNetwork: Bool
    /// The listening socket `supervisor.sock`.
    let listener: FileDescriptor
    /// The file `supervisors` with the container's byte locked: whoever finds that free knows that the container has no supervisor.
    let lock: FileDescriptor
}

/// What a supervisor and the engine that started it say to each other, over a `SOCK_SEQPACKET` pair: the engine, which container it is
/// for, then hands over clients who waited elsewhere, if any, and says once that the plan is there; the supervisor, once, what came of it.
/// A message for each descriptor that crosses.
package enum SupervisorReport {
    static let container: UInt8 = 0x49
    static let lock: UInt8 = 0x4c
    static let started: UInt8 = 0x4f
    static let client: UInt8 = 0x43
    static let error: UInt8 = 0x45
    static let conflict: UInt8 = 0x50

    /// Says which container it is for. Throws `EPIPE` when the supervisor is gone.
    package static func assign(
        _ channel: borrowing FileDescriptor, id: String, cgroup: String, ownsNetwork: Bool, listener: borrowing FileDescriptor,
        lock: borrowing FileDescriptor
    ) throws(SyscallError) {
        try channel.send([container] + Array(id.utf8), passing: listener)
        try channel.send([Self.lock, ownsNetwork ? 1 : 0] + Array(cgroup.utf8), passing: lock)
    }

    /// Waits for that; nil when the engine has no use for the supervisor, or is gone.
    package static func awaitAssignment(_ channel: borrowing FileDescriptor) throws -> SupervisorAssignment? {
        guard var first = try channel.receive(), var second = try channel.receive() else { return nil }
        guard first.bytes.first == container, second.bytes.first == lock, let listener = first.file.take(), let lock = second.file.take() else {
            throw RuntimeError("malformed assignment")
        }
        return SupervisorAssignment(
            id: String(decoding: first.bytes.dropFirst(), as: UTF8.self), cgroup: String(decoding: second.bytes.dropFirst(2), as: UTF8.self),
            ownsNetwork: second.bytes.dropFirst().first == 1, listener: listener, lock: lock)
    }

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
