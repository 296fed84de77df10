/// What is wrong with a Compose file, in the words of docker compose.
package struct ComposeFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
