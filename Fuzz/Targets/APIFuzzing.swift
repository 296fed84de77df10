import DockerAPI
import HTTP
import JSON
import Patterns

/// What clients of the engine hand in besides heads: documents, frames of web sockets, regular expressions.
enum APIFuzzing {
    /// Reads the input as the body of each request; what is one is the same after writing and reading.
    static func documents(_ input: [UInt8]) throws {
        let value = try JSONValue(parsing: input)
        precondition((try? JSONValue(parsing: Array(value.compactText.utf8))) != nil, "what was written cannot be read")
        try roundTrip(ContainerCreateRequest.self, value)
        try roundTrip(ContainerUpdateRequest.self, value)
        try roundTrip(ExecCreateRequest.self, value)
        try roundTrip(ExecStartRequest.self, value)
        try roundTrip(NetworkCreateRequest.self, value)
        try roundTrip(NetworkConnectRequest.self, value)
        try roundTrip(NetworkDisconnectRequest.self, value)
        try roundTrip(VolumeCreateRequest.self, value)
    }

    private static func roundTrip<Value: JSONRecord & Equatable>(_ type: Value.Type, _ value: JSONValue) throws {
        // Not this kind: perhaps another.
        guard let request = try? value.decode(type) else { return }
        let again = try JSONValue(encoding: request).decode(type)
        precondition(again == request, "a request comes back changed")
    }

    /// Frames cut up wherever a zero byte stands carry what they carry whole.
    static func frames(_ input: [UInt8]) throws {
        let pieces = input.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) + [0] }
        precondition(payload(pieces) == payload([Array(pieces.joined())]), "the pieces that frames come in change them")
    }

    private static func payload(_ pieces: [[UInt8]]) -> [UInt8]? {
        var frames = WebSocketFrames(), result: [UInt8] = []
        for piece in pieces {
            // A refusal ends a connection; how much of it had come depends on the pieces.
            guard let found = try? frames.decode(piece) else { return nil }
            for case .payload(let bytes) in found { result += bytes }
        }
        return result
    }

    /// The first line is an expression, the rest a text.
    static func pattern(_ input: [UInt8]) throws {
        let lines = input.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        _ = try Pattern(lines[0]).matches(lines.count > 1 ? String(lines[1].prefix(200)) : "")
    }
}
