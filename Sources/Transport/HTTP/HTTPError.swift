/// A message that breaks the rules of HTTP/1.1 (RFC 9112) or our limits, with the status that a server answers it with.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    package var status: Int
    package var message: String

    package init(_ status: Int = 400, _ message: String) {
        self.status = status
        self.message = message
    }

    package var description: String { message }
}
