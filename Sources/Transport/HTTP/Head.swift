/// The version on a message's first line: HTTP/1.0 or HTTP/1.1.
package enum Version: Sendable, Hashable {
    case http10, http11

    package var text: String { self == .http10 ? "HTTP/1.0" : "HTTP/1.1" }
}

/// A request without its body.
package struct RequestHead: Sendable, Hashable {
    package var method: Method
    /// As on the wire: an absolute path with an optional query, still encoded.
    package var target: String
    package var version: Version
    package var headers: HeaderFields

    package init(_ method: Method, _ target: String, version: Version = .http11, headers: HeaderFields = [:]) {
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
    }

    /// The decoded path and query of the target. An absolute URL, as sent to proxies, counts by its path. Throws 400.
    package func location() throws(HTTPError) -> (path: String, query: Query) {
        var rest = target[...]
        if !rest.hasPrefix("/") {
            guard let scheme = rest.firstIndex(of: ":"), rest[scheme...].hasPrefix("://"), ["http", "https"].contains(lowered(String(rest[..<scheme])))
            else {
                if rest == "*", method == .options { return ("*", Query()) }
                throw HTTPError(400, "invalid request target")
            }
            let authority = rest.index(scheme, offsetBy: 3)
            rest = rest[authority...]
            rest = rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...]
            if rest.isEmpty { rest = "/" }
        }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let path = try PercentEncoding.decode(rest[..<mark].utf8)
        guard path.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else { throw HTTPError(400, "invalid characters in path") }
        return (path, mark == rest.endIndex ? Query() : try Query(parsing: rest[rest.index(after: mark)...]))
    }

    /// Whether the connection may carry another request after this one: RFC 9112 §9.3.
    package var keepsAlive: Bool {
        let connection = headers.tokens("Connection")
        return version == .http11 ? !connection.contains("close") : connection.contains("keep-alive")
    }

    /// Asks to go on with another protocol on the same connection.
    package var asksForUpgrade: Bool { headers["Upgrade"] != nil }

    /// Waits for `100 Continue` before it sends its body.
    package var expectsContinue: Bool { version == .http11 && headers.tokens("Expect").contains("100-continue") }

    /// As it goes onto the wire, with the empty line. A target with spaces or control characters has them encoded.
    package var bytes: [UInt8] {
        var bytes = Array("\(method) ".utf8)
        for byte in target.utf8 {
            if byte > 32, byte < 127 { bytes.append(byte) } else { bytes += PercentEncoding.encode(byte: byte) }
        }
        bytes += " \(version.text)\r\n".utf8
        headers.serialize(into: &bytes)
        bytes += "\r\n".utf8
        return bytes
    }
}

extension PercentEncoding {
    fileprivate static func encode(byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

/// A response without its body.
package struct ResponseHead: Sendable, Hashable {
    package var status: Int
    /// The words after the status; the usual ones when nil.
    package var reason: String?
    package var version: Version
    package var headers: HeaderFields

    package init(_ status: Int, reason: String? = nil, version: Version = .http11, headers: HeaderFields = [:]) {
        self.status = status
        self.reason = reason
        self.version = version
        self.headers = headers
    }

    /// As it goes onto the wire, with the empty line.
    package var bytes: [UInt8] {
        let words = (reason ?? Self.reason(status)).utf8.map { $0 < 32 ? 32 : $0 }
        var bytes = Array("\(version.text) \(status) ".utf8) + words + Array("\r\n".utf8)
        headers.serialize(into: &bytes)
        bytes += "\r\n".utf8
        return bytes
    }

    /// RFC 9110 §15.
    package static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }
}
