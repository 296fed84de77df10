internal import Linux
internal import Protobuf
internal import RPC
internal import Values

// Of moby.buildkit.v1 (control.proto) what a build is asked for and answered with. Fields have the names of the definitions, in our case.

/// Asks for a build, and for what becomes of it.
struct SolveRequest: ProtobufMessage {
    var ref = ""
    /// A build in BuildKit's own low-level form.
    var definition: Definition?
    /// What old clients say instead of `exporters`.
    var oldExporter = ""
    var oldExporterAttributes: [String: String] = [:]
    var session = ""
    var frontend = ""
    var frontendAttributes: [String: String] = [:]
    var caches: CacheRequest?
    var entitlements: [String] = []
    var frontendInputs: [String: Definition] = [:]
    /// A build that no history tells of.
    var isInternal = false
    var exporters: [Exporter] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &ref)
        try f(2, &definition)
        try f(3, &oldExporter)
        try f(4, &oldExporterAttributes)
        try f(5, &session)
        try f(6, &frontend)
        try f(7, &frontendAttributes)
        try f(8, &caches)
        try f(9, &entitlements)
        try f(10, &frontendInputs)
        try f(11, &isInternal)
        try f(13, &exporters)
    }
}

/// A build in low-level form. None but those that we have made ourselves are understood.
struct Definition: ProtobufMessage {
    var operations: [[UInt8]] = []
    /// By digests of operations.
    var metadata: [String: Empty] = [:]

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &operations)
        try f(2, &metadata)
    }
}

/// A kind of output and its options.
struct Exporter: ProtobufMessage {
    var type = ""
    var attributes: [String: String] = [:]

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &type)
        try f(2, &attributes)
    }
}

/// Caches elsewhere. Where steps come from clients tell frontends too, which is heeded.
struct CacheRequest: ProtobufMessage {
    var exports: [Exporter] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(4, &exports) }
}

/// What exporters tell.
struct SolveResponse: ProtobufMessage {
    var exporterResponse: [String: String] = [:]

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &exporterResponse) }
}

/// Asks what happens in a build.
struct StatusRequest: ProtobufMessage {
    var ref = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &ref) }
}

/// What has happened since the last one.
struct StatusResponse: ProtobufMessage {
    var vertexes: [Vertex] = []
    var statuses: [VertexStatus] = []
    var logs: [VertexLog] = []
    var warnings: [VertexWarning] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &vertexes)
        try f(2, &statuses)
        try f(3, &logs)
        try f(4, &warnings)
    }
}

/// One step.
struct Vertex: ProtobufMessage {
    var digest = ""
    var name = ""
    var cached = false
    var started: Moment?
    var completed: Moment?
    var error = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &digest)
        try f(3, &name)
        try f(4, &cached)
        try f(5, &started)
        try f(6, &completed)
        try f(7, &error)
    }
}

/// A part of a step that is told of apart.
struct VertexStatus: ProtobufMessage {
    var id = ""
    var vertex = ""
    /// What is being done.
    var name = ""
    var current = 0
    var timestamp: Moment?
    var started: Moment?
    var completed: Moment?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &id)
        try f(2, &vertex)
        try f(3, &name)
        try f(4, &current)
        try f(6, &timestamp)
        try f(7, &started)
        try f(8, &completed)
    }
}

/// What a step has written.
struct VertexLog: ProtobufMessage {
    var vertex = ""
    var timestamp: Moment?
    var stream = 0
    var text: [UInt8] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &vertex)
        try f(2, &timestamp)
        try f(3, &stream)
        try f(4, &text)
    }
}

/// A word of warning.
struct VertexWarning: ProtobufMessage {
    var vertex = ""
    var level = 0
    var short: [UInt8] = []
    var details: [[UInt8]] = []
    var url = ""
    var source: SourceFile?
    var ranges: [LineRange] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &vertex)
        try f(2, &level)
        try f(3, &short)
        try f(4, &details)
        try f(5, &url)
        try f(6, &source)
        try f(7, &ranges)
    }
}

/// `pb.SourceInfo`.
struct SourceFile: ProtobufMessage {
    var name = ""
    var text: [UInt8] = []
    var language = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &name)
        try f(2, &text)
        try f(4, &language)
    }
}

/// `pb.Range`, of lines.
struct LineRange: ProtobufMessage {
    struct Position: ProtobufMessage {
        var line = 0

        init() {}
        init(_ line: Int) { self.line = line }

        mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &line) }
    }

    var start: Position?
    var end: Position?

    init() {}

    init(_ lines: ClosedRange<Int>) {
        (start, end) = (Position(lines.lowerBound), Position(lines.upperBound))
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &start)
        try f(2, &end)
    }
}

/// `google.protobuf.Timestamp`.
struct Moment: ProtobufMessage {
    var seconds = 0
    var nanoseconds = 0

    init() {}

    init(_ time: Timestamp) {
        seconds = Int(time.seconds)
        let rest = time == .never ? 0 : Int(time.nanoseconds % 1_000_000_000)
        nanoseconds = rest < 0 ? rest + 1_000_000_000 : rest
    }

    static var now: Moment { Moment(.now) }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &seconds)
        try f(2, &nanoseconds)
    }
}
