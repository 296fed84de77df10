internal import AsyncIO
internal import Diagnostics
internal import HTTPTransport
internal import Linux
internal import OCI
internal import RegistryClient
internal import Synchronization

/// A blob on its way from another registry into the store, which clients read as it comes.
final class BlobDownload: Sendable {
    /// Bytes of the whole.
    let size: Int64
    private let digest: Digest
    private let repository: Repository
    private let store: RegistryStore
    private let upload: Upload
    private let file: OpenFile
    private let state = Mutex(State())

    private struct State {
        /// How much clients may have.
        var level: Int64 = 0
        var failure: (any Error)?
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// How often it goes on after a cut without having got anything.
    private static let attempts = 3
    private static let blockBytes: Int64 = 1 << 20

    /// Throws `Fault` with kind `notFound` when the repository has none such.
    init(_ digest: Digest, _ repository: Repository, _ name: RepositoryName, _ store: RegistryStore) async throws {
        guard digest.hasherAlgorithm != nil else { throw Fault(.notFound, "unsupported digest algorithm") }
        guard let size = try await repository.size(of: digest) else { throw Fault(.notFound, "blob unknown") }
        self.size = size
        self.digest = digest
        self.repository = repository
        self.store = store
        (upload, file) = try await AsyncIO.offload {
            let upload = try store.beginUpload(in: name)
            guard upload.claim() else { throw Fault(.internal, "a new upload is taken") }
            upload.expect(digest.algorithm)
            return (upload, OpenFile(try FileDescriptor.open(upload.dataPath)))
        }
    }

    /// Brings it here. Until all is verified clients do not get the last piece.
    func run(by pusher: Pusher) async throws {
        do {
            try await receive()
            let (store, upload, digest) = (store, upload, digest)
            try await AsyncIO.offload { try store.commit(upload, as: digest, by: pusher) }
            tell { $0.level = self.size }
        } catch {
            tell { $0.failure = error }
            upload.giveUp()
            let (store, upload) = (store, upload)
            // The purge takes what stays.
            try? await AsyncIO.offload { try store.cancel(upload) }
            throw error
        }
    }

    private func receive() async throws {
        var attempt = 1
        while upload.size < size {
            let before = upload.size
            do {
                let stream = try await repository.blob(digest, from: before)
                var skipped = before - stream.offset
                while var piece = try await stream.body.next() {
                    // A registry that gives no parts begins anew.
                    let count = min(Int64(piece.count), skipped)
                    piece.removeFirst(Int(count))
                    skipped -= count
                    if piece.isEmpty { continue }
                    let (bytes, upload, level) = (piece, upload, upload.size)
                    guard level + Int64(bytes.count) <= size else { throw Fault(.invalid, "more bytes than the \(size) announced") }
                    try await AsyncIO.offload { try upload.append(bytes) }
                    tell { $0.level = level }
                }
                guard upload.size == size else { throw ClientError(.cut, "unexpected EOF") }
            } catch let error as ClientError where error.isTemporary {
                attempt = upload.size > before ? 1 : attempt + 1
                guard attempt <= Self.attempts else { throw error }
                try await AsyncIO.sleep(.milliseconds(200 * attempt))
            }
        }
    }

    private func tell(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// A part of it, as far as there is one by now and then as it comes.
    func body(_ range: Range<Int64>) -> Response.Body {
        .stream { [self] output in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let (from, count) = (offset, Int(min(range.upperBound, try await level(past: offset)) - offset))
                let bytes = try await AsyncIO.offload { try self.file.descriptor.read(upTo: min(count, Int(Self.blockBytes)), at: from) }
                if bytes.isEmpty { throw Fault(.internal, "a blob has become shorter") }
                try await output.write(bytes)
                offset += Int64(bytes.count)
            }
        }
    }

    /// How much there is, as soon as that is more than `offset`.
    private func level(past offset: Int64) async throws -> Int64 {
        while true {
            let (level, failure) = state.withLock { ($0.level, $0.failure) }
            if level > offset { return level }
            if let failure { throw failure }
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.level > offset || state.failure != nil { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
            try Task.checkCancellation()
        }
    }
}
