import AsyncIO
import Linux
import Testing

@Suite struct AsyncIOTests {
    @Test func offloadedWorkRunsSideBySide() async throws {
        // More than there are threads; each waits for the test to open the gate, so none can end before all could start.
        let pipe = try FileDescriptor.pipe()
        let (reader, writer) = pipe.take { (Shared($0), Shared($1)) }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<40 { group.addTask { try await AsyncIO.offload { try reader.file.read(upTo: 1).count } } }
            for _ in 0..<40 { try writer.file.writeAll([0]) }
            var sum = 0
            for try await count in group { sum += count }
            #expect(sum == 40)
        }
        await #expect(throws: SyscallError.self) { try await AsyncIO.offload { throw SyscallError("test", errno: .busy) } }
    }

    final class Shared: Sendable {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    @Test func timersFireInOrder() async throws {
        let order = await withTaskGroup(of: Int.self) { group in
            for delay in [9, 3, 6] {
                group.addTask {
                    // A cancelled sleep would show in the order.
                    try? await AsyncIO.sleep(.milliseconds(delay))
                    return delay
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(order == [3, 6, 9])
    }

    @Test func manyCancelledTimersLeaveTheLastOneRight() async throws {
        for _ in 0..<500 { _ = try await AsyncIO.withDeadline(.seconds(60)) { 1 } }
        try await AsyncIO.sleep(.milliseconds(1))
    }

    @Test func aSleepIsCancelled() async throws {
        let start = ContinuousClock.now
        await #expect(throws: DeadlineExceeded.self) {
            try await AsyncIO.withDeadline(.milliseconds(2)) { try await AsyncIO.sleep(.seconds(3600)) }
        }
        // Hundreds of other tests may hold the processors for a while.
        #expect(ContinuousClock.now - start < .seconds(600))
    }

    @Test func readinessOfABorrowedDescriptor() async throws {
        let pair = try UnixSocket.pair()
        try await AsyncIO.writable(pair.first)
        try pair.first.writeAll([1])
        try await AsyncIO.readable(pair.second)
    }

    @Test func unixSocketsWithShortAndLongPaths() async throws {
        for depth in [1, 30] {
            let name = "socket", directory = "/tmp/davit-asyncio-\(Process.id)-\(String(repeating: "deep", count: depth))"
            try FileSystem.makeDirectories(directory)
            defer { try? FileSystem.removeTree(directory) }  // Nothing depends on the clean-up.
            let listener = try UnixSocket.listen(name, in: FileDescriptor.open(directory, [.path, .directory]))
            try listener.setNonBlocking()
            let client = try await AsyncConnection.connect(unix: "\(directory)/\(name)")
            try await AsyncIO.readable(listener)
            guard let accepted = try UnixSocket.accept(listener) else {
                Issue.record("nobody came")
                return
            }
            #expect(try accepted.peerCredentials().process == Process.id)
            let server = try AsyncConnection(accepted)
            try await client.writeAll([5])
            #expect(try await server.read() == [5])
        }
    }
}

/// `run` on a thread of the test's own: the loop may be another's at that moment, and then these hold all the same.
@Suite struct OffloadTests {
    @Test func blockingWorkNeverHoldsUpOtherTasks() throws {
        let answer = try AsyncIO.run {
            // Alone: may run in place.
            let first = try await AsyncIO.offload { 1 }
            let (a, b) = try AsyncConnection.pair()
            // The second body ends only when the task beside it has gone on.
            return try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    let file = try b.duplicate()
                    let box = AsyncIOTests.Shared(file)
                    return try await AsyncIO.offload { Int(try box.file.read(upTo: 1).first ?? 0) }
                }
                group.addTask {
                    try await AsyncIO.sleep(.milliseconds(1))
                    try await a.writeAll([41])
                    return 0
                }
                return try await group.reduce(first, +)
            }
        }
        #expect(answer == 42)
    }
}
