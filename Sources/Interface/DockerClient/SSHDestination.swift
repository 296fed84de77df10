internal import AsyncIO
internal import HTTP
package import HTTPTransport
internal import Linux
internal import Values

/// An engine on another machine that `ssh` reaches: `ssh://[user@]host[:port][/path of its socket]`, as Docker has it. The program `ssh`
/// does the rest, with its own configuration and keys; at the other end `docker system dial-stdio` connects it to the engine.
package struct SSHDestination: Sendable, Hashable {
    var user: String?
    var host: String
    var port: UInt16?
    var socket: String?

    /// What is wrong with an address.
    package struct Invalid: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Throws for an address that names no host, has a password, or anything that the shell at the other end would read otherwise.
    package init(_ text: String) throws(Invalid) {
        func invalid(_ what: String) -> Invalid { Invalid(description: "ssh host connection is not valid: \(what)") }
        guard text.hasPrefix("ssh://") else { throw invalid("expected scheme ssh") }
        var rest = text.dropFirst("ssh://".count)
        guard rest.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw invalid("invalid character in address") }
        if rest.contains("?") { throw invalid("query parameters are not allowed") }
        if rest.contains("#") { throw invalid("fragments are not allowed") }
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[slash...]
            guard path.utf8.allSatisfy({ Self.isPlain($0) }) else { throw invalid("invalid character in path") }
            socket = path == "/" ? nil : String(path)
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            let name = rest[..<at]
            if name.contains(":") { throw invalid("plain-text password is not supported") }
            user = name.isEmpty ? nil : String(name)
            rest = rest[rest.index(after: at)...]
        }
        let authority: (host: Substring, port: Substring?)
        if rest.first == "[", let end = rest.firstIndex(of: "]") {
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw invalid("invalid host") }
            authority = (rest[rest.index(after: rest.startIndex)..<end], after.isEmpty ? nil : after.dropFirst())
        } else {
            let colon = rest.firstIndex(of: ":")
            authority = (rest[..<(colon ?? rest.endIndex)], colon.map { rest[rest.index(after: $0)...] })
        }
        guard !authority.host.isEmpty else { throw invalid("no host specified") }
        host = String(authority.host)
        if let text = authority.port, !text.isEmpty {
            guard let number = UInt16(text), number > 0 else { throw invalid("invalid port \"\(text)\"") }
            port = number
        }
    }

    /// Means itself to a shell.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The command, `ssh` first. A host that begins with a dash is no option.
    var command: [String] {
        var words = ["ssh", "-o", "ConnectTimeout=30", "-T"]
        if let user { words += ["-l", user] }
        if let port { words += ["-p", "\(port)"] }
        words += ["--", host, "docker"]
        if let socket { words += ["--host", "unix://\(socket)"] }
        return words + ["system", "dial-stdio"]
    }

    /// Requests go each through an `ssh` of their own.
    package var transport: EngineTransport {
        let command = command
        return EngineTransport(host: "docker.example.com") { try ProgramStream(command) }
    }
}
