internal import AsyncIO
internal import Content
internal import Diagnostics
package import OCI

extension Images {
    /// Takes a blob in, whose bytes `read` gives in pieces; one that is here already is not read. It is what its descriptor says, in size as in
    /// digest, or nothing of it is kept. Whoever calls this has an `ingestHold` until a row names the blob.
    package func ingest(_ blob: Descriptor, _ read: (_ each: ([UInt8]) async throws -> Void) async throws -> Void) async throws {
        let content = content
        guard let partial = try await AsyncIO.offload({ try PartialBlob.open(blob.digest, size: blob.size, in: content) }) else {
            guard try content.size(of: blob.digest) == blob.size else { throw Fault(.invalid, "the blob \(blob.digest) has not the \(blob.size) bytes of its descriptor") }
            return
        }
        do {
            try partial.restart()
            try await read { piece in try await AsyncIO.offload { try partial.append(piece) } }
            try await AsyncIO.offload {
                try partial.verify()
                try partial.commit()
            }
        } catch {
            // It would go in a day in any case.
            try? partial.delete()
            throw error
        }
    }
}
