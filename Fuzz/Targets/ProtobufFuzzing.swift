import Protobuf
import RPC

/// Messages that BuildKit's clients send.
enum ProtobufFuzzing {
    private struct Sample: ProtobufMessage, Equatable {
        var text = ""
        var number = 0
        var flag = false
        var bytes: [UInt8] = []
        var words: [String] = []
        var map: [String: String] = [:]
        var details: [RPCDetail] = []

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &text)
            try f(2, &number)
            try f(3, &flag)
            try f(4, &bytes)
            try f(5, &words)
            try f(6, &map)
            try f(7, &details)
        }

        static func == (a: Sample, b: Sample) -> Bool { a.protobuf() == b.protobuf() }
    }

    /// Takes frames out of the input; what is a message comes back the same.
    static func messages(_ input: [UInt8]) throws {
        var framing = MessageFraming()
        framing.add(input)
        while let message = try framing.next() { try check(message) }
        try check(input)
    }

    private static func check(_ bytes: [UInt8]) throws {
        _ = try? RPCStatus(encoded: bytes)
        let message = try Sample(protobuf: bytes)
        let again = try Sample(protobuf: message.protobuf())
        precondition(again == message, "a message comes back changed")
        let text = HeaderText.decode(message.text)
        precondition(HeaderText.decode(HeaderText.encode(text)) == text, "a header comes back changed")
    }
}
