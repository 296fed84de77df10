package import HTTP
internal import HostNames
package import TLS

extension EngineTransport {
    /// Behind a TCP port, with TLS when `origin` is `https`. Connecting throws ClientError.
    package init(network origin: URL.Origin, tls: TLSClientSettings = TLSClientSettings()) {
        let dialer = Dialer(names: .shared, connectTimeout: .seconds(30), handshakeTimeout: .seconds(10), contexts: TLSContexts())
        let route = ClientRoute(origin: origin, tls: tls, proxy: nil)
        self.init(host: origin.authority) { try await dialer.open(route) }
    }
}
