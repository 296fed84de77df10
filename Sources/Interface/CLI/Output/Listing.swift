internal import JSON
internal import Templates
internal import Values

/// A list as commands print it: a table, one of the user's own templates, or JSON.
struct Listing {
    /// One row: what stands under each key, made only when asked for.
    struct Row {
        var value: (String) -> String?
        /// What is true or false, and has no heading.
        var facts: [String: Bool] = [:]
        /// Things that a template may ask with an argument.
        var methods: () -> [String: @Sendable ([JSONValue]) -> JSONValue] = { [:] }
    }

    /// Every key a template may use, with the heading of its column.
    var headings: [(key: String, heading: String)]
    /// The columns of the table shown when no format is given.
    var columns: [String]
    /// The Go type that errors name.
    var typeName: String
    /// What the format `raw` shows of a row, a line each: a name and a key.
    var raw: [(name: String, key: String)] = []

    /// The text for `rows`. An empty format is the table; `quietKey` shows that one value a line instead.
    func render(_ rows: [Row], format: String, quietKey: String? = nil) throws -> String {
        if format == "raw", !raw.isEmpty { return rawText(rows, quietKey) }
        if let quietKey, format.isEmpty || format == "table" {
            return rows.map { ($0.value(quietKey) ?? "") + "\n" }.joined()
        }
        if format.isEmpty || format == "table" { return Table.aligned(table(rows)) }
        if format == "json" { return rows.map { String(decoding: JSONValue.object(object($0)).compact.escapedForHTML, as: UTF8.self) + "\n" }.joined() }
        guard format.hasPrefix("table"), !format.hasPrefix("table{{") || format.count > 5 else { return try plain(rows, format) }
        let template = try compile(format.dropFirst(5).trimmed)
        var header = JSONObject()
        for (key, heading) in headings { header.append(key, .string(heading)) }
        for key in rows.first?.facts.keys.sorted() ?? [] { header.append(key, .null) }
        var options = Template.Options()
        options.typeName = typeName
        // The heading of `{{.Label "com.example.role"}}` is the last part of the name.
        options.methods["Label"] = { arguments in .string((arguments.first?.string ?? "").split(separator: ".").last.map(String.init) ?? "") }
        let lines = try [show(.object(header), template, options)] + rows.map { try show($0, template) }
        return Table.aligned(lines.map { $0 + "\n" }.joined())
    }

    private func plain(_ rows: [Row], _ format: String) throws -> String {
        let template = try compile(format)
        return try rows.map { try show($0, template) + "\n" }.joined()
    }

    /// How errors begin: `ps` tries its template before it asks for containers, and says so.
    private var problems: (parse: String, execute: String) {
        let isPs = typeName == "*formatter.ContainerContext"
        return isPs ? ("failed to parse template", "failed to execute template") : ("template parsing error", "template parsing error")
    }

    private func compile(_ format: String) throws -> Template {
        do throws(TemplateError) {
            return try Template(unescaped(format))
        } catch { throw Exit(1, "\(problems.parse): \(error)") }
    }

    private func rawText(_ rows: [Row], _ quietKey: String?) -> String {
        rows.map { row in
            let lines = raw.filter { quietKey == nil || $0.key == quietKey }.map { name, key in
                let value = row.value(key) ?? ""
                return value.isEmpty ? "\(name):\n" : "\(name): \(value)\n"
            }
            return lines.joined() + (quietKey == nil ? "\n" : "")
        }.joined()
    }

    private func show(_ row: Row, _ template: Template) throws -> String { try show(.object(object(row)), template, options(row)) }

    private func show(_ value: JSONValue, _ template: Template, _ options: Template.Options) throws -> String {
        do throws(TemplateError) {
            return try template.render(value, options)
        } catch { throw Exit(1, "\(problems.execute): \(error)") }
    }

    private func options(_ row: Row) -> Template.Options {
        var options = Template.Options()
        options.typeName = typeName
        options.methods = row.methods()
        return options
    }

    private func table(_ rows: [Row]) -> String {
        let shown = columns.compactMap { key in headings.first { $0.key == key } }
        var text = shown.map(\.heading).joined(separator: "\t") + "\n"
        for row in rows {
            for (index, column) in shown.enumerated() {
                if index > 0 { text += "\t" }
                text += row.value(column.key) ?? ""
            }
            text += "\n"
        }
        return text
    }

    /// The rows with everything in them.
    func documents(_ rows: [Row]) -> JSONValue { .array(rows.map { .object(object($0)) }) }

    /// All of a row, sorted by key as Go writes maps.
    private func object(_ row: Row) -> JSONObject {
        var object = JSONObject()
        for key in (headings.map(\.key) + row.facts.keys).sorted() { object.append(key, row.facts[key].map { .bool($0) } ?? row.value(key).map { .string($0) } ?? .null) }
        return object
    }

    /// Shells pass `\t` and `\n` as two characters.
    private func unescaped(_ text: String) -> String {
        text.split(separator: "\\t", omittingEmptySubsequences: false).joined(separator: "\t")
            .split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }
}
