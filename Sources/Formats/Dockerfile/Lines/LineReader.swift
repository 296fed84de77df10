/// One instruction with all its continuation lines, and the here-documents that it names.
struct Line {
    /// The first one's, counted from 1.
    var number: Int
    var lastNumber: Int
    /// Without comments, continuation characters and white space at either end.
    var text: String
    var heredocs: [Heredoc]
    /// The comment right above it.
    var comment: String
    /// There is nothing on one of the lines that go on with it.
    var hasEmptyContinuation = false
}

/// Cuts a Dockerfile into instructions: directives, comments, continuation, here-documents.
struct LineReader {
    /// Bytes of one physical line, as in BuildKit.
    private static let lengthLimit = 65535

    private(set) var directives = Directives()
    private let lines: [Substring]
    private var position = 0
    private var mayBeDirective = true
    private var seen: Set<String> = []

    init(_ bytes: [UInt8]) {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let text = String(decoding: bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...], as: UTF8.self)
        // By bytes: a return before the newline is one character with it.
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// Nil at the end.
    mutating func next() throws(DockerfileError) -> Line? {
        var comments: [String] = []
        while let first = try physical() {
            let start = position
            if mayBeDirective { try directive(first) }
            let trimmed = first.drop(while: \.isSpace)
            if trimmed.first == "#" {
                comments.append(Words.trimmed(trimmed.dropFirst()))
                continue
            }
            if trimmed.allSatisfy(\.isSpace) {
                comments = []
                continue
            }
            var (text, continues) = continued(trimmed), hasEmpty = false
            while continues, let more = try physical() {
                if more.allSatisfy(\.isSpace) { hasEmpty = true }
                if more.drop(while: \.isSpace).first == "#" || more.allSatisfy(\.isSpace) { continue }
                let (rest, again) = continued(more)
                text += rest
                continues = again
                guard text.utf8.count <= Dockerfile.sizeLimit else { throw DockerfileError("instruction is too long", line: start) }
            }
            text = Words.trimmed(text[...])
            if text.isEmpty { continue }
            var line = Line(number: start, lastNumber: position, text: text, heredocs: [], comment: comments.joined(separator: " "), hasEmptyContinuation: hasEmpty)
            if Heredoc.mayBe(in: text) {
                for var heredoc in try Heredoc.named(in: text, escape: directives.escape) {
                    try fill(&heredoc, from: start)
                    line.heredocs.append(heredoc)
                }
                line.lastNumber = position
            }
            return line
        }
        return nil
    }

    /// The next line as it is, without its end.
    private mutating func physical() throws(DockerfileError) -> Substring? {
        guard position < lines.count else { return nil }
        var line = lines[position]
        position += 1
        guard line.utf8.count < Self.lengthLimit else {
            throw DockerfileError("dockerfile line greater than maximum allowed size of \(Self.lengthLimit)", line: position)
        }
        while line.unicodeScalars.last == "\r" { line.unicodeScalars.removeLast() }
        return line
    }

    /// The line without the escape character at its end, and whether it had one: one that is escaped itself means nothing.
    private func continued(_ line: Substring) -> (String, Bool) {
        var scalars = line.unicodeScalars
        while let last = scalars.last, last == " " || last == "\t" { scalars.removeLast() }
        guard scalars.last == directives.escape else { return (String(line), false) }
        scalars.removeLast()
        if scalars.last == directives.escape { return (String(line), false) }
        return (String(scalars), true)
    }

    /// `# name=value` as long as nothing else came before.
    private mutating func directive(_ line: Substring) throws(DockerfileError) {
        let text = line.drop(while: \.isSpace)
        guard text.first == "#", let equals = text.firstIndex(of: "=") else { return mayBeDirective = false }
        let name = Words.trimmed(text[..<equals].dropFirst()).lowercased(), value = Words.trimmed(text[text.index(after: equals)...])
        guard name.first?.isLetter == true, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }), !value.isEmpty else { return mayBeDirective = false }
        guard ["syntax", "escape", "check"].contains(name) else { return }
        guard seen.insert(name).inserted else { throw DockerfileError("only one \(name) parser directive can be used", line: position) }
        switch name {
        case "syntax": directives.syntax = value
        case "check": directives.check = value
        default:
            guard value == "\\" || value == "`", let escape = value.unicodeScalars.first else {
                throw DockerfileError("invalid ESCAPE '\(value)' does not match ` or \\", line: position)
            }
            directives.escape = escape
        }
    }

    /// Takes the lines up to the one that ends the here-document.
    private mutating func fill(_ heredoc: inout Heredoc, from start: Int) throws(DockerfileError) {
        while position < lines.count {
            let raw = lines[position]
            position += 1
            var end = raw.unicodeScalars
            while end.last == "\r" { end.removeLast() }
            if heredoc.stripsTabs { while end.first == "\t" { end.removeFirst() } }
            if String(end) == heredoc.name { return }
            guard heredoc.content.utf8.count + raw.utf8.count < Dockerfile.sizeLimit else { throw DockerfileError("heredoc is too long", line: start) }
            heredoc.content += raw + "\n"
        }
        throw DockerfileError("unterminated heredoc", line: start)
    }
}

extension Character {
    /// What separates words.
    var isSpace: Bool { isWhitespace }
}
