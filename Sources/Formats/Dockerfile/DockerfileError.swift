/// A Dockerfile that cannot be read, or a word of one that cannot be expanded.
package struct DockerfileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first line of the instruction, counted from 1; nil where that is not known, or the file as a whole is meant.
    package var line: Int?
    package var reason: String

    package init(_ reason: String, line: Int? = nil) {
        self.reason = reason
        self.line = line
    }

    /// BuildKit's words, which Docker's clients show.
    package var description: String { line.map { "dockerfile parse error on line \($0): \(reason)" } ?? reason }

    /// The same, said of a line if it does not say one itself.
    package func at(_ line: Int) -> DockerfileError { DockerfileError(reason, line: self.line ?? line) }
}
