package import JSON

/// What happens to one step of a build, as `davit build` shows it: Davit's own.
package struct BuildProgress: JSONRecord, Sendable, Hashable {
    /// Counts from 1 in the order in which steps begin.
    package var number: Int = 0
    /// Such as `[build 2/3] RUN make`; with the first message of a step.
    package var name: String = ""
    /// What it writes.
    package var log: String = ""
    /// It was written to standard error.
    package var isError: Bool = false
    /// It was done before.
    package var cached: Bool = false
    /// It has ended.
    package var done: Bool = false
    package var error: String = ""
    /// Lines of the Dockerfile about the instruction that failed.
    package var excerpt: String = ""

    package init(number: Int, name: String = "", log: String = "", isError: Bool = false, cached: Bool = false, done: Bool = false, error: String = "", excerpt: String = "") {
        self.number = number
        self.name = name
        self.log = log
        self.isError = isError
        self.cached = cached
        self.done = done
        self.error = error
        self.excerpt = excerpt
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("number", &number)
        try m("name", &name, .unlessEmpty)
        try m("log", &log, .unlessEmpty)
        try m("isError", &isError, .unlessEmpty)
        try m("cached", &cached, .unlessEmpty)
        try m("done", &done, .unlessEmpty)
        try m("error", &error, .unlessEmpty)
        try m("excerpt", &excerpt, .unlessEmpty)
    }
}
