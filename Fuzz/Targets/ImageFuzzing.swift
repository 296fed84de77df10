import OCI

/// Names and documents of images, which users and registries hand in.
enum ImageFuzzing {
    /// Reads the input as a name; what is one can be written in both forms and read again as the same.
    static func reference(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        _ = try? Platform(text)
        _ = Digest(text)
        let reference = try Reference(text)
        precondition((try? Reference(reference.description)) == reference, "the full form is another name")
        precondition((try? Reference(reference.familiar)) == reference, "the short form is another name")
    }

    /// Reads the input as each kind of document; what is one is the same after writing and reading.
    static func documents(_ input: [UInt8]) throws {
        try roundTrip(ImageDocument.self, input)
        try roundTrip(Manifest.self, input)
        try roundTrip(Index.self, input)
    }

    private static func roundTrip<Value: Codable & Equatable>(_ type: Value.Type, _ input: [UInt8]) throws {
        // Not this kind: perhaps another.
        guard let value = try? Document.decode(type, from: input, what: "document") else { return }
        let again = try Document.decode(type, from: Document.encode(value), what: "document")
        precondition(again == value, "a document comes back changed")
    }
}
