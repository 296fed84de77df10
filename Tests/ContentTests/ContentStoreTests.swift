import Archive
import Content
import Diagnostics
import Linux
import OCI
import Testing

@Suite struct ContentStoreTests {
    private func withStore(_ body: (ContentStore) throws -> Void) throws {
        let path = "/tmp/davit-content-\(UInt64.random(in: 0 ... .max))"
        defer {
            // The test's outcome does not depend on it.
            try? FileSystem.removeTree(path)
        }
        let store = ContentStore(path: path)
        try store.prepare()
        try store.prepare()
        try body(store)
    }

    @Test func blobsComeAndGo() throws {
        try withStore { store throws in
            let bytes = Array("blob".utf8)
            let digest = try store.ingest(bytes)
            #expect(digest == ContentHasher.digest(bytes))
            #expect(try store.ingest(MemorySource(bytes)).size == 4)
            #expect(try store.bytes(of: digest) == bytes)
            #expect(try store.size(of: digest) == 4)
            #expect(try store.digests() == [digest])
            #expect(try FileDescriptor.open("\(store.path)/ingest", [.directory]).entries().isEmpty)
            try store.delete(digest)
            try store.delete(digest)
            #expect(!store.contains(digest))
            #expect(throws: Fault.self) { try store.open(digest) }
        }
    }

    @Test func wrongContentIsNotKept() throws {
        try withStore { store throws in
            #expect(throws: Fault.self) { try store.ingest(MemorySource([1, 2]), expected: ContentHasher.digest([])) }
            #expect(try store.digests().isEmpty)
        }
    }

    @Test func staleIngestsGo() throws {
        try withStore { store throws in
            let mine = try Ingest(in: store)
            try FileSystem.replace("\(store.path)/ingest/dead", with: [1])
            try store.removeStaleIngests()
            #expect(try FileDescriptor.open("\(store.path)/ingest", [.directory]).entries().count == 1)
            try mine.write([1])
            let digest = try mine.commit().digest
            #expect(store.contains(digest))
        }
    }

    @Test func isAnImageLayout() throws {
        try withStore { store throws in
            #expect(try String(decoding: FileSystem.read("\(store.path)/oci-layout"), as: UTF8.self) == #"{"imageLayoutVersion":"1.0.0"}"#)
            #expect(try Document.decode(Index.self, from: FileSystem.read("\(store.path)/index.json"), what: "index").manifests.isEmpty)
        }
    }
}
