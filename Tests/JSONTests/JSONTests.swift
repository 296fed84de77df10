import Testing

@testable import JSON

private struct Inner: Codable, Hashable { var z: Int, a: [Double]?, u: UInt64 = .max }
private struct Outer: Codable, Hashable {
    var zebra: String, apple: Inner, map: [String: Int], maybe: Bool?, list: [Inner]
}

@Suite struct JSONTests {
    @Test func keepsOrderAndDigits() throws {
        let text = #"{"z":1,"a":[true,null,1.50,-0,1e5],"m":{"b":"x\n\"\\é😀\u0001","a":{}},"e":[]}"#
        #expect(try JSONValue(parsing: text).compactText == text)
    }

    @Test func indentsAsGoDoes() throws {
        let value = try JSONValue(parsing: #"[{"a":1,"b":[],"c":{},"d":[1,2]}]"#)
        #expect(
            String(decoding: value.indented(), as: UTF8.self) == """
                [
                    {
                        "a": 1,
                        "b": [],
                        "c": {},
                        "d": [
                            1,
                            2
                        ]
                    }
                ]
                """)
    }

    @Test func codesInOrder() throws {
        let value = Outer(zebra: "s", apple: Inner(z: -1, a: [0.5, 2]), map: ["b": 2, "a": 1], maybe: nil, list: [])
        let text = String(decoding: try JSON.encode(value), as: UTF8.self)
        #expect(text == #"{"zebra":"s","apple":{"z":-1,"a":[0.5,2],"u":18446744073709551615},"map":{"a":1,"b":2},"list":[]}"#)
        #expect(try JSON.decode(Outer.self, from: text) == value)
        #expect(String(decoding: try JSON.encode([String: Int]()), as: UTF8.self) == "{}")
        #expect(String(decoding: try JSON.encode([Int?.none, 1]), as: UTF8.self) == "[null,1]")
    }

    @Test func saysWhereDecodingFailed() throws {
        do {
            _ = try JSON.decode(Outer.self, from: #"{"zebra":"s","apple":{"z":"no"},"map":{},"list":[]}"#)
            Issue.record("decoded")
        } catch let DecodingError.typeMismatch(_, context) {
            #expect(context.codingPath.map(\.stringValue) == ["apple", "z"])
        }
        #expect(throws: DecodingError.self) { try JSON.decode(UInt8.self, from: "256") }
        #expect(throws: DecodingError.self) { try JSON.decode(Int.self, from: "1.5") }
        #expect(try JSON.decode(Int.self, from: "1e3") == 1000)
    }

    @Test(arguments: [
        "", " ", "{", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", "-", "1e", "tru", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\u{1}\"",
        "1 2", "[1}", "'a'", "NaN", "+1", ".5",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test func limitsDepth() throws {
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
        let deepest = String(repeating: "[", count: JSONValue.depthLimit) + String(repeating: "]", count: JSONValue.depthLimit)
        #expect(try JSONValue(parsing: deepest).compactText == deepest)
    }

    @Test func surrogates() throws {
        #expect(try JSONValue(parsing: #""\ud83d\ude00""#) == .string("😀"))
        #expect(try JSONValue(parsing: #""\ud83dx""#) == .string("\u{FFFD}x"))
        #expect(try JSONValue(parsing: #"{"a":1,"a":2}"#)["a"]?.int == 2)
    }
}
