/// Cuts a command line into words as a shell would, without a shell's other powers (mattn/go-shellwords' rules).
enum ShellWords {
    /// Nil when a quote is open at the end.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word = ""
        var isWord = false, isEscaped = false
        var quote: Character?
        for character in text {
            if isEscaped {
                word.append(character)
                (isWord, isEscaped) = (true, false)
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character.isWhitespace, quote == nil {
                if isWord { words.append(word) }
                (word, isWord) = ("", false)
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                isWord = true
            } else {
                word.append(character)
                isWord = true
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return isWord ? words + [word] : words
    }
}
