import Protobuf
import Testing

private struct Inner: ProtobufMessage, Equatable {
    var name = ""
    var size = 0

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &name)
        try f(2, &size)
    }
}

private struct Outer: ProtobufMessage, Equatable {
    var text = ""
    var bytes: [UInt8] = []
    var flag = false
    var number = 0
    var large: UInt64 = 0
    var one: Inner?
    var many: [Inner] = []
    var words: [String] = []
    var map: [String: String] = [:]
    var inners: [String: Inner] = [:]

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &text)
        try f(2, &bytes)
        try f(3, &flag)
        try f(4, &number)
        try f(5, &large)
        try f(6, &one)
        try f(7, &many)
        try f(8, &words)
        try f(9, &map)
        try f(300, &inners)
    }
}

extension Outer {
    fileprivate static var example: Outer {
        var message = Outer()
        message.text = "grüß"
        message.bytes = [0, 255]
        message.flag = true
        message.number = -5
        message.large = .max
        message.one = Inner()
        message.many = [Inner(name: "a", size: 300), Inner()]
        message.words = ["", "x"]
        message.map = ["k": "v", "": "w", "z": ""]
        message.inners = ["i": Inner(name: "b", size: 1)]
        return message
    }
}

@Suite("messages of protocol buffers") struct ProtobufTests {
    @Test("what is written is what is read") func roundTrip() throws {
        let message = Outer.example
        #expect(try Outer(protobuf: message.protobuf()) == message)
        #expect(Outer().protobuf() == [])
    }

    @Test("the bytes are those of other implementations") func bytes() throws {
        #expect(Inner(name: "testing", size: 150).protobuf() == [0x0a, 7] + Array("testing".utf8) + [0x10, 0x96, 1])
        // Fixed numbers and fields that are not known are passed over; the last of several counts.
        let bytes: [UInt8] = [0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x10, 1, 0x10, 2, 0x0a, 0]
        #expect(try Inner(protobuf: bytes) == Inner(name: "", size: 2))
    }

    @Test(
        "bytes that are no message are refused",
        arguments: [
            [0x0a], [0x0a, 5, 1], [0x10], [0x10, 0x80], [0x00, 1], [0x0b], [0x0c], [0x0f, 1], [0x19, 1], [0x08, 1], [0x12, 1, 0],
            [0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2], [0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], [0x80, 0x80, 0x80, 0x80, 0x10, 1],
        ] as [[UInt8]])
    func refused(_ bytes: [UInt8]) {
        #expect(throws: ProtobufError.self) { try Inner(protobuf: bytes) }
    }

    @Test("no bytes do any harm") func noise() {
        var seed: UInt64 = 1
        let good = Outer.example.protobuf()
        for round in 0..<5_000 {
            var bytes = good
            for _ in 0..<(1 + round % 4) {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(seed >> 33) % bytes.count] = UInt8(truncatingIfNeeded: seed >> 25)
            }
            if let message = try? Outer(protobuf: bytes) { #expect((try? Outer(protobuf: message.protobuf())) == message) }
            _ = try? Outer(protobuf: bytes.prefix(Int(seed >> 40) % bytes.count))
        }
    }
}
