/// What is wrong with a Compose file, in the words of docker compose.
package struct ComposeFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    /// It is about the form of the file, as the specification's JSON schema has it.
    var isOfSchema = false

    package init(_ description: String) { self.description = description }

    /// Something of the wrong form.
    init(schema description: String) {
        self.description = description
        isOfSchema = true
    }
}
