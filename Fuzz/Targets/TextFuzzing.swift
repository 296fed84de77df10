import ComposeFile
import JSON
import Templates
import Values

/// Small languages: templates of `--format`, files of variables, words for times and addresses.
enum TextFuzzing {
    private static let container: JSONValue = .object([
        "ID": .string("abc"), "Names": .array([.string("/a"), .string("/b")]), "Size": JSONValue(7),
        "State": .object(["Running": .bool(true), "Pid": JSONValue(-1)]),
    ])

    /// A template, on what looks like a container.
    static func template(_ input: [UInt8]) throws {
        _ = try Template(String(decoding: input, as: UTF8.self)).render(container)
    }

    /// Both kinds of files; names are never empty.
    static func variables(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        if let raw = try? EnvironmentFile.parseRaw(text, lookup: { _ in nil }) { precondition(raw[""] == nil, "a variable without a name") }
        let values = try EnvironmentFile.parse(text) { $0 == "A" ? "a" : nil }
        precondition(values[""] == nil, "a variable without a name")
    }

    /// What is a value can be written and read again as the same.
    static func values(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        if let time = GoDuration.nanoseconds(text) { precondition(GoDuration.nanoseconds(GoDuration.text(nanoseconds: time)) == time, "another duration") }
        if let address = IPAddress(text) { precondition(IPAddress(address.description) == address, "another address") }
        if let prefix = IPPrefix(text) { precondition(IPPrefix(prefix.description) == prefix, "another prefix") }
        if let address = MACAddress(text) { precondition(MACAddress(address.description) == address, "another hardware address") }
        if let time = Timestamp(text) { precondition(Timestamp(time.description) == time, "another time") }
        if let bytes = Base64.decode(text) { precondition(Base64.decode(Base64.encode(bytes)) == bytes, "other bytes") }
    }
}
