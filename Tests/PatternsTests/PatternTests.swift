import Testing

@testable import Patterns

@Suite struct PatternTests {
    @Test(arguments: [
        ("", "", true), ("a", "cat", true), ("^a", "cat", false), ("^(a|b)+$", "abba", true), ("^(a|b)+$", "abca", false), ("^com\\.", "com.x", true),
        ("^com\\.", "comx", false), ("a{2,3}$", "caaa", true), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaa", true), ("^a{2}$", "aa", true),
        ("x{,2}", "x{,2}", true), ("x{", "x{", true), ("[^a-c]", "abc", false), ("[]a]", "]", true), ("[a-]", "-", true), ("(?i)LaBel", "label", true),
        ("(?i:A)b", "ab", true), ("(?i:A)b", "aB", false), ("\\bcat\\b", "a cat.", true), ("\\bcat\\b", "concat", false), ("[[:digit:]]+", "a1", true),
        ("[[:^digit:]]", "12", false), ("\\d\\s\\w", "1 a", true), ("[\\D]", "1", false), (".", "\n", false), ("(?s).", "\n", true),
        ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false), ("\\x41\\x{42}", "AB", true), ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false),
        ("a*?b", "b", true), ("(?P<name>ä)", "ä", true), ("(?:)*", "x", true), ("(a*)*$", "aab", true), ("(|a)*b", "aab", true), ("a||b", "c", true),
        ("^https?://([^/]+\\.)*example\\.com/", "https://a.b.example.com/x", true), ("^https?://([^/]+\\.)*example\\.com/", "https://evil.com/example.com/", false),
        ("$^", "", true), ("\\z", "a", true), ("a$b", "ab", false), ("[\\x{1F600}-\\x{1F64F}]", "😃", true), ("\\.", "\\", false),
    ])
    func `expressions match what they match in Go`(_ expression: String, _ text: String, _ matches: Bool) throws {
        #expect(try Pattern(expression).matches(text) == matches, "\(expression) on \(text)")
    }

    @Test(arguments: [
        ("(", "missing closing ): `(`"), (")", "unexpected ): `)`"), ("*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `*`"), ("[a", "missing closing ]: `[a`"), ("[b-a]", "invalid character class range: `b-a`"),
        ("\\", "trailing backslash at end of expression"), ("\\y", "invalid escape sequence: `\\y`"), ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"), ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"), ("[[:x:]]", "invalid character class range: `[:x:]`"),
        ("((a{1000}){1000}){1000}", "expression is too large"),
    ])
    func `what is no expression is refused`(_ expression: String, _ reason: String) {
        let error = #expect(throws: PatternError.self) { try Pattern(expression) }
        #expect(error?.description == "error parsing regexp: \(reason)")
    }

    @Test func `no expression takes for ever, and none too deep is read`() throws {
        #expect(try !Pattern("(a*)*(a|aa)+(a?){50}b").matches(String(repeating: "a", count: 5000)))
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "(", count: 5000)) }
        #expect(throws: PatternError.self) { try Pattern(String(repeating: "a", count: 9000)) }
    }
}
