/// A request's method; any token is one.
package struct Method: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let get = Method(rawValue: "GET")
    package static let head = Method(rawValue: "HEAD")
    package static let post = Method(rawValue: "POST")
    package static let put = Method(rawValue: "PUT")
    package static let delete = Method(rawValue: "DELETE")
    package static let patch = Method(rawValue: "PATCH")
    package static let options = Method(rawValue: "OPTIONS")
}
