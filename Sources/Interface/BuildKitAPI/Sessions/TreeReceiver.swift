internal import AsyncIO
internal import Diagnostics
internal import Linux
internal import RPC
internal import Values

/// Receives a directory: the peer tells of all files in order, we ask for the contents of each, and they come in pieces.
struct TreeReceiver {
    /// Files that are asked for at a time.
    private static let openLimit = 64
    /// What is put off until it is done at once, apart from the event loop.
    private static let batchCount = 512
    private static let batchBytes = 2 << 20

    private let call: RPCCall
    private let writer: TreeWriter
    /// Files that have been told of and not been asked for.
    private var waiting: [Int] = []
    private var asked = 0
    private var open: Set<Int> = []
    private var batch: [TreeWriter.Step] = []
    private var batchSize = 0
    private var isTold = false

    init(_ call: RPCCall, into directory: OpenFile) {
        self.call = call
        writer = TreeWriter(directory)
    }

    /// `progress` gets the bytes that have come.
    consuming func run(_ progress: (Int) -> Void) async throws {
        do { try await receive(progress) } catch {
            // The sender sees it in its own words, if it is still there.
            try? await call.send(Packet(.error, data: Array("\(error)".utf8)))
            throw error
        }
    }

    private mutating func receive(_ progress: (Int) -> Void) async throws {
        var entries = 0, bytes = 0
        while !isTold || !open.isEmpty || asked < waiting.count {
            guard let packet = try await call.receive(Packet.self) else { throw Fault(.invalid, "the client ended the transfer of a directory too early") }
            bytes += packet.data.count
            switch Packet.Kind(rawValue: packet.kind) {
            case .status:
                guard let entry = packet.status else {
                    isTold = true
                    break
                }
                let step = try TreeWriter.Step(entry, id: entries)
                if case .file = step { waiting.append(entries) }
                entries += 1
                guard entries <= TreeWriter.limit else { throw Fault(.invalid, "too many files in a directory of the client") }
                batch.append(step)
                batchSize += 128
            case .data:
                guard open.contains(packet.id) else { throw Fault(.invalid, "the client sent a file that was not asked for") }
                batch.append(packet.data.isEmpty ? .end(packet.id) : .data(packet.id, packet.data))
                batchSize += packet.data.count
                if packet.data.isEmpty { open.remove(packet.id) }
            case .error: throw Fault(.invalid, "error from sender: \(String(decoding: packet.data, as: UTF8.self))")
            default: throw Fault(.invalid, "a packet of a kind that is not known")
            }
            while open.count < Self.openLimit, asked < waiting.count {
                open.insert(waiting[asked])
                try await call.send(Packet(.request, id: waiting[asked]))
                asked += 1
            }
            if batch.count >= Self.batchCount || batchSize >= Self.batchBytes {
                try await flush()
                progress(bytes)
            }
        }
        batch.append(.done)
        try await flush()
        progress(bytes)
        try await call.send(Packet(.finish))
        try call.finish()
        while try await call.receive(Packet.self) != nil {}
    }

    private mutating func flush() async throws {
        let steps = batch, writer = writer
        (batch, batchSize) = ([], 0)
        try await AsyncIO.offload { try writer.perform(steps) }
    }
}
