package import HTTP
internal import Values

/// A proxy and who we are to it.
package struct ProxyServer: Sendable, Hashable {
    package var origin: URL.Origin
    /// `user:password`, sent by the Basic scheme.
    package var credentials: String?

    /// Reads `http://user:password@host:port`, `https://…`, or `host:port` alone. Throws 400.
    package init(_ text: String) throws(HTTPError) {
        let scheme: URL.Scheme
        var rest: Substring
        if let separator = text.firstRange(of: "://") {
            guard let known = URL.Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
                throw HTTPError(400, "unsupported proxy scheme \(text[..<separator.lowerBound])")
            }
            (scheme, rest) = (known, text[separator.upperBound...])
        } else {
            (scheme, rest) = (.http, text[...])
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") {
            credentials = try PercentEncoding.decode(rest[..<at].utf8)
            rest = rest[rest.index(after: at)...]
        }
        origin = try URL.origin(scheme, rest)
    }

    /// The value of `Proxy-Authorization`.
    var authorization: String? {
        credentials.map { "Basic \(Base64.encode(Array($0.utf8)))" }
    }
}

/// Which requests go through which proxy: the values of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, as Go reads them.
package struct ProxySettings: Sendable, Hashable {
    private var http: ProxyServer?
    private var https: ProxyServer?
    private var exceptions: [Exception] = []
    private var exceptsAll = false

    private enum Exception: Sendable, Hashable {
        case network(IPPrefix)
        case address(IPAddress, port: UInt16?)
        /// With `isOpen` hosts below it too.
        case domain(String, port: UInt16?, includesItself: Bool)
    }

    /// All requests go straight to their hosts.
    package static let none = ProxySettings()

    private init() {}

    /// Empty texts mean no proxy. `none` has hosts, `.domains`, addresses and networks, separated by commas; `*` is everything.
    /// Throws 400 for a proxy that cannot be understood; what cannot be understood among the exceptions excepts nothing.
    package init(http: String?, https: String?, none: String?) throws(HTTPError) {
        if let http, !http.isEmpty { self.http = try ProxyServer(http) }
        if let https, !https.isEmpty { self.https = try ProxyServer(https) }
        for item in (none ?? "").split(separator: ",") {
            let text = item.filter { !$0.isWhitespace }.lowercased()
            if text == "*" { exceptsAll = true } else if let exception = Self.exception(text) { exceptions.append(exception) }
        }
    }

    private static func exception(_ text: String) -> Exception? {
        if text.isEmpty { return nil }
        if let prefix = IPPrefix(text) { return .network(prefix) }
        if let address = IPAddress(text) { return .address(address, port: nil) }
        var host = text, port: UInt16?
        if let colon = text.lastIndex(of: ":"), let number = UInt16(text[text.index(after: colon)...]) {
            (host, port) = (String(text[..<colon]), number)
        }
        if let address = IPAddress(host.filter { $0 != "[" && $0 != "]" }) { return .address(address, port: port) }
        if host.hasPrefix("*.") { host.removeFirst() }
        if host.hasPrefix(".") { return .domain(String(host.dropFirst()), port: port, includesItself: false) }
        return host.isEmpty ? nil : .domain(host, port: port, includesItself: true)
    }

    /// The proxy for `origin`; nil when there is none. The host itself never goes through one.
    func proxy(for origin: URL.Origin) -> ProxyServer? {
        guard let proxy = origin.scheme == .https ? https : http, !exceptsAll, origin.host != "localhost" else { return nil }
        let address = IPAddress(origin.host)
        if let address, address.isLoopback { return nil }
        let isExcepted = exceptions.contains { exception in
            switch exception {
            case .network(let prefix): address.map { prefix.contains($0) } ?? false
            case .address(let other, let port): address == other && (port ?? origin.port) == origin.port
            case .domain(let domain, let port, let includesItself):
                ((includesItself && origin.host == domain) || origin.host.hasSuffix(".\(domain)")) && (port ?? origin.port) == origin.port
            }
        }
        return isExcepted ? nil : proxy
    }
}
