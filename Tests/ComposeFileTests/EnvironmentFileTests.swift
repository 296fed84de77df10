import ComposeFile
import Testing

@Suite struct EnvironmentFileTests {
    private func parse(_ text: String) throws -> [String: String] { try EnvironmentFile.parse(text) { ["OUT": "outer"][$0] } }

    @Test func reads() throws {
        let text = """
            # comment
            A=1 # more
            export B = two
            C="a\\nb $A \\$A"
            D='$A # not'
            E=${OUT}/${A:-x}
            F: yaml
            G=
            OUT
            NONE
            H="two
            lines"
            I=a#b
            """
        #expect(
            try parse(text) == [
                "A": "1", "B": "two", "C": "a\nb 1 $A", "D": "$A # not", "E": "outer/1", "F": "yaml", "G": "", "OUT": "outer", "H": "two\nlines", "I": "a#b",
            ])
    }

    @Test func refuses() {
        #expect(throws: ComposeFileError(#"line 2: unexpected character "!" in variable name "B!=2""#)) { try parse("A=1\nB!=2") }
        #expect(throws: ComposeFileError(#"line 1: unterminated quoted value "x"#)) { try parse("A=\"x") }
        #expect(throws: ComposeFileError("line 1: key cannot contain a space")) { try parse("A B=1") }
    }

    @Test func takesRawLinesAsTheyAre() throws {
        #expect(try EnvironmentFile.parseRaw("A='x' # y\n#c\nB=$A\n") { _ in nil } == ["A": "'x' # y", "B": "$A"])
    }
}
