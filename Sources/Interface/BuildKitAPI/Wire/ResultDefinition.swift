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
        guard let source, source.identifier.hasPrefix(Self.scheme) else { return nil }
        return String(source.identifier.dropFirst(Self.scheme.utf8.count))
    }

    /// The address of a repository or of a file of the web, when it stands for that or a directory of it, and for nothing else.
    var address: String? {
        guard let source = source ?? directory?.source else { return nil }
        let parts = source.identifier.split(separator: "#", maxSplits: 1).map(String.init), address = source.attributes["git.fullurl"] ?? parts.first ?? ""
        guard ["git://", "http://", "https://", "ssh://"].contains(where: { address.hasPrefix($0) }) || address.hasPrefix("git@") else { return nil }
        let reference = parts.count > 1 ? parts[1] : ""
        if let directory { return reference.contains(":") ? nil : "\(address)#\(reference):\(directory.path)" }
        return reference.isEmpty ? address : "\(address)#\(reference)"
    }

    /// Where files are from, and the directory of it that is copied and is all that there is.
    private var directory: (source: Operation.Source, path: String)? {
        guard operations.count == 3, let source = try? Operation(protobuf: operations[0]).source, let actions = try? Operation(protobuf: operations[1]).file?.actions,
            actions.count == 1, let copy = actions[0].copy, copy.to == "/", copy.takesContents, !copy.unpacks
        else { return nil }
        return (source, String(copy.from.drop { $0 == "/" }))
    }

    /// The only operation, if that says where files are from. What cannot be read is another definition.
    private var source: Operation.Source? { operations.count == 2 ? try? Operation(protobuf: operations[0]).source : nil }
}

/// Of `pb.Op` what it takes to say that.
private struct Operation: ProtobufMessage {
    var inputs: [Input] = []
    var source: Source?
    var file: File?

    struct Input: ProtobufMessage {
        var digest = ""

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &digest) }
    }

    struct Source: ProtobufMessage {
        var identifier = ""
        var attributes: [String: String] = [:]

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &identifier)
            try f(2, &attributes)
        }
    }

    struct File: ProtobufMessage {
        var actions: [Action] = []

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(2, &actions) }
    }

    struct Action: ProtobufMessage {
        var copy: Copy?

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(4, &copy) }
    }

    struct Copy: ProtobufMessage {
        var from = ""
        var to = ""
        var takesContents = false
        var unpacks = false

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &from)
            try f(2, &to)
            try f(6, &takesContents)
            try f(7, &unpacks)
        }
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &inputs)
        try f(3, &source)
        try f(4, &file)
    }
}
