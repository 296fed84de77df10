internal import AsyncIO
internal import Diagnostics
internal import Linux
internal import RPC
internal import Synchronization
internal import Values

/// Sends a directory: tells of all that is in it, in order of name, and gives the contents that the peer asks for.
struct TreeSender: Sendable {
    private static let pieceBytes = 32 << 10

    private let call: RPCCall
    private let root: OpenFile
    /// The paths of files, by their places among all entries.
    private let files = SharedFiles()

    private final class SharedFiles: Sendable {
        let paths = Mutex<[Int: PathBytes]>([:])
    }

    init(_ call: RPCCall, _ root: OpenFile) {
        self.call = call
        self.root = root
    }

    /// `progress` gets the bytes that have gone.
    func run(_ progress: @escaping @Sendable (Int) -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tell() }
            group.addTask { try await answer(progress) }
            // Each throws what went wrong; the second ends when the peer has all.
            while try await group.next() != nil {}
        }
    }

    private func tell() async throws {
        var count = 0, open = [[PathBytes]](), directory: [UInt8] = [], names: [Identity: String] = [:]
        // One directory at a time, without holding more than the names of those that are open.
        open.append(try await contents([]))
        while var last = open.popLast() {
            guard let name = last.popLast() else {
                directory = directory.lastIndex(of: UInt8(ascii: "/")).map { Array(directory[..<$0]) } ?? []
                continue
            }
            open.append(last)
            guard let path = PathBytes(directory.isEmpty ? name.bytes : directory + [UInt8(ascii: "/")] + name.bytes) else { continue }
            let root = root
            guard let (found, identity) = try await AsyncIO.offload({ try Self.entry(path, in: root) }) else { continue }
            var entry = found
            let kind = GoFileMode(entry.mode).kind
            if let identity {
                if let first = names[identity] { (entry.link, entry.size) = (first, 0) } else { names[identity] = entry.path }
            }
            if kind == .regular, entry.link.isEmpty { files.paths.withLock { $0[count] = path } }
            count += 1
            try await call.send(Packet(.status, status: entry))
            if kind == .directory {
                directory = path.bytes
                open.append(try await contents(directory))
            }
        }
        try await call.send(Packet(.status))
    }

    /// The last one first.
    private func contents(_ directory: [UInt8]) async throws -> [PathBytes] {
        let root = root
        return try await AsyncIO.offload {
            guard let path = PathBytes(directory.isEmpty ? Array(".".utf8) : directory) else { return [] }
            return try root.descriptor.open(path, [.directory, .noFollow], resolve: [.beneath, .noSymbolicLinks]).sortedNames().reversed()
        }
    }

    /// A file that has several names.
    private struct Identity: Hashable {
        var device: UInt64, inode: UInt64
    }

    /// Nil for what has no meaning elsewhere: sockets.
    private static func entry(_ path: PathBytes, in root: OpenFile) throws -> (FileEntry, Identity?)? {
        guard let status = try root.descriptor.statusIfAny(of: path), status.kind != .socket else { return nil }
        var entry = FileEntry()
        entry.path = path.description
        entry.mode = GoFileMode(status).value
        (entry.user, entry.group) = (Int(status.user), Int(status.group))
        entry.size = status.kind == .regular ? Int(status.size) : 0
        entry.modified = Int(status.modified.nanoseconds)
        if status.kind == .symbolicLink { entry.link = String(decoding: try root.descriptor.readLink(path), as: UTF8.self) }
        if [.characterDevice, .blockDevice].contains(status.kind) {
            (entry.deviceMajor, entry.deviceMinor) = (Int(status.deviceNumber.major), Int(status.deviceNumber.minor))
        }
        let hasNames = status.kind == .regular && status.links > 1
        return (entry, hasNames ? Identity(device: status.device, inode: status.inode) : nil)
    }

    private func answer(_ progress: @Sendable (Int) -> Void) async throws {
        var sent = 0
        while let packet = try await call.receive(Packet.self) {
            switch Packet.Kind(rawValue: packet.kind) {
            case .request:
                guard let path = files.paths.withLock({ $0.removeValue(forKey: packet.id) }) else { throw Fault(.invalid, "invalid file id \(packet.id)") }
                let root = root
                let file = try await AsyncIO.offload { OpenFile(try root.descriptor.open(path, [.readOnly, .noFollow, .nonBlocking], resolve: [.beneath, .noSymbolicLinks])) }
                while true {
                    let bytes = try await AsyncIO.offload { try file.descriptor.read(upTo: Self.pieceBytes) }
                    try await call.send(Packet(.data, id: packet.id, data: bytes))
                    if bytes.isEmpty { break }
                    sent += bytes.count
                    progress(sent)
                }
            case .finish:
                try await call.send(Packet(.finish))
                try call.finish()
            case .error: throw Fault(.invalid, "error from receiver: \(String(decoding: packet.data, as: UTF8.self))")
            default: throw Fault(.invalid, "a packet of a kind that is not known")
            }
        }
    }
}
