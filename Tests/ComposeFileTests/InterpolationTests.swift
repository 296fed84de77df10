import ComposeFile
import Testing

@Suite struct InterpolationTests {
    private let interpolation = Interpolation { ["A": "one", "EMPTY": "", "B": "two"][$0] }

    @Test(arguments: [
        ("plain", "plain"), ("$A-${B}", "one-two"), ("${NONE:-x}", "x"), ("${EMPTY:-x}", "x"), ("${EMPTY-x}", ""), ("${NONE-x}", "x"),
        ("${A:+yes}${NONE:+no}", "yes"), ("${EMPTY+set}", "set"), ("${EMPTY:+set}", ""), ("$$A $${B}", "$A ${B}"), ("${NONE:-${A}/${B}}!", "one/two!"),
        ("${A?must}", "one"), ("${NONE}", ""), ("a${NONE:-}b", "ab"), ("$", "$"), ("$1 $ A", "$1 $ A"), ("${NONE:-a:-b}", "a:-b"),
    ])
    func putsIn(_ text: String, _ expected: String) throws {
        #expect(try interpolation.substitute(text) == expected)
    }

    @Test(arguments: ["${", "${}", "${A", "${A/x/y}", "${A:x}"])
    func refuses(_ text: String) {
        #expect(throws: Interpolation.Failure.invalid(text)) { try interpolation.substitute(text) }
    }

    @Test func requires() {
        #expect(throws: Interpolation.Failure.required("EMPTY", reason: "say one")) { try interpolation.substitute("${EMPTY:?say $A}") }
        #expect(throws: Interpolation.Failure.required("NONE", reason: "")) { try interpolation.substitute("${NONE?}") }
    }
}
