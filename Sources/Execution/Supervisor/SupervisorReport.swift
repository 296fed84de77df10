import ContainerRuntime
package import Linux

/// What a supervisor tells the engine that started it, once: one message.
package enum SupervisorReport {
    static let started: UInt8 = 0x4f
    static let error: UInt8 = 0x45

    /// Waits for it. Throws what went wrong, in words; nil of the other end closed says that the supervisor was killed.
    package static func receive(_ channel: borrowing FileDescriptor) throws {
        guard let message = try channel.receive() else { throw RuntimeError("the supervisor ended before the container was started") }
        if message.bytes.first == error { throw RuntimeError(String(decoding: message.bytes.dropFirst(), as: UTF8.self)) }
    }
}
