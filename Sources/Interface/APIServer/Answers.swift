internal import HTTP
internal import HTTPTransport

extension Response {
    /// A value as JSON with the line end that Go's encoder adds.
    static func json(_ value: some Encodable & Sendable, status: Int = 200) throws -> Response {
        Response(status, headers: ["Content-Type": "application/json"], body: .document(value))
    }

    static let noContent = Response(204)
    static let notModified = Response(304)
}
