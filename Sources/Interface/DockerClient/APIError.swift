/// The server said no: its status and its words.
package struct APIError: Error, Sendable, Hashable, CustomStringConvertible {
    package var status: Int
    package var message: String

    package init(status: Int, message: String) {
        self.status = status
        self.message = message
    }

    /// As Docker's clients print it.
    package var description: String { "Error response from daemon: \(message)" }
}

/// There was no answer, in the words of Docker's clients.
package struct ConnectionFailure: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
