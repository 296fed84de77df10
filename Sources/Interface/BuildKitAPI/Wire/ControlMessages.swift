internal import OCI
internal import Protobuf
internal import RPC

// Of moby.buildkit.v1 (control.proto, worker.proto) what is asked about the builder itself.

/// A message without fields, or one whose fields do not matter.
struct Empty: ProtobufMessage {
    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {}
}

/// Bytes of a stream, as several services pass them.
struct BytesMessage: ProtobufMessage {
    var data: [UInt8] = []

    init() {}
    init(_ data: [UInt8]) { self.data = data }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &data) }
}

/// What the builder is.
struct InfoResponse: ProtobufMessage {
    var version: BuilderVersion?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &version) }
}

/// A program and its version.
struct BuilderVersion: ProtobufMessage {
    var package = ""
    var version = ""
    var dockerfileVersion = ""

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &package)
        try f(2, &version)
        try f(4, &dockerfileVersion)
    }
}

/// Who carries builds out.
struct ListWorkersResponse: ProtobufMessage {
    var workers: [Worker] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &workers) }
}

/// One of those.
struct Worker: ProtobufMessage {
    var id = ""
    var labels: [String: String] = [:]
    var platforms: [WorkerPlatform] = []
    var version: BuilderVersion?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &id)
        try f(2, &labels)
        try f(3, &platforms)
        try f(5, &version)
    }
}

/// What it can run programs for.
struct WorkerPlatform: ProtobufMessage {
    var architecture = ""
    var system = ""
    var variant = ""

    init() {}

    init(_ platform: Platform) {
        architecture = platform.architecture
        system = platform.os
        variant = platform.variant ?? ""
    }

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &architecture)
        try f(2, &system)
        try f(3, &variant)
    }
}

/// Asks what steps of builds are kept.
struct DiskUsageRequest: ProtobufMessage {
    var filters: [String] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &filters) }
}

/// All of them.
struct DiskUsageResponse: ProtobufMessage {
    var records: [UsageRecord] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) { try f(1, &records) }
}

/// A step that is kept.
struct UsageRecord: ProtobufMessage {
    var id = ""
    var isInUse = false
    var size = 0
    var created: Moment?
    var lastUsed: Moment?
    var uses = 0
    var description = ""
    var type = ""
    var isShared = false
    var parents: [String] = []

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &id)
        try f(3, &isInUse)
        try f(4, &size)
        try f(6, &created)
        try f(7, &lastUsed)
        try f(8, &uses)
        try f(9, &description)
        try f(10, &type)
        try f(11, &isShared)
        try f(12, &parents)
    }
}

/// Asks to forget steps of builds.
struct PruneRequest: ProtobufMessage {
    var filters: [String] = []
    var all = false
    /// Nanoseconds.
    var keepDuration = 0
    /// Bytes.
    var reservedSpace = 0

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &filters)
        try f(2, &all)
        try f(3, &keepDuration)
        try f(4, &reservedSpace)
    }
}

// MARK: History

/// Asks for builds that have ended, or run.
struct HistoryRequest: ProtobufMessage {
    var activeOnly = false
    var ref = ""
    /// What there is, and nothing that comes later.
    var earlyExit = false
    var limit = 0

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &activeOnly)
        try f(2, &ref)
        try f(3, &earlyExit)
        try f(5, &limit)
    }
}

/// Something about one build of the past.
struct HistoryEvent: ProtobufMessage {
    /// 0 started, 1 complete, 2 deleted.
    var type = 0
    var record: HistoryRecord?

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &type)
        try f(2, &record)
    }
}

/// One build.
struct HistoryRecord: ProtobufMessage {
    var ref = ""
    var frontend = ""
    var frontendAttributes: [String: String] = [:]
    var exporters: [Exporter] = []
    /// `google.rpc.Status`; empty when all is well.
    var error: [UInt8] = []
    var created: Moment?
    var completed: Moment?
    var exporterResponse: [String: String] = [:]
    var cachedSteps = 0
    var totalSteps = 0
    var completedSteps = 0

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &ref)
        try f(2, &frontend)
        try f(3, &frontendAttributes)
        try f(4, &exporters)
        try f(5, &error)
        try f(6, &created)
        try f(7, &completed)
        try f(9, &exporterResponse)
        try f(15, &cachedSteps)
        try f(16, &totalSteps)
        try f(17, &completedSteps)
    }
}

/// Asks to change what is kept of a build.
struct UpdateHistoryRequest: ProtobufMessage {
    var ref = ""
    var delete = false

    mutating func fields(_ f: inout ProtobufFields) throws(ProtobufError) {
        try f(1, &ref)
        try f(3, &delete)
    }
}
