internal import Archive
internal import Diagnostics
internal import JSON
internal import Linux
package import OCI
internal import Synchronization
internal import Values

/// A blob on its way in, in a file of its repository: it survives the server, which hashes again what it finds.
package final class Upload: Sendable {
    package let id: UploadID
    package let repository: RepositoryName
    let directory: String
    var dataPath: String { "\(directory)/data" }
    private let state: Mutex<State>

    private struct State {
        let file: OpenFile
        var size: Int64
        /// The disk has begun with what is before this place.
        var begun: Int64
        /// Nil when what is in the file has not been hashed by this process.
        var hasher: ContentHasher?
        var algorithm: ContentHasher.Algorithm
        var isClaimed = false
        var isOver = false
    }

    init(_ id: UploadID, _ repository: RepositoryName, directory: String, create: Bool) throws {
        self.id = id
        self.repository = repository
        self.directory = directory
        let file = OpenFile(try FileDescriptor.open("\(directory)/data", create ? [.readWrite, .create, .append] : [.readWrite, .append], mode: 0o600))
        let size = try file.descriptor.status().size
        state = Mutex(State(file: file, size: size, begun: size, hasher: nil, algorithm: .sha256))
    }

    /// Bytes so far.
    package var size: Int64 { state.withLock { $0.size } }

    /// One request at a time adds to it; false when another one does.
    package func claim() -> Bool {
        state.withLock { state in
            if state.isClaimed || state.isOver { return false }
            state.isClaimed = true
            return true
        }
    }

    package func giveUp() { state.withLock { $0.isClaimed = false } }

    var isIdle: Bool { state.withLock { !$0.isClaimed } }

    /// What the digest will be made with; worth telling before anything is written.
    package func expect(_ algorithm: String) {
        guard let algorithm = ContentHasher.Algorithm(rawValue: algorithm) else { return }
        state.withLock { state in
            if state.algorithm != algorithm { state.hasher = nil }
            state.algorithm = algorithm
        }
    }

    /// Adds bytes at the end. When the disk refuses, what was there before stays.
    package func append(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            let hasher = try Self.hasher(&state)
            do throws(SyscallError) {
                try state.file.descriptor.writeAll(bytes)
            } catch {
                // The hash counts whole pieces only. Where even this fails the next request sees the true size and hashes again.
                try? state.file.descriptor.setSize(state.size)
                throw Fault(.unavailable, "cannot write the upload", cause: error)
            }
            hasher.update(bytes)
            state.size += Int64(bytes.count)
            if state.size - state.begun >= Self.writeBackStep {
                try state.file.descriptor.beginWriting(state.begun..<state.size)
                state.begun = state.size
            }
        }
    }

    /// After so many bytes the disk begins with them: the sync at the end then waits for little.
    private static let writeBackStep: Int64 = 4 << 20

    private static func hasher(_ state: inout State) throws -> ContentHasher {
        if let hasher = state.hasher { return hasher }
        let hasher = ContentHasher(state.algorithm)
        var offset: Int64 = 0
        while offset < state.size {
            let bytes = try state.file.descriptor.read(upTo: 1 << 20, at: offset)
            if bytes.isEmpty { throw Fault(.internal, "an upload has become shorter") }
            hasher.update(bytes)
            offset += Int64(bytes.count)
        }
        state.hasher = hasher
        return hasher
    }

    /// The digest of everything, with the algorithm of `expected`; then `body` with the file. Afterwards the upload is over.
    func finish(expecting expected: Digest, _ body: (borrowing FileDescriptor) throws -> Void) throws {
        expect(expected.algorithm)
        try state.withLock { state in
            guard !state.isOver else { throw RegistryError(.blobUploadUnknown) }
            let found = try Self.hasher(&state).finish()
            state.hasher = nil
            guard found == expected else {
                throw RegistryError(.digestInvalid, detail: .object(["digest": .string(expected.description), "content": .string(found.description)]))
            }
            try body(state.file.descriptor)
            state.isOver = true
        }
    }
}

/// The uploads that this process works on. Others on disk are opened when somebody goes on with them.
final class UploadTable: Sendable {
    /// More than that, and idle ones are closed.
    static let limit = 1024

    private let paths: RegistryPaths
    private let open = Mutex<[UploadID: Upload]>([:])

    init(paths: RegistryPaths) { self.paths = paths }

    subscript(id: UploadID) -> Upload? { open.withLock { $0[id] } }

    /// One object an upload, whoever asks first.
    func add(_ upload: Upload) -> Upload {
        open.withLock { open in
            if let known = open[upload.id] { return known }
            if open.count >= Self.limit, let idle = open.first(where: { $0.value.isIdle })?.key { open[idle] = nil }
            open[upload.id] = upload
            return upload
        }
    }

    func remove(_ id: UploadID) { open.withLock { _ = $0.removeValue(forKey: id) } }
}
