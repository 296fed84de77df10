internal import Protobuf

// Of moby.buildkit.v1.frontend (gateway.proto): with it a client steers a build that it has begun.

/// What there is to ask for.
struct PongResponse: ProtobufMessage {
    var frontendCapabilities: [Capability] = []
    var buildCapabilities: [Capability] = []
    var workers: [Worker] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &frontendCapabilities)
        try f(2, &buildCapabilities)
        try f(3, &workers)
    }
}

/// Something that the other side may ask for.
struct Capability: ProtobufMessage {
    var id = ""
    var isEnabled = false

    init() {}

    init(_ id: String) {
        self.id = id
        isEnabled = true
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &id)
        try f(2, &isEnabled)
    }
}

/// Asks for a build whose outcome may be looked at, or returned.
struct BridgeSolveRequest: ProtobufMessage {
    var definition: Definition?
    var frontend = ""
    var options: [String: String] = [:]
    /// The client knows results that say more than one reference.
    var takesResult = false
    var takesReference = false
    var frontendInputs: [String: Definition] = [:]

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &definition)
        try f(2, &frontend)
        try f(3, &options)
        try f(5, &takesResult)
        try f(6, &takesReference)
        try f(13, &frontendInputs)
    }
}

/// The name of what was built.
struct BridgeSolveResponse: ProtobufMessage {
    var ref = ""
    var result: BridgeResult?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &ref)
        try f(3, &result)
    }
}

/// The same with what is known of it, both ways.
struct BridgeResult: ProtobufMessage {
    /// How old clients have `ref`.
    var oldRef = ""
    var ref: Reference?
    /// References by platforms, where there are several.
    var refs: References?
    var metadata: [String: [UInt8]] = [:]

    struct Reference: ProtobufMessage {
        var id = ""
        var definition: Definition?

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &id)
            try f(2, &definition)
        }
    }

    struct References: ProtobufMessage {
        var refs: [String: Reference] = [:]

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &refs) }
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &oldRef)
        try f(3, &ref)
        try f(4, &refs)
        try f(10, &metadata)
    }
}

/// Ends the steering: with what is to be exported, or an error.
struct ReturnRequest: ProtobufMessage {
    var result: BridgeResult?
    /// `google.rpc.Status`; empty when all is well.
    var error: [UInt8] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &result)
        try f(2, &error)
    }
}

/// Asks for what a reference has in a file.
struct ReadFileRequest: ProtobufMessage {
    struct Range: ProtobufMessage {
        var offset = 0
        var length = 0

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
            try f(1, &offset)
            try f(2, &length)
        }
    }

    var ref = ""
    var path = ""
    /// Nil for all of it.
    var range: Range?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &ref)
        try f(2, &path)
        try f(3, &range)
    }
}

/// Asks what a path of a reference is.
struct StatFileRequest: ProtobufMessage {
    var ref = ""
    var path = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &ref)
        try f(2, &path)
    }
}

/// That.
struct StatFileResponse: ProtobufMessage {
    var entry: FileEntry?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &entry) }
}
