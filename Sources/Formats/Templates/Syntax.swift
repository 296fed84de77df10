internal import JSON

/// What a template is made of once parsed.
indirect enum Node: Sendable {
    case text(String)
    case action(Pipeline)
    case branch(Branch)
    case loopControl(isBreak: Bool)
}

/// `if`, `with` and `range` with their `else`.
struct Branch: Sendable {
    enum Kind: Sendable { case `if`, with, range }
    var kind: Kind
    var pipeline: Pipeline
    var body: [Node]
    var otherwise: [Node]
}

/// `$x := a | b c`.
struct Pipeline: Sendable {
    var variables: [String] = []
    var assigns = false
    var commands: [[Operand]] = []
}

/// One word of a command, where it stands and how it is written, for error texts.
struct Operand: Sendable {
    indirect enum Kind: Sendable {
        case dot
        case null
        case literal(JSONValue)
        case function(String)
        case variable(String)
        case group(Pipeline)
        /// `.` for fields of the dot itself.
        case root
    }
    var kind: Kind
    /// Field names after it: `.a.b`.
    var fields: [String] = []
    var text: String
    var position: Position
}

struct Position: Hashable {
    var line: Int
    var column: Int
}

/// What is wrong with a template, in the words of Go's text/template.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
}
