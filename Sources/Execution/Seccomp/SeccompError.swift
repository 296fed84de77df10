/// A profile that is malformed, or that cannot become a filter here. The message names what in the profile is wrong.
package struct SeccompError: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String

    init(_ message: String) { self.message = message }

    package var description: String { message }
}
