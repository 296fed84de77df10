internal import AsyncIO
package import TLS

/// The server's side of TLS, for all connections of a listener.
package struct TLSServer: Sendable {
    private let context: TLSContext

    /// Throws TLSError when certificate, key or authorities cannot be used.
    package init(_ settings: TLSServerSettings) throws(TLSError) { context = try TLSContext(server: settings) }

    /// Throws TLSError when client and server do not come together. A client that speaks HTTP is told so.
    func accept(_ connection: AsyncConnection) async throws -> TLSStream {
        do {
            return try await TLSStream.establish(try context.session(), over: connection)
        } catch let error as TLSError where error.kind == .plainHTTP {
            try await connection.writeAll(Array("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n".utf8))
            throw error
        }
    }
}
