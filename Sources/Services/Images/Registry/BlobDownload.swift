internal import Archive
internal import AsyncIO
internal import Content
internal import Diagnostics
internal import HTTPTransport
internal import Layers
internal import Linux
internal import OCI
internal import RegistryClient

/// Brings a blob in: what is missing of it, again after each cut as long as something comes.
struct BlobDownload: Sendable {
    let repository: Repository
    let descriptor: Descriptor
    /// How often in a row nothing may come.
    let attempts: Int

    enum Step: Sendable {
        /// Bytes that are there now.
        case received(Int64)
        /// It is tried again, for the how manieth time.
        case retrying(Int)
    }

    private var digest: Digest { descriptor.digest }

    /// Whether what has come before this error is not worth going on with: what is wrong, not what is merely cut; and a full disk needs
    /// the space.
    static func isWorthless(_ error: any Error) -> Bool {
        switch error {
        case let fault as Fault: fault.kind == .invalid
        case is SyscallError: isDiskFull(error)
        case let error as LayerError: !(error.cause is SyscallError) || isDiskFull(error)
        default: error is ArchiveError
        }
    }

    static func isDiskFull(_ error: any Error) -> Bool {
        (error as? SyscallError ?? (error as? LayerError)?.cause as? SyscallError)?.errno == .noSpace
    }

    func run(into blob: PartialBlob, _ tell: (Step) -> Void) async throws {
        var attempt = 1
        while blob.received < blob.size {
            let before = blob.received
            do {
                let stream = try await open(from: before)
                if let size = stream.size, size != blob.size {
                    throw Fault(.invalid, "the blob \(digest) has \(size) bytes, its descriptor says \(blob.size)")
                }
                var skipped = before - stream.offset
                while var piece = try await stream.body.next() {
                    // A registry that gives no parts begins anew.
                    if skipped > 0 {
                        let count = min(Int64(piece.count), skipped)
                        piece.removeFirst(Int(count))
                        skipped -= count
                        if piece.isEmpty { continue }
                    }
                    let bytes = piece
                    try await AsyncIO.offload { try blob.append(bytes) }
                    tell(.received(blob.received))
                }
                guard blob.received == blob.size else { throw ClientError(.cut, "unexpected EOF") }
            } catch let error as ClientError where error.isTemporary {
                // As long as something comes each time it is worth going on.
                attempt = blob.received > before ? 1 : attempt + 1
                guard attempt <= attempts else {
                    throw Fault(
                        .unavailable, "the blob \(digest) was cut off after \(blob.received) of \(blob.size) bytes, \(attempts) times: \(error)", cause: nil)
                }
                if attempt > 1 { tell(.retrying(attempt)) }
                try await AsyncIO.sleep(.milliseconds(attempt == 1 ? 50 : min(attempt, 8) * 500 + Int.random(in: 0...250)))
            }
        }
    }

    /// From the repository or, for a foreign layer that it does not have, from where the manifest says.
    private func open(from offset: Int64) async throws -> BlobStream {
        do {
            return try await repository.blob(digest, from: offset)
        } catch let fault as Fault where fault.kind == .notFound {
            var cause = Fault(.notFound, fault.message == "" ? "blob unknown: \(digest)" : "\(fault.message): \(digest)")
            for address in (descriptor.urls ?? []).prefix(8) {
                do { return try await repository.blob(at: address, from: offset) } catch let fault as Fault { cause = fault }
            }
            throw cause
        }
    }
}
