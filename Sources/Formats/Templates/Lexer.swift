/// A word of the inside of an action.
struct Token {
    enum Kind: Equatable {
        case field(String)
        case dot
        case variable(String)
        case word(String)
        case string(String)
        case number(String)
        case open, close, pipe, comma, declare, assign, space, endOfAction
    }
    var kind: Kind
    var text: String
    var position: Position
}

/// The text between actions, and the tokens of each action.
enum Piece {
    case text(String)
    case action([Token])
}

/// Takes a template's text apart: actions, trim markers, comments, tokens.
struct Lexer {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var lineStart = 0
    private var byte = 0

    static func pieces(of text: String) throws(TemplateError) -> [Piece] {
        var lexer = Lexer(scalars: Array(text.unicodeScalars))
        return try lexer.run()
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var position: Position { Position(line: line, column: byte - lineStart) }
    private func peek(_ offset: Int = 0) -> Unicode.Scalar? { index + offset < scalars.count ? scalars[index + offset] : nil }

    @discardableResult private mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek() else { return nil }
        index += 1
        byte += UTF8.width(scalar)
        if scalar == "\n" {
            line += 1
            lineStart = byte
        }
        return scalar
    }

    private func starts(_ word: String, at offset: Int = 0) -> Bool {
        var at = index + offset
        for scalar in word.unicodeScalars {
            guard at < scalars.count, scalars[at] == scalar else { return false }
            at += 1
        }
        return true
    }

    private mutating func skip(_ count: Int) { for _ in 0..<count { next() } }

    func failure(_ reason: String) -> TemplateError { TemplateError(description: "template: :\(line): \(reason)") }

    private static func isSpace(_ scalar: Unicode.Scalar?) -> Bool { scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" }
    private static func isName(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private mutating func run() throws(TemplateError) -> [Piece] {
        var pieces: [Piece] = []
        var text = String.UnicodeScalarView()
        var trimsNext = false
        func trimmed(_ view: String.UnicodeScalarView, end: Bool) -> String {
            var view = Substring.UnicodeScalarView(view)
            if trimsNext { while Lexer.isSpace(view.first) { view.removeFirst() } }
            if end { while Lexer.isSpace(view.last) { view.removeLast() } }
            return String(String.UnicodeScalarView(view))
        }
        while peek() != nil {
            guard starts("{{") else {
                if let scalar = next() { text.append(scalar) }
                continue
            }
            skip(2)
            let trimsBefore = starts("-") && Lexer.isSpace(peek(1))
            if trimsBefore { skip(2) }
            let before = trimmed(text, end: trimsBefore)
            if !before.isEmpty { pieces.append(.text(before)) }
            text = String.UnicodeScalarView()
            if starts("/*") {
                skip(2)
                while !starts("*/") { guard next() != nil else { throw failure("unclosed comment") } }
                skip(2)
                trimsNext = Lexer.isSpace(peek()) && starts("-}}", at: 1)
                if trimsNext { skip(2) }
                guard starts("}}") else { throw failure("comment ends before closing delimiter") }
                skip(2)
                continue
            }
            var tokens: [Token] = []
            trimsNext = try action(&tokens)
            pieces.append(.action(tokens))
        }
        let rest = trimmed(text, end: false)
        if !rest.isEmpty { pieces.append(.text(rest)) }
        return pieces
    }

    /// Reads to the closing braces; tells whether they trim what follows.
    private mutating func action(_ tokens: inout [Token]) throws(TemplateError) -> Bool {
        while true {
            let start = position
            let begin = index
            if Lexer.isSpace(peek()), starts("-}}", at: 1) {
                skip(4)
                tokens.append(Token(kind: .endOfAction, text: "", position: start))
                return true
            }
            if starts("}}") {
                skip(2)
                tokens.append(Token(kind: .endOfAction, text: "", position: start))
                return false
            }
            guard let scalar = peek() else { throw failure("unclosed action") }
            let kind = try token(scalar)
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[begin..<index])
            tokens.append(Token(kind: kind, text: String(text), position: start))
        }
    }

    private mutating func name() -> String {
        var view = String.UnicodeScalarView()
        while Lexer.isName(peek()), let scalar = next() { view.append(scalar) }
        return String(view)
    }

    private mutating func token(_ scalar: Unicode.Scalar) throws(TemplateError) -> Token.Kind {
        switch scalar {
        case " ", "\t", "\n", "\r":
            while Lexer.isSpace(peek()), !starts("-}}", at: 1) { next() }
            return .space
        case "(": next(); return .open
        case ")": next(); return .close
        case "|": next(); return .pipe
        case ",": next(); return .comma
        case "=": next(); return .assign
        case ":":
            next()
            guard next() == "=" else { throw failure("expected :=") }
            return .declare
        case "\"": return .string(try quoted())
        case "`":
            next()
            var view = String.UnicodeScalarView()
            while let scalar = next() {
                if scalar == "`" { return .string(String(view)) }
                view.append(scalar)
            }
            throw failure("unterminated raw quoted string")
        case "'":
            next()
            let value = peek() == "\\" ? try escape() : next()
            guard let value, next() == "'" else { throw failure("unterminated character constant") }
            return .number(String(value.value))
        case ".":
            if let digit = peek(1), ("0"..."9").contains(digit) { return try number() }
            next()
            return Lexer.isName(peek()) ? .field(name()) : .dot
        case "$":
            next()
            return .variable("$" + name())
        case "0"..."9", "+", "-": return try number()
        default:
            if Lexer.isName(scalar) { return .word(name()) }
            throw failure("unexpected bad character U+\(hex(scalar.value)) '\(scalar)' in command")
        }
    }

    private func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private mutating func number() throws(TemplateError) -> Token.Kind {
        var view = String.UnicodeScalarView()
        while let scalar = peek(), scalar == "." || scalar == "+" || scalar == "-" || Lexer.isName(scalar) {
            view.append(scalar)
            next()
        }
        let text = String(view)
        let digits = text.first == "+" ? String(text.dropFirst()) : text
        if let int = digits.hasPrefix("0x") ? Int(digits.dropFirst(2), radix: 16) : Int(digits) { return .number(String(int)) }
        guard let double = Double(digits), double.isFinite else { throw failure("bad number syntax: \"\(text)\"") }
        return .number(String(double))
    }

    private mutating func quoted() throws(TemplateError) -> String {
        next()
        var view = String.UnicodeScalarView()
        while let scalar = peek(), scalar != "\n" {
            if scalar == "\"" {
                next()
                return String(view)
            }
            if scalar == "\\" {
                if let value = try escape() { view.append(value) }
            } else {
                view.append(scalar)
                next()
            }
        }
        throw failure("unterminated quoted string")
    }

    private mutating func escape() throws(TemplateError) -> Unicode.Scalar? {
        next()
        guard let scalar = next() else { throw failure("unterminated quoted string") }
        func code(_ digits: Int) throws(TemplateError) -> Unicode.Scalar {
            var value: UInt32 = 0
            for _ in 0..<digits {
                guard let digit = next(), let number = Character(digit).hexDigitValue else { throw failure("invalid syntax") }
                value = value << 4 | UInt32(number)
            }
            guard let scalar = Unicode.Scalar(value) else { throw failure("invalid syntax") }
            return scalar
        }
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "a": return "\u{7}"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "v": return "\u{B}"
        case "\\", "\"", "'": return scalar
        case "x": return try code(2)
        case "u": return try code(4)
        case "U": return try code(8)
        default: throw failure("invalid syntax")
        }
    }
}
