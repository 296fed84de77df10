/// A here-document: `<<EOF`, `<<-EOF`, `<<"EOF"`.
package struct Heredoc: Sendable, Hashable {
    package var name: String
    /// The delimiter was not quoted, so variables are put in.
    package var expands: Bool
    /// `<<-`: tabs at the beginning of each line mean nothing.
    package var stripsTabs: Bool
    /// As it is written, every line with its end.
    package var content: String = ""

    /// The content that is meant.
    package var text: String {
        guard stripsTabs else { return content }
        return content.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == "\t" } }.joined(separator: "\n")
    }

    /// A word that names one; nil for any other.
    init?(_ word: String, escape: Unicode.Scalar) {
        var rest = word[...].drop { $0.isASCII && $0.isNumber }
        guard rest.hasPrefix("<<") else { return nil }
        rest = rest.dropFirst(2)
        stripsTabs = rest.first == "-"
        if stripsTabs { rest = rest.dropFirst() }
        guard !rest.isEmpty, !rest.contains("<") else { return nil }
        // What cannot be read as a word is none.
        guard let plain = try? Expansion(escape: escape, { _ in nil }).word(String(rest)), !plain.isEmpty else { return nil }
        name = plain
        expands = plain == rest
    }

    /// Whether an instruction of this text can have any: only these do, and not in JSON form.
    static func mayBe(in text: String) -> Bool {
        guard text.contains("<<") else { return false }
        var words = text.split(maxSplits: 2, whereSeparator: \.isWhitespace)
        if words.first?.uppercased() == "ONBUILD" { words = words.dropFirst().joined(separator: " ").split(maxSplits: 1, whereSeparator: \.isWhitespace) }
        guard let keyword = words.first, ["RUN", "COPY", "ADD"].contains(keyword.uppercased()) else { return false }
        return !(words.dropFirst().first?.hasPrefix("[") ?? false)
    }

    /// Those that the words of an instruction name, in order; at most 100.
    static func named(in text: String, escape: Unicode.Scalar) throws(DockerfileError) -> [Heredoc] {
        // Not closing a quote is the shell's business.
        let words = Words.shell(text, escape: escape)
        let found = words.compactMap { Heredoc($0, escape: escape) }
        guard found.count <= 100 else { throw DockerfileError("more than 100 heredocs") }
        return found
    }
}
