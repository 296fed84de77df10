import Archive
import OCI
import Testing

@Suite struct HasherTests {
    @Test func knownDigests() throws {
        #expect(ContentHasher.digest([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(ContentHasher.digest(Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func sourceAndSinkHashWhatPasses() throws {
        let bytes = [UInt8](repeating: 9, count: 1_000_000)
        let source = HashingSource(MemorySource(bytes))
        let sink = HashingSink()
        try BlockReader().copy(source, to: sink)
        #expect(source.count == 1_000_000)
        #expect(sink.count == 1_000_000)
        let digest = source.digest()
        #expect(digest == sink.digest())
        #expect(digest == ContentHasher.digest(bytes))
    }
}
