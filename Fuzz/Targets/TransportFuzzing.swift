import HTTP
import HTTP2
import RegistryServer

/// What comes from the other end of a connection: a client of the BuildKit protocol, or a registry that answers.
enum TransportFuzzing {
    /// Frames of HTTP/2 behind the preface, cut up wherever 0xff stands: whatever comes, the server answers or ends.
    static func frames(_ input: [UInt8]) throws {
        let session = try HTTP2Session(.server)
        _ = try session.receive(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0])
        for piece in input.split(separator: 0xff, omittingEmptySubsequences: false) {
            for event in try session.receive(Array(piece)) {
                switch event {
                case .head(let id, let fields):
                    precondition(fields.reduce(0) { $0 + $1.name.utf8.count } <= 64 << 10, "a head past its limit")
                    // Refused for what are trailers.
                    try? session.respond(id, [HTTP2Field(":status", "200")])
                    try? session.send(id, [1, 2, 3])
                case .data(let id, let bytes): session.consumed(id, bytes.count)
                case .ended(let id): session.finish(id, [HTTP2Field("grpc-status", "0")])
                case .closed: break
                }
            }
            while try !session.output().isEmpty {}
            _ = session.takeEvents()
        }
    }

    /// An answer, cut up wherever a zero byte stands: cut up otherwise it is the same.
    static func answer(_ input: [UInt8]) throws {
        let pieces = input.split(separator: 0).map(Array.init)
        precondition(body(pieces) == body([Array(pieces.joined())]), "the pieces that an answer comes in change it")
    }

    /// Nil for what is refused, or not whole.
    private static func body(_ pieces: [[UInt8]]) -> [UInt8]? {
        var buffer = InputBuffer(), parser = HeadParser(), decoder: BodyDecoder?, result: [UInt8] = []
        for piece in pieces {
            buffer.append(piece)
            do {
                if decoder == nil {
                    guard let head = try parser.response(&buffer) else { continue }
                    for field in head.headers.all("Date") { _ = HTTPDate.time(field) }
                    for field in head.headers.all("Content-Range") {
                        guard case .part(let range) = ByteRange.read([field], size: 1000) else { continue }
                        precondition(range.upperBound <= 1000 && !range.isEmpty, "a range outside of the file")
                    }
                    decoder = BodyDecoder(try BodyFraming(head, to: .get))
                }
                reading: while let part = try decoder?.next(&buffer) {
                    switch part {
                    case .bytes(let bytes): result += bytes
                    case .needsMore: break reading
                    case .end: return result
                    }
                }
            } catch { return nil }
        }
        return nil
    }
}
