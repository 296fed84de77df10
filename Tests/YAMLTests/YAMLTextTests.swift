import JSON
import Testing
import YAML

@Suite struct YAMLTextTests {
    @Test(arguments: [
        "plain", "80", "true", "no", "Off", "", "~", "null", "a: b", "a:b", "- a", "-a", "#x", "a #b", "a#b", "'q'", "\"q\"", "it's", "{a}", "[a]", "*a", "&a", "!a", "|", ">",
        "%a", "@a", "`a", "a\nb", "a\nb\n", "a\n\n", " lead", "trail ", "\tx", "1.5", "1e3", "0x1F", "12:30:45", "2001-01-01", "\u{1}", "é", "\u{7f}", "a: ", "?", "? a", "---",
        "<<", ".inf",
        " a\n  b", "\n", "=", "y", "key:", ":x",
    ])
    func comesBackAsItWent(_ text: String) throws {
        let value = JSONValue.object(["k": .string(text), "l": .array([.string(text), .object([text: .string(text)])])])
        #expect(try YAML.parse(Array(YAMLText.render(value).utf8)) == value, "\(YAMLText.render(value))")
    }

    @Test func isLaidOutAsGoDoes() {
        let value = JSONValue.object([
            "a": .array([.string("x"), .object(["b": JSONValue(1), "c": .array([])]), .array([.null])]), "d": .object([:]), "e": .string("1\n2\n"), "f": .string("yes"),
        ])
        #expect(YAMLText.render(value) == "a:\n  - x\n  - b: 1\n    c: []\n  - - null\nd: {}\ne: |\n  1\n  2\nf: \"yes\"\n")
    }
}
