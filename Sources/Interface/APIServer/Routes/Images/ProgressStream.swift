internal import AsyncIO
internal import Diagnostics
internal import DockerAPI
internal import HTTP
internal import HTTPTransport
internal import JSON
internal import Linux

/// Lines of progress on their way to a client, written by synchronous code as it works.
final class ProgressStream: Sendable {
    private let file: FileDescriptor

    init(_ file: consuming FileDescriptor) { self.file = file }

    /// Throws `EPIPE` when the client has gone: the work should end then.
    func write(_ message: JSONMessage) throws { try file.writeAll(JSON.encode(message) + [13, 10]) }

    /// As above, for callbacks that cannot throw; the work then goes on unseen.
    func status(_ text: String) {
        var message = JSONMessage()
        message.status = text
        // The client has gone, and nobody minds.
        try? write(message)
    }

    func stream(_ text: String) throws {
        var message = JSONMessage()
        message.stream = text
        try write(message)
    }
}

extension Response {
    /// A response of messages, newline-separated JSON. What the work throws becomes the last message, since the status has gone out.
    static func progress(_ work: @escaping @Sendable (ProgressStream) throws -> Void) -> Response {
        Response(headers: ["Content-Type": "application/json"], body: .written { file in run(ProgressStream(file), work) })
    }

    /// The same for work that reads a request's body while it writes its messages.
    static func progress(
        reading body: RequestBody, _ work: @escaping @Sendable (borrowing FileDescriptor, ProgressStream) throws -> Void
    ) -> Response {
        Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { writer in
                let (reader, output) = try FileDescriptor.pipe().take { reader, writer throws(SyscallError) in
                    (try AsyncConnection(reader), DescriptorBox(writer))
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await body.withDescriptor { archive in
                            let archive = archive
                            let progress = ProgressStream(try output.take())
                            run(progress) { try work(archive, $0) }
                        }
                    }
                    defer { reader.close() }
                    while true {
                        let bytes = try await reader.read()
                        if bytes.isEmpty { break }
                        try await writer.write(bytes)
                    }
                    try await group.waitForAll()
                }
            })
    }

    /// The same for asynchronous work that reports from several tasks. A client that goes away cancels it.
    static func progress(_ work: @escaping @Sendable (@escaping @Sendable (JSONMessage) -> Void) async throws -> Void) -> Response {
        Response(
            headers: ["Content-Type": "application/json"],
            body: .stream { writer in
                // A client that does not read loses the oldest, in the order of megabytes.
                let (messages, sender) = AsyncStream.makeStream(of: JSONMessage.self, bufferingPolicy: .bufferingNewest(10_000))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        defer { sender.finish() }
                        do {
                            try await work { sender.yield($0) }
                        } catch { sender.yield(failure(error)) }
                    }
                    defer { group.cancelAll() }
                    for await message in messages { try await writer.write(JSON.encode(message) + [13, 10]) }
                    try await group.waitForAll()
                }
            })
    }

    private static func failure(_ error: any Error) -> JSONMessage {
        let text = (error as? Fault)?.message ?? "\(error)"
        return JSONMessage(error: text, errorDetail: JSONErrorDetail(message: text))
    }

    private static func run(_ output: ProgressStream, _ work: (ProgressStream) throws -> Void) {
        do { try work(output) } catch {
            // A client that has gone needs no error.
            try? output.write(failure(error))
        }
    }
}
