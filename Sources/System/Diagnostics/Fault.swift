/// What a service could not do, in words for the user. The kind decides the HTTP status and the exit code, in one place each.
package struct Fault: Error, Sendable, CustomStringConvertible {
    /// A closed list: clients can tell these apart and nothing else.
    package enum Kind: Sendable {
        case invalid, unauthorized, forbidden, notFound, conflict, notModified, notImplemented, unavailable, `internal`
    }

    package var kind: Kind
    /// Lower case, no full stop, names the object. Docker's exact words where clients compare text.
    package var message: String
    /// What lay below, when there was something; its text is not part of `message`.
    package var cause: (any Error)?

    package init(_ kind: Kind, _ message: String, cause: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }

    package var description: String {
        if let cause { "\(message): \(cause)" } else { message }
    }
}
