internal import JSON

/// Builds the tree of a template from its tokens.
struct Parser {
    private var pieces: [Piece]
    private var index = 0
    private var tokens: [Token] = []
    private var token = 0
    private var depth = 0
    private var loops = 0
    private var variables: [String] = ["$"]

    /// How deep blocks and parentheses may nest.
    static let depthLimit = 100

    static func parse(_ text: String) throws(TemplateError) -> [Node] {
        var parser = Parser(pieces: try Lexer.pieces(of: text))
        let (nodes, end) = try parser.nodes()
        if let end { throw parser.failure("unexpected {{\(end)}}") }
        return nodes
    }

    private init(pieces: [Piece]) { self.pieces = pieces }

    private var line: Int { tokens.isEmpty ? 1 : tokens[min(token, tokens.count - 1)].position.line }
    private func failure(_ reason: String) -> TemplateError { TemplateError(description: "template: :\(line): \(reason)") }

    /// Nodes up to `end` or `else`, which is returned, or up to the end of the text.
    private mutating func nodes() throws(TemplateError) -> ([Node], String?) {
        depth += 1
        defer { depth -= 1 }
        guard depth < Parser.depthLimit else { throw failure("nested too deeply") }
        var nodes: [Node] = []
        while index < pieces.count {
            let piece = pieces[index]
            index += 1
            guard case .action(let words) = piece else {
                if case .text(let text) = piece { nodes.append(.text(text)) }
                continue
            }
            tokens = words
            token = 0
            skipSpace()
            if case .word(let word) = peek.kind {
                switch word {
                case "if": nodes.append(try branch(.if)); continue
                case "with": nodes.append(try branch(.with)); continue
                case "range": nodes.append(try branch(.range)); continue
                case "end", "else":
                    token += 1
                    return (nodes, word)
                case "break", "continue":
                    guard loops > 0 else { throw failure("{{\(word)}} outside {{range}}") }
                    nodes.append(.loopControl(isBreak: word == "break"))
                    continue
                case "define", "template", "block": throw failure("unexpected {{\(word)}}: named templates are not supported")
                default: break
                }
            }
            nodes.append(.action(try pipeline(until: .endOfAction)))
        }
        return (nodes, nil)
    }

    private mutating func branch(_ kind: Branch.Kind) throws(TemplateError) -> Node {
        token += 1
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        let pipeline = try pipeline(until: .endOfAction, isRange: kind == .range)
        if kind == .range { loops += 1 }
        let (body, end) = try nodes()
        if kind == .range { loops -= 1 }
        var otherwise: [Node] = []
        guard let end else { throw failure("unexpected EOF") }
        if end == "else" {
            skipSpace()
            if case .word(let word) = peek.kind, (word == "if" && kind == .if) || (word == "with" && kind == .with) {
                // `else if` is an if inside the else that shares its end.
                depth += 1
                defer { depth -= 1 }
                guard depth < Parser.depthLimit else { throw failure("nested too deeply") }
                otherwise = [try branch(kind)]
            } else {
                let (rest, end) = try nodes()
                guard end == "end" else { throw failure(end == nil ? "unexpected EOF" : "unexpected {{else}}") }
                otherwise = rest
            }
        }
        return .branch(Branch(kind: kind, pipeline: pipeline, body: body, otherwise: otherwise))
    }

    private var peek: Token { tokens[min(token, tokens.count - 1)] }
    private mutating func skipSpace() { while peek.kind == .space, token < tokens.count - 1 { token += 1 } }

    private mutating func pipeline(until end: Token.Kind, isRange: Bool = false) throws(TemplateError) -> Pipeline {
        depth += 1
        defer { depth -= 1 }
        guard depth < Parser.depthLimit else { throw failure("nested too deeply") }
        var pipeline = Pipeline()
        skipSpace()
        try declarations(&pipeline, isRange: isRange)
        while true {
            let command = try command()
            if command.isEmpty {
                let where_ = pipeline.commands.isEmpty ? "missing value for command" : "missing value for command"
                throw failure(where_)
            }
            pipeline.commands.append(command)
            if peek.kind == .pipe {
                token += 1
                continue
            }
            guard peek.kind == end else {
                throw failure(end == .close ? "unclosed left paren" : "unexpected \(describe(peek)) in command")
            }
            token += 1
            return pipeline
        }
    }

    private mutating func declarations(_ pipeline: inout Pipeline, isRange: Bool) throws(TemplateError) {
        let start = token
        var names: [String] = []
        while case .variable(let name) = peek.kind {
            names.append(name)
            token += 1
            skipSpace()
            if peek.kind == .comma, isRange, names.count < 2 {
                token += 1
                skipSpace()
                continue
            }
            if peek.kind == .declare || peek.kind == .assign {
                pipeline.variables = names
                pipeline.assigns = peek.kind == .assign
                token += 1
                if !pipeline.assigns { variables += names }
                return
            }
            break
        }
        token = start
    }

    private mutating func command() throws(TemplateError) -> [Operand] {
        var operands: [Operand] = []
        while true {
            skipSpace()
            guard let operand = try operand() else { return operands }
            operands.append(operand)
            switch peek.kind {
            case .space: continue
            case .pipe, .close, .endOfAction, .declare, .assign, .comma: return operands
            default: throw failure("unexpected \(describe(peek)) in operand")
            }
        }
    }

    private mutating func operand() throws(TemplateError) -> Operand? {
        let first = peek
        let kind: Operand.Kind
        var fields: [String] = []
        var text = first.text
        switch first.kind {
        case .dot: kind = .dot
        case .field(let name):
            kind = .root
            fields = [name]
        case .variable(let name):
            guard variables.contains(name) else { throw failure("undefined variable \"\(name)\"") }
            kind = .variable(name)
        case .string(let value): kind = .literal(.string(value))
        case .number(let value): kind = .literal(.number(value))
        case .word("true"): kind = .literal(.bool(true))
        case .word("false"): kind = .literal(.bool(false))
        case .word("nil"): kind = .null
        case .word(let name):
            guard Functions.names.contains(name) else { throw failure("function \"\(name)\" not defined") }
            kind = .function(name)
        case .open:
            token += 1
            kind = .group(try pipeline(until: .close))
            token -= 1
            text = "(...)"
        default: return nil
        }
        token += 1
        while case .field(let name) = peek.kind {
            if case .dot = kind { break }
            if case .literal = kind { throw failure("unexpected . after term \(text)") }
            fields.append(name)
            text += ".\(name)"
            token += 1
        }
        return Operand(kind: kind, fields: fields, text: text, position: first.position)
    }

    private func describe(_ token: Token) -> String {
        switch token.kind {
        case .endOfAction: "\"}}\""
        case .close: "\")\""
        case .word, .field, .variable, .dot: "<\(token.text)>"
        default: "\"\(token.text)\""
        }
    }
}
