internal import Diagnostics
internal import HTTP
package import HTTPTransport
internal import RegistryClient
package import Values

extension Images {
    /// Begins to fetch the archive that `import` shall read from the web: `address` is a URL, of HTTP when it does not say. Gives what it
    /// came to be, the archive, and when that was changed last, if the server tells. What servers refuse is thrown in Docker's words.
    package func fetch(_ address: String) async throws -> (url: String, archive: RequestBody, modified: Timestamp?) {
        let url: URL
        do throws(HTTPError) { url = try URL(address.contains("://") ? address : "http://\(address)") } catch { throw Fault(.invalid, error.message) }
        let client = try RegistrySettings.load().client()
        let response: ClientResponse
        do { response = try await client.send(ClientRequest(.get, url)) } catch let error as ClientError { throw Fault(.internal, "\(error)", cause: error) }
        guard response.status >= 400 else {
            // The client lives as long as somebody reads.
            let archive = RequestBody(length: response.body.length) {
                defer { withExtendedLifetime(client) {} }
                return try await response.body.next()
            }
            return ("\(url)", archive, response.headers["Last-Modified"].flatMap { HTTPDate.time($0) })
        }
        // What cannot be read says nothing.
        let told = (try? await response.body.collect(limit: 1024)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let kind: Fault.Kind =
            switch response.status {
            case 400: .invalid
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            default: .internal
            }
        let reason = told.split(separator: "\n").joined(separator: " ")
        throw Fault(kind, "failed to GET \(url) with status \(response.status) \(ResponseHead.reason(response.status)): \(reason)")
    }
}
