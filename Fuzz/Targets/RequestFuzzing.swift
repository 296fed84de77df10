import HTTP

/// Whatever a client sends on its connection.
enum RequestFuzzing {
    /// Requests in a row, cut up wherever a zero byte stands. Cut up otherwise they are the same requests; and one that is written out and
    /// read again is itself.
    static func requests(_ input: [UInt8]) throws {
        let pieces = input.split(separator: 0).map(Array.init)
        let cut = read(pieces), whole = read([Array(pieces.joined())])
        precondition(cut == whole, "the pieces that a request comes in change it")
        for head in cut.map(\.head) {
            var buffer = InputBuffer(), parser = HeadParser()
            buffer.append(head.bytes)
            // A refusal would be a difference too.
            precondition((try? parser.request(&buffer)) == head, "the request that is passed on is another one")
            precondition(buffer.isEmpty, "the request that is passed on has a rest")
            if let location = try? head.location() { precondition(location.path.utf8.allSatisfy { $0 >= 32 }, "control characters in a path") }
        }
    }

    private struct Found: Equatable {
        var head: RequestHead
        var body: [UInt8] = []
    }

    /// Up to the first that is refused.
    private static func read(_ pieces: [[UInt8]]) -> [Found] {
        var buffer = InputBuffer(), parser = HeadParser(), found: [Found] = [], decoder: BodyDecoder?
        for piece in pieces {
            buffer.append(piece)
            // A refusal ends a connection.
            do { while try step(&buffer, &parser, &decoder, &found) {} } catch { break }
        }
        // What came of the last body before a refusal depends on the pieces.
        if decoder?.isFinished == false { found.removeLast() }
        return found
    }

    /// False when more is needed.
    private static func step(
        _ buffer: inout InputBuffer, _ parser: inout HeadParser, _ decoder: inout BodyDecoder?, _ found: inout [Found]
    ) throws(HTTPError) -> Bool {
        if decoder != nil, let piece = try decoder?.next(&buffer) {
            switch piece {
            case .bytes(let bytes): found[found.count - 1].body += bytes
            case .needsMore: return false
            case .end: decoder = nil
            }
            return true
        }
        guard let head = try parser.request(&buffer) else { return false }
        let framing = try BodyFraming(head)
        found.append(Found(head: head))
        decoder = BodyDecoder(framing)
        return true
    }
}
