package import JSON

/// What a build says of its Dockerfile beside building it: Davit's own, in BuildKit's words.
package struct BuildWarning: JSONRecord, Sendable, Hashable {
    /// The rule, what is wrong, and the line.
    package var text: String = ""
    package var description: String = ""
    package var url: String = ""
    package var firstLine: Int = 0
    package var lastLine: Int = 0
    /// The Dockerfile's lines about it.
    package var excerpt: String = ""

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("text", &text)
        try m("description", &description, .unlessEmpty)
        try m("url", &url, .unlessEmpty)
        try m("firstLine", &firstLine, .unlessEmpty)
        try m("lastLine", &lastLine, .unlessEmpty)
        try m("excerpt", &excerpt, .unlessEmpty)
    }
}

/// The answer to a question about a Dockerfile for which nothing is built: Davit's own; what is in it is BuildKit's.
package struct BuildAnswer: JSONRecord, Sendable, Hashable {
    /// A JSON document.
    package var document: String = ""
    /// The same for people.
    package var text: String = ""
    /// Warnings; nil where there is no question of them.
    package var warnings: Int?

    package init(document: String, text: String, warnings: Int? = nil) { (self.document, self.text, self.warnings) = (document, text, warnings) }
    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("document", &document)
        try m("text", &text, .unlessEmpty)
        try m("warnings", &warnings, .unlessNil)
    }
}
