import AsyncIO
import HTTP2
import Protobuf
import RPC
import Testing

private struct Text: ProtobufMessage, Equatable {
    var text = ""

    init() {}
    init(_ text: String) { self.text = text }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &text) }
}

private func conversation(_ serve: @escaping @Sendable (RPCCall) async throws -> Void, _ client: @escaping @Sendable (RPCConnection) async throws -> Void) async throws {
    let (near, far) = try AsyncConnection.pair()
    let server = try RPCConnection(far, .server), connection = try RPCConnection(near, .client)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run(serve) }
        group.addTask { try await connection.run() }
        try await client(connection)
        connection.end()
        try await group.waitForAll()
    }
}

@Suite("gRPC") struct RPCTests {
    @Test("a call with one message, one with many, and one that fails") func calls() async throws {
        try await conversation { call in
            switch call.path {
            case "/s/one": try await call.send(Text(try await call.request(Text.self).text + "!"))
            case "/s/many": while let message = try await call.receive(Text.self) { try await call.send(message) }
            default: throw RPCStatus(.notFound, "no such method: 100% ü", details: [RPCDetail(type: "x", value: [1, 2])])
            }
        } _: { client in
            #expect(try await client.call("/s/one", Text("a"), as: Text.self) == Text("a!"))
            let many = try client.call("/s/many")
            for number in 0..<100 {
                try await many.send(Text("\(number)"))
                #expect(try await many.receive(Text.self) == Text("\(number)"))
            }
            try many.finish()
            #expect(try await many.receive() == nil)
            let status = await #expect(throws: RPCStatus.self) { try await client.call("/s/other", Text(), as: Text.self) }
            #expect(status?.code == .notFound)
            #expect(status?.message == "no such method: 100% ü")
            #expect(status?.details.first?.value == [1, 2])
        }
    }

    @Test("messages come whole, however they are cut") func framing() throws {
        let bytes = MessageFraming.frame([1, 2, 3]) + MessageFraming.frame([]) + MessageFraming.frame([4])
        var framing = MessageFraming(), messages: [[UInt8]] = []
        for byte in bytes {
            framing.add([byte])
            while let message = try framing.next() { messages.append(message) }
        }
        #expect(messages == [[1, 2, 3], [], [4]])
        #expect(!framing.isBroken)
    }

    @Test("messages that are too long or compressed are refused", arguments: [[0, 255, 255, 255, 255], [1, 0, 0, 0, 0]] as [[UInt8]])
    func refused(_ bytes: [UInt8]) {
        var framing = MessageFraming()
        framing.add(bytes)
        #expect(throws: RPCStatus.self) { try framing.next() }
    }
}
