import JSON
import Testing
import YAML

@Suite struct YAMLTests {
    private func json(_ text: String) throws -> String { try YAML.parse(Array(text.utf8)).compactText }

    @Test(arguments: [
        ("", "null"), ("# nothing\n", "null"), ("a: 1", #"{"a":1}"#), ("- a\n- ~\n- ''\n-\n", #"["a",null,"",null]"#),
        ("{a: [1, 2], b: {c: d}}", #"{"a":[1,2],"b":{"c":"d"}}"#), ("--- x\n...\n", #""x""#),
        ("a: |\n  one\n  two\nb: >-\n  one\n  two\n", #"{"a":"one\ntwo\n","b":"one two"}"#), ("8080: x\ntrue: y", #"{"8080":"x","true":"y"}"#),
        ("\"a\\u00e9\": 'it''s'", #"{"aé":"it's"}"#),
    ]) func documents(text: String, expected: String) throws { #expect(try json(text) == expected) }

    @Test(arguments: [
        ("0", "0"), ("-17", "-17"), ("+5", "5"), ("0x1F", "31"), ("0o17", "15"), ("0755", "493"), ("0b101", "5"), ("1_000", "1000"), ("-0x10", "-16"), ("-0.", "0"),
        ("-0.0", "-0.0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"), ("0.1", "0.1"), (".5", "0.5"), ("5.", "5"), ("+1.5e+3", "1.5e+3"),
        ("1e3", "1e3"), ("00.5", "0.5"), ("true", "true"), ("False", "false"), ("NULL", "null"), ("~", "null"), ("yes", #""yes""#), ("on", #""on""#),
        (".inf", #"".inf""#), (".nan", #"".nan""#), ("1.2.3", #""1.2.3""#), ("09", "9"), ("0x", #""0x""#), ("1e", #""1e""#), ("-", "[null]"),
        ("2001-01-01", #""2001-01-01""#), ("22:22", #""22:22""#), ("1:", #"{"1":null}"#), ("'1'", #""1""#), ("!!str 1", #""1""#), ("!!int '7'", "7"),
        ("! 1", #""1""#), ("!!float 3", "3"), ("+", #""+""#), ("._", #""._""#),
    ]) func scalars(text: String, expected: String) throws { #expect(try json(text) == expected) }

    @Test func anchorsAndMergeKeys() throws {
        #expect(try json("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: *x") == #"{"a":{"p":1,"q":2},"b":{"q":3,"p":1},"c":{"p":1,"q":2}}"#)
        #expect(try json("a: &x {p: 1}\nb: &y {p: 2, r: 4}\nc: {<<: [*x, *y]}") == #"{"a":{"p":1},"b":{"p":2,"r":4},"c":{"p":1,"r":4}}"#)
        #expect(try json("a: &k name\n*k : 1") == #"{"a":"name","name":1}"#)
        #expect(try json("'<<': 1") == #"{"<<":1}"#)
    }

    @Test(arguments: [
        ("a: 1\na: 2", 2), ("a:\n  b\n c: d", 3), ("a: *nope", 1), ("a: &x [*x]", 1), ("\n\nx: [1, 2", 4), ("? [a]\n: b", 1), ("a: !mine 1", 1),
        ("a: {<<: 1}", 1), ("a\u{0}b", 0), ("!!int x", 1), ("a: \"\\q\"", 1), ("\tx: 1", 1), ("%YAML 9.9\n---\na", 1), ("- !!bool maybe", 1),
    ]) func refusedWithItsLine(text: String, line: Int) {
        #expect { try YAML.parse(Array(text.utf8)) } throws: { ($0 as? YAMLError)?.line == line }
    }

    @Test func whatIsMadeToHurt() {
        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 { laughs += "a\(level): &a\(level) [\((0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", "))]\n" }
        #expect { try YAML.parse(Array(laughs.utf8)) } throws: { "\($0)".contains("excessive aliasing") }
        #expect(throws: YAMLError.self) { try YAML.parse(Array(String(repeating: "[", count: 5000).utf8)) }
        #expect(throws: YAMLError.self) { try YAML.parse(Array(String(repeating: "- ", count: 500).utf8)) }
        #expect(throws: YAMLError.self) { try YAML.parse([UInt8](repeating: 32, count: YAML.sizeLimit + 1)) }
        #expect(throws: YAMLError.self) { try YAML.parse([0xff, 0xfe, 0xfd]) }
    }

    @Test func severalDocumentsAndOwnTags() throws {
        #expect(try YAML.documents(Array("a\n---\nb: 1\n".utf8)).map(\.compactText) == [#""a""#, #"{"b":1}"#])
        #expect { try YAML.parse(Array("a\n---\nb\n".utf8)) } throws: { $0 is YAMLError }
        let value = try YAML.parse(Array("a: !reset []\nb: !wrap {c: 1}".utf8)) { tag, value in tag == "!reset" ? .null : .array([value]) }
        #expect(value.compactText == #"{"a":null,"b":[{"c":1}]}"#)
    }
}
