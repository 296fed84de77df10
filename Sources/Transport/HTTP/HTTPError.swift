/// A message that breaks the rules of HTTP/1.1 (RFC 9112) or our limits, with the status that a server answers it with.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    package var status: Int
    package var message: String
    /// The connection ended within the message.
    package var isUnexpectedEnd = false

    package init(_ status: Int = 400, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The connection ended within a message.
    package static func unexpectedEnd(_ status: Int = 400) -> HTTPError {
        var error = HTTPError(status, "unexpected EOF")
        error.isUnexpectedEnd = true
        return error
    }

    package var description: String { message }
}
