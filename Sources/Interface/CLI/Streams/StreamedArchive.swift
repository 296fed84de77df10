internal import AsyncIO
internal import Content
internal import HTTPTransport
internal import Linux
internal import Synchronization

/// An archive that is sent while it is being written: it is never held whole.
enum StreamedArchive {
    /// Gives its size. Throws what `write` throws, or `send`.
    static func send(_ send: @escaping @Sendable (RequestBody) async throws -> Void, _ write: @escaping @Sendable (FileSink) throws -> Void) async throws -> Int {
        let (reader, writer) = try FileDescriptor.pipe().take { reader, writer throws(SyscallError) in (try AsyncConnection(reader), DescriptorBox(writer)) }
        let size = Mutex(0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await AsyncIO.offload { try write(FileSink(try writer.take())) } }
            do {
                try await send(
                    RequestBody {
                        let bytes = try await reader.read()
                        size.withLock { $0 += bytes.count }
                        return bytes.isEmpty ? nil : bytes
                    })
            } catch {
                // Ends the writer, which has nothing better to tell.
                reader.close()
                group.cancelAll()
                throw error
            }
            try await group.waitForAll()
            return size.withLock { $0 }
        }
    }
}
