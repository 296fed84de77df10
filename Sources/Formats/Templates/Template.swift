package import JSON

/// A Go text/template, ready to run on JSON values.
///
/// All of Go's language but named templates (`define`, `template`, `block`) and methods of arbitrary types; errors have Go's words.
package struct Template: Sendable {
    /// What a name stands for that an object does not have: the zero value of a Go field that JSON leaves out.
    package enum Zero: Sendable {
        case value(JSONValue)
        case list, map, pointer
    }

    /// How names are looked up.
    package struct Options: Sendable {
        /// Things that the top value can be asked with arguments: `{{.Label "a"}}`.
        package var methods: [String: @Sendable ([JSONValue]) -> JSONValue] = [:]
        /// The zero of a field that is absent or null. Asked with the field's name; nil means that there is no such field.
        package var zero: @Sendable (String) -> Zero? = { _ in nil }
        /// How Go prints a field whose type says so itself, as durations do; nil for one that prints as what it is in JSON.
        package var text: @Sendable (_ field: String, _ value: JSONValue) -> String? = { _, _ in nil }
        /// Whether `.ID` finds `Id`: Go's field names differ from JSON's in case only.
        package var ignoresCase = false
        /// The Go type that an unknown field is missed in; nil when the value is a map.
        package var typeName: String?
        /// The same for fields of fields, by the field's name.
        package var memberTypes: [String: String] = [:]

        package init() {}
    }

    /// The longest text of a template, and the longest result.
    package static let textLimit = 1 << 20, resultLimit = 64 << 20

    private let nodes: [Node]

    package init(_ text: String) throws(TemplateError) {
        guard text.utf8.count <= Template.textLimit else { throw TemplateError(description: "template: :1: too long") }
        nodes = try Parser.parse(text)
    }

    /// The text for `data`.
    package func render(_ data: JSONValue, _ options: Options = Options()) throws(TemplateError) -> String {
        var run = Run(options: options, root: .json(data))
        _ = try run.execute(nodes, .json(data))
        return run.output
    }
}

/// One execution.
private struct Run {
    enum Flow { case next, leave, skip }

    let options: Template.Options
    var output = ""
    var variables: [(name: String, value: Value)]

    init(options: Template.Options, root: Value) {
        self.options = options
        variables = [("$", root)]
    }

    mutating func execute(_ nodes: [Node], _ dot: Value) throws(TemplateError) -> Flow {
        for node in nodes {
            switch node {
            case .text(let text): output += text
            case .action(let pipeline):
                let value = try evaluate(pipeline, dot)
                if pipeline.variables.isEmpty { output += value.text }
            case .loopControl(let isBreak): return isBreak ? .leave : .skip
            case .branch(let branch):
                let scope = variables.count
                defer { variables.removeLast(variables.count - scope) }
                let flow = try execute(branch, dot)
                if flow != .next { return flow }
            }
            guard output.utf8.count <= Template.resultLimit else { throw TemplateError(description: "template: the result is too long") }
        }
        return .next
    }

    private mutating func execute(_ branch: Branch, _ dot: Value) throws(TemplateError) -> Flow {
        if branch.kind == .range { return try range(branch, dot) }
        let value = try evaluate(branch.pipeline, dot)
        if value.isTrue { return try execute(branch.body, branch.kind == .with ? value : dot) }
        return try execute(branch.otherwise, dot)
    }

    private mutating func range(_ branch: Branch, _ dot: Value) throws(TemplateError) -> Flow {
        var pipeline = branch.pipeline
        let names = pipeline.variables
        pipeline.variables = []
        let value = try evaluate(pipeline, dot)
        let items: [(key: JSONValue, value: JSONValue)]
        switch value.json {
        case .array(let array): items = array.enumerated().map { (JSONValue($0.offset), $0.element) }
        case .object(let object): items = Value.sorted(object).map { (.string($0.name), $0.value) }
        case .number:
            guard let count = value.json.int, count <= 1_000_000 else { throw failure(branch.pipeline, "range can't iterate over \(value.text)") }
            items = (0..<max(0, count)).map { (JSONValue($0), JSONValue($0)) }
        case .null: items = []
        default: throw failure(branch.pipeline, "range can't iterate over \(value.text)")
        }
        if items.isEmpty { return try execute(branch.otherwise, dot) }
        for item in items {
            let scope = variables.count
            defer { variables.removeLast(variables.count - scope) }
            if let last = names.last { variables.append((last, .json(item.value))) }
            if names.count == 2 { variables.append((names[0], .json(item.key))) }
            if try execute(branch.body, .json(item.value)) == .leave { break }
        }
        return .next
    }

