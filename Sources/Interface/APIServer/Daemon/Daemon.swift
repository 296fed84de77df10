internal import AsyncIO
internal import Diagnostics
package import Engine
internal import HTTP
package import HTTPTransport
internal import Linux
internal import Synchronization
package import Values

/// The API on sockets: `davit daemon`. Containers neither need it nor notice when it ends.
package struct Daemon: Sendable {
    /// Where it listens.
    package enum Address: Sendable, Hashable {
        /// A unix socket that it makes, owned by root and `group` when there is such a group, closed to all others.
        case unix(path: String, group: String)
        /// A TCP port.
        case tcp(Endpoint)
        /// The sockets that systemd handed down: sd_listen_fds(3).
        case inherited
    }

    /// Reads addresses as `-H` gives them: `unix://PATH`, which `group` may use, `tcp://ADDRESS:PORT` and `fd://`. A port that is not given is
    /// 2376 with TLS and 2375 without.
    package static func addresses(_ hosts: [String], group: String = "docker", tls: Bool = false) throws -> [Address] {
        try hosts.map { host in
            let host = host.contains("://") ? host : "tcp://\(host)"
            if host.hasPrefix("unix://") {
                let path = String(host.dropFirst("unix://".count))
                return .unix(path: path.isEmpty ? "/var/run/docker.sock" : path, group: group)
            }
            if host == "fd://" { return .inherited }
            if host.hasPrefix("tcp://") { return .tcp(try endpoint(host, tls ? 2376 : 2375)) }
            throw Fault(.invalid, "cannot listen on \(host): only unix://PATH, tcp://ADDRESS:PORT and fd:// are supported")
        }
    }

    /// No address means this host alone, as with Docker.
    private static func endpoint(_ host: String, _ port: UInt16) throws -> Endpoint {
        let text = host.dropFirst("tcp://".count)
        let problem = Fault(.invalid, "cannot listen on \(host): not an IP address and a port")
        if text.isEmpty { return Endpoint(IPAddress(.v4, 0x7f00_0001), port) }
        if text.hasPrefix(":"), let port = UInt16(text.dropFirst()) { return Endpoint(IPAddress(.v4, 0x7f00_0001), port) }
        guard let origin = try? URL.origin(.http, text) else { throw problem }  // Why does not matter: it is no address.
        let hasPort = text.hasSuffix(":\(origin.port)")
        guard let address = origin.host == "localhost" ? IPAddress(.v4, 0x7f00_0001) : IPAddress(origin.host) else { throw problem }
        return Endpoint(address, hasPort ? origin.port : port)
    }

    private let engine: Engine
    private let tls: TLSServer?
    private let log: @Sendable (String) -> Void

    /// `log` gets a line for the operator now and then.
    /// Its TCP ports speak TLS when there is one.
    package init(_ engine: Engine, tls: TLSServer? = nil, log: @escaping @Sendable (String) -> Void) {
        self.engine = engine
        self.tls = tls
        self.log = log
    }

    /// Serves until SIGTERM or SIGINT; then requests under way are cancelled, and it returns. Called from a synchronous `main`.
    /// On `readOnly` addresses it answers what changes nothing. Throws when it cannot listen.
    package func run(_ addresses: [Address], readOnly: [Address] = []) throws {
        var listeners: [Listener] = []
        for address in addresses { listeners += try Listener.open(address) }
        for address in readOnly {
            for var listener in try Listener.open(address) {
                listener.isReadOnly = true
                listeners.append(listener)
            }
        }
        guard !listeners.isEmpty else { throw Fault(.invalid, "no sockets found: nothing to listen on") }
        defer { for listener in listeners { listener.remove() } }
        let signals = try SignalEvents([1 /* SIGHUP */, 2 /* SIGINT */, 15 /* SIGTERM */])
        let sockets = listeners
        try AsyncIO.run { try await serve(sockets, until: signals) }
    }

    private func serve(_ listeners: [Listener], until signals: SignalEvents) async throws {
        let api = API(engine), readOnly = API(engine, isReadOnly: true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for listener in listeners {
                let server = HTTPServer { request in
                    if let refusal = BrowserGuard.refusal(request) { return refusal }
                    return await (listener.isReadOnly ? readOnly : api).respond(to: request)
                }
                group.addTask {
                    do { try await server.serve(listener.file.descriptor, tls: listener.isNetwork ? tls : nil) } catch is CancellationError {}
                }
                if listener.isNetwork, tls == nil {
                    log("[DEPRECATION NOTICE] API is accessible on http://\(listener.name) without encryption: whoever reaches it is root on this host")
                }
                log("API listen on \(listener.name)")
            }
            ServiceManager.notify("READY=1")
            var signal = try await signals.next()
            while signal == 1 {
                do {
                    try engine.reload()
                    log("Reloaded configuration")
                } catch { log("Error reloading configuration: \(error)") }
                signal = try await signals.next()
            }
            log("Processing signal '\(signal == 2 ? "interrupt" : "terminated")'")
            ServiceManager.notify("STOPPING=1")
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
