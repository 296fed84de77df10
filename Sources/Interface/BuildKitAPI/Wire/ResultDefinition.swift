internal import Archive
internal import Protobuf

// What was built for one target of `buildx bake` is a context of another: the client takes it for a definition, which it gives back.
extension Definition {
    /// Where the operation says that its files are from.
    private static let scheme = "davit-result://"

    /// Stands for something that was built.
    init(result: String) {
        var source = Operation.Source(), operation = Operation(), end = Operation(), edge = Operation.Input()
        source.identifier = Self.scheme + result
        operation.source = source
        let bytes = operation.protobuf()
        edge.digest = "\(ContentHasher.digest(bytes))"
        end.inputs = [edge]
        operations = [bytes, end.protobuf()]
        metadata = [edge.digest: Empty()]
    }

    /// What it stands for; nil for every other definition.
    var result: String? {
        // What cannot be read is another definition.
        guard operations.count == 2, let source = try? Operation(protobuf: operations[0]).source, source.identifier.hasPrefix(Self.scheme) else { return nil }
        return String(source.identifier.dropFirst(Self.scheme.utf8.count))
    }
}

/// Of `pb.Op` what it takes to say that.
private struct Operation: ProtobufMessage {
    var inputs: [Input] = []
    var source: Source?

    struct Input: ProtobufMessage {
        var digest = ""

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &digest) }
    }

    struct Source: ProtobufMessage {
        var identifier = ""

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &identifier) }
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &inputs)
        try f(3, &source)
    }
}
