internal import Diagnostics
internal import HTTP
package import HTTPTransport
internal import Values

/// Keeps web pages away from an API on a TCP port without TLS: a browser on this host sends them there, wherever they come from.
package enum BrowserGuard {
    /// The refusal for a request that a page may have caused: one with an `Origin`, or a browser's own for a domain, which somebody may
    /// have made to point here. Nil for all others.
    package static func refusal(_ request: Request) -> Response? {
        guard request.peer != nil, !request.isEncrypted else { return nil }
        if request.headers["Origin"] != nil || request.headers["Sec-Fetch-Site"] != nil {
            return FaultStatus.response(Fault(.forbidden, "requests of web pages are not answered without TLS"))
        }
        let agent = request.headers["User-Agent"] ?? ""
        guard agent.isEmpty || agent.hasPrefix("Mozilla/") else { return nil }
        let authority = request.headers["Host"] ?? ""
        // What cannot be understood is nobody's address.
        let host = try? URL.origin(.http, authority).host
        // A name without dots is this network's own business.
        guard let host, !host.contains(".") || IPAddress(host) != nil else {
            return FaultStatus.response(Fault(.forbidden, "the API is not served to browsers under the name \(authority) without TLS"))
        }
        return nil
    }
}