    private func failure(_ operand: Operand, _ reason: String) -> TemplateError {
        // Go's parser remembers where the second name of a chain begins.
        var column = operand.position.column
        if case .root = operand.kind, operand.fields.count > 1 { column += 1 + operand.fields[0].utf8.count }
        let place = "\(operand.position.line):\(column)"
        return TemplateError(description: "template: :\(place): executing \"\" at <\(operand.text)>: \(reason)")
    }

    private func failure(_ pipeline: Pipeline, _ reason: String) -> TemplateError {
        guard let operand = pipeline.commands.first?.first else { return TemplateError(description: "template: \(reason)") }
        return failure(operand, reason)
    }

    private mutating func evaluate(_ pipeline: Pipeline, _ dot: Value) throws(TemplateError) -> Value {
        var value: Value?
        for command in pipeline.commands { value = try evaluate(command, dot, last: value) }
        let result = value ?? .none
        for name in pipeline.variables {
            if pipeline.assigns, let index = variables.lastIndex(where: { $0.name == name }) {
                variables[index].value = result
            } else {
                variables.append((name, result))
            }
        }
        return result
    }

    private mutating func evaluate(_ command: [Operand], _ dot: Value, last: Value?) throws(TemplateError) -> Value {
        let first = command[0]
        if case .function(let name) = first.kind {
            if name == "and" || name == "or" {
                var value = Value.none
                for operand in command.dropFirst() {
                    value = try evaluate(operand, dot)
                    if value.isTrue == (name == "or") { return value }
                }
                return last ?? value
            }
            var values: [Value] = []
            for operand in command.dropFirst() { values.append(try evaluate(operand, dot)) }
            if let last { values.append(last) }
            let result: Value
            do throws(Functions.Failure) {
                result = try Functions.call(name, values)
            } catch { throw failure(first, error.reason) }
            return try fields(first.fields[...], of: result, first, arguments: [])
        }
        var arguments: [Value] = []
        for operand in command.dropFirst() { arguments.append(try evaluate(operand, dot)) }
        if let last { arguments.append(last) }
        return try evaluate(first, dot, arguments: arguments)
    }

    private mutating func evaluate(_ operand: Operand, _ dot: Value, arguments: [Value] = []) throws(TemplateError) -> Value {
        let base: Value
        switch operand.kind {
        case .dot, .root: base = dot
        case .null: base = .none
        case .literal(let value): base = .json(value)
        case .variable(let name): base = variables.last { $0.name == name }?.value ?? .none
        case .group(let pipeline): base = try evaluate(pipeline, dot)
        case .function: return try evaluate([operand], dot, last: nil)
        }
        if operand.fields.isEmpty, !arguments.isEmpty { throw failure(operand, "can't give argument to non-function \(operand.text)") }
        return try fields(operand.fields[...], of: base, operand, arguments: arguments)
    }

    private func fields(_ names: ArraySlice<String>, of base: Value, _ operand: Operand, arguments: [Value]) throws(TemplateError) -> Value {
        var value = base
        for (index, name) in names.enumerated() {
            let isLast = index == names.count - 1
            switch value.plain {
            case .json(.object(let object)):
                if let found = find(name, object) {
                    if isLast, !arguments.isEmpty { throw failure(operand, "\(name) is not a method but has arguments") }
                    value = found
                } else if let method = options.methods[name] {
                    value = .json(method(isLast ? arguments.map(\.json) : []))
                } else if let type = index == 0 ? options.typeName : options.memberTypes[names[names.startIndex + index - 1]] {
                    throw failure(operand, "can't evaluate field \(name) in type \(type)")
                } else {
                    throw failure(operand, "map has no entry for key \"\(name)\"")
                }
            case .nilPointer where index > 0: throw failure(operand, "map has no entry for key \"\(names[names.startIndex + index - 1])\"")
            case .json(.null), .none, .nilPointer: throw failure(operand, "nil pointer evaluating interface {}.\(name)")
            case .nilMap: value = .none
            default: throw failure(operand, "can't evaluate field \(name) in type \(value.typeName)")
            }
        }
        return value
    }

    private func find(_ name: String, _ object: JSONObject) -> Value? {
        var found = object[name]
        if found == nil, options.ignoresCase {
            let folded = name.lowercased()
            found = object.members.first { $0.name.lowercased() == folded }?.value
        }
        if let found, !found.isNull { return options.text(name, found).map { .printed(found, as: $0) } ?? .json(found) }
        switch options.zero(name) {
        case .value(let value): return options.text(name, value).map { .printed(value, as: $0) } ?? .json(value)
        case .list: return .nilList
        case .map: return .nilMap
        case .pointer: return .nilPointer
        case nil: return found.map { .json($0) }
        }
    }
}
