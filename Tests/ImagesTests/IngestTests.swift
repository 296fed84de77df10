import Archive
import Images
import Linux
import OCI
import Testing
import Values

@Suite struct IngestTests {
    private let fixture: Fixture
    private let bytes = Array("what is wanted".utf8)

    init() throws { fixture = try Fixture() }

    private func take(size: Int? = nil, of wanted: [UInt8]? = nil, _ read: (_ each: ([UInt8]) async throws -> Void) async throws -> Void) async throws {
        let blob = Descriptor(mediaType: MediaType.layer, digest: ContentHasher.digest(wanted ?? bytes), size: Int64(size ?? bytes.count))
        try await fixture.images.ingest(blob, read)
    }

    /// Names of what is being taken in or has been.
    private func kept() throws -> [String] {
        try ["ingest", "blobs/sha256"].flatMap { try FileDescriptor.open("\(fixture.paths.content)/\($0)", [.directory]).entries() }
    }

    @Test("a blob is taken in once") func whole() async throws {
        try await take { each in for byte in bytes { try await each([byte]) } }
        #expect(try kept() == [ContentHasher.digest(bytes).hex])
        try await take { _ in Issue.record("it is here already") }
        await #expect(throws: (any Error).self, "of another size") { try await take(size: 3) { _ in } }
    }

    @Test("nothing is kept of a body without end, one that is too short, or another one") func others() async throws {
        var count = 0
        await #expect(throws: (any Error).self) {
            try await take { each in
                while true {
                    count += 1
                    try await each(bytes)
                }
            }
        }
        #expect(count == 2)
        await #expect(throws: (any Error).self) { try await take { each in try await each(Array(bytes.dropLast())) } }
        await #expect(throws: (any Error).self) { try await take(of: bytes.reversed()) { each in try await each(bytes) } }
        await #expect(throws: (any Error).self) { try await take(size: -1) { each in try await each(bytes) } }
        #expect(try kept() == [])
    }
}
