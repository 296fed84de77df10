import AsyncIO
import Linux
import Testing

@Suite struct AsyncConnectionTests {
    @Test func runGivesTheResultAndTheError() throws {
        #expect(try AsyncIO.run { 42 } == 42)
        #expect(throws: DeadlineExceeded.self) { try AsyncIO.run { throw DeadlineExceeded() } }
    }

    @Test func bytesGoThroughAndTheEndIsSeen() async throws {
        let (a, b) = try AsyncConnection.pair()
        async let received = b.readToEnd(limit: 10 << 20)
        let sent = [UInt8](repeating: 7, count: 1 << 20)
        try await a.writeAll(sent)
        try a.shutdownWrite()
        #expect(try await received == sent)
        // The other half is still open.
        try await b.writeAll([1, 2, 3])
        #expect(try await a.read() == [1, 2, 3])
    }

    @Test func readingMoreThanTheLimitFails() async throws {
        let (a, b) = try AsyncConnection.pair()
        try await a.writeAll([UInt8](repeating: 0, count: 100))
        try a.shutdownWrite()
        await #expect(throws: SyscallError.self) { try await b.readToEnd(limit: 99) }
    }

    @Test func whatIsPutBackComesFirst() async throws {
        let (a, b) = try AsyncConnection.pair()
        try await a.writeAll([3, 4])
        b.unread([1, 2])
        #expect(try await b.read(upTo: 1) == [1])
        #expect(try await b.read() == [2])
        #expect(try await b.read() == [3, 4])
    }

    @Test func cancellingEndsARead() async throws {
        let (a, b) = try AsyncConnection.pair()
        await #expect(throws: DeadlineExceeded.self) {
            try await AsyncIO.withDeadline(.milliseconds(5)) { _ = try await b.read() }
        }
        // And the connection still works.
        try await a.writeAll([9])
        #expect(try await b.read() == [9])
    }

    @Test func closingEndsARead() async throws {
        let (a, b) = try AsyncConnection.pair()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: (any Error).self) { try await b.read() } }
            try await AsyncIO.sleep(.milliseconds(2))
            b.close()
            try await group.waitForAll()
        }
        await #expect(throws: SyscallError.self) { try await b.writeAll([1]) }
        #expect(try await a.read() == [])
    }

    @Test func aBrokenConnectionIsAnErrorNotASignal() async throws {
        let (a, b) = try AsyncConnection.pair()
        b.close()
        await #expect(throws: SyscallError.self) { try await a.writeAll([1]) }
    }

    @Test func hangUpIsNoticedWhileNobodyReads() async throws {
        let (a, b) = try AsyncConnection.pair()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await b.waitForHangUp() }
            try a.shutdownWrite()
            await #expect(throws: DeadlineExceeded.self) {
                try await AsyncIO.withDeadline(.milliseconds(5)) { try await b.waitForHangUp() }
            }
            try await b.waitForHangUp(orHalf: true)
            a.close()
            try await group.waitForAll()
        }
    }

    @Test func relayPassesHalfClosesOn() async throws {
        let (client, inner) = try AsyncConnection.pair()
        let (outer, server) = try AsyncConnection.pair()
        async let relayed: Void = AsyncIO.relay(inner, outer)
        try await client.writeAll(Array("question".utf8))
        try client.shutdownWrite()
        #expect(try await server.readToEnd(limit: 100) == Array("question".utf8))
        try await server.writeAll(Array("answer".utf8))
        server.close()
        #expect(try await client.readToEnd(limit: 100) == Array("answer".utf8))
        try await relayed
    }

    @Test func pipesAndFilesThatAreAlwaysReady() async throws {
        let null = try AsyncConnection(inherited: FileDescriptor.open("/dev/null"))
        #expect(try await null.read() == [])
        let file = try AsyncConnection(FileDescriptor.open("/proc/self/stat"))
        #expect(try await !file.read().isEmpty)
        let pipe = try FileDescriptor.pipe()
        let (reader, writer) = try pipe.take { (try AsyncConnection(inherited: $0), try AsyncConnection(inherited: $1)) }
        async let all = reader.readToEnd(limit: 1 << 20)
        try await writer.writeAll([UInt8](repeating: 1, count: 200_000))
        writer.close()
        #expect(try await all.count == 200_000)
    }
}
