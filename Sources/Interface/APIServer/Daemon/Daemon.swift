internal import AsyncIO
internal import Diagnostics
package import Engine
internal import HTTPTransport
internal import Linux
internal import Synchronization

/// The API on sockets: `davit daemon`. Containers neither need it nor notice when it ends.
package struct Daemon: Sendable {
    /// Where it listens.
    package enum Address: Sendable, Hashable {
        /// A unix socket that it makes, owned by root and `group` when there is such a group, closed to all others.
        case unix(path: String, group: String)
        /// The sockets that systemd handed down: sd_listen_fds(3).
        case inherited
    }

    /// The group that may use a socket made here, as with Docker.
    package static let group = "docker"

    /// Reads addresses as `-H` gives them: `unix://PATH` and `fd://`. Without any it is the unix socket at `path`.
    package static func addresses(_ hosts: [String], default path: String) throws -> [Address] {
        if hosts.isEmpty { return [.unix(path: path, group: group)] }
        return try hosts.map { host in
            if host.hasPrefix("unix://") {
                let path = String(host.dropFirst("unix://".count))
                return .unix(path: path.isEmpty ? "/var/run/docker.sock" : path, group: group)
            }
            if host == "fd://" { return .inherited }
            throw Fault(.invalid, "cannot listen on \(host): only unix://PATH and fd:// are supported")
        }
    }

    private let engine: Engine
    private let log: @Sendable (String) -> Void

    /// `log` gets a line for the operator now and then.
    package init(_ engine: Engine, log: @escaping @Sendable (String) -> Void) {
        self.engine = engine
        self.log = log
    }

    /// Serves until SIGTERM or SIGINT; then requests under way are cancelled, and it returns. Called from a synchronous `main`.
    /// Throws when it cannot listen.
    package func run(_ addresses: [Address]) throws {
        var listeners: [Listener] = []
        for address in addresses { listeners += try Listener.open(address) }
        guard !listeners.isEmpty else { throw Fault(.invalid, "no sockets found: nothing to listen on") }
        defer { for listener in listeners { listener.remove() } }
        let signals = try SignalEvents([2 /* SIGINT */, 15 /* SIGTERM */])
        let sockets = listeners
        try AsyncIO.run { try await serve(sockets, until: signals) }
    }

    private func serve(_ listeners: [Listener], until signals: SignalEvents) async throws {
        let api = API(engine)
        let server = HTTPServer { await api.respond(to: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for listener in listeners {
                group.addTask {
                    do { try await server.serve(listener.file.descriptor) } catch is CancellationError {}
                }
                log("API listen on \(listener.name)")
            }
            ServiceManager.notify("READY=1")
            let signal = try await signals.next()
            log("Processing signal '\(signal == 2 ? "interrupt" : "terminated")'")
            ServiceManager.notify("STOPPING=1")
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
