/// The server said no: its status and its words.
package struct APIError: Error, Sendable, Hashable, CustomStringConvertible {
    package var status: Int
    package var message: String

    /// Whether it came inside of a stream that had begun well.
    package var isOfStream: Bool

    package init(status: Int, message: String, isOfStream: Bool = false) {
        self.status = status
        self.message = message
        self.isOfStream = isOfStream
    }

    /// As Docker's clients print it, without white space at its end: what a stream reported after a good status stands alone.
    package var description: String {
        let end = message.lastIndex { !$0.isWhitespace }.map(message.index(after:)) ?? message.startIndex
        return isOfStream ? message : "Error response from daemon: \(message[..<end])"
    }
}

/// There was no answer, in the words of Docker's clients.
package struct ConnectionFailure: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
