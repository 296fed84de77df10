import Linux
import NetworkPlumbing
import Values

/// Carries what comes to a published port and the kernel's rules do not lead into the container: from ::1 and addresses of IPv6 to a
/// container that has none, and from 127.0.0.1 where the kernel does not route that.
///
/// In the supervisor's own loop instead of a process for each port, as such traffic is rare and light: a port that is not used this way
/// costs one more file to wait for.
final class PortRelay {
    /// Connections and sessions at a time; further connections wait in the kernel's queue, further clients' datagrams are dropped.
    private static let limit = 512

    /// One published port.
    private struct Port {
        var published: PublishedPort
        var socket: OpenFile
        /// In the container, reached from the host's namespace.
        var target: Endpoint
    }

    private var ports: [Port] = []
    private var connections: [RelayedConnection] = []
    private var sessions: [RelayedSession] = []

    /// Relays these ports from now on; connections of others end, and those of ports that stay go on.
    func replace(_ publications: [(published: PublishedPort, socket: OpenFile, target: Endpoint)]) {
        ports = publications.map { Port(published: $0.published, socket: $0.socket, target: $0.target) }
        let kept = Set(ports.map(\.published))
        connections.removeAll { !kept.contains($0.port) }
        sessions.removeAll { !kept.contains($0.port) }
    }

    var due: Duration? { sessions.map(\.deadline).min() }

    /// Tokens: a port each, then two for each connection, then a session each.
    func register(in set: inout PollSet, token: Int) -> Int {
        for (index, port) in ports.enumerated() {
            set.add(port.socket.descriptor, read: port.published.transport == .udp || connections.count < Self.limit, token: token + index)
        }
        for (index, connection) in connections.enumerated() { connection.register(in: &set, token: token + ports.count + 2 * index) }
        let base = token + ports.count + 2 * connections.count
        for (index, session) in sessions.enumerated() { set.add(session.socket.descriptor, read: true, token: base + index) }
        return ports.count + 2 * connections.count + sessions.count
    }

    func handle(_ events: [(part: Int, event: PollSet.Ready)], now: Duration) {
        let (portsThen, connectionsThen, sessionsThen) = (ports, connections, sessions)
        for (part, event) in events {
            if part < portsThen.count {
                if portsThen[part].published.transport == .udp { takeDatagrams(portsThen[part], now: now) } else { accept(portsThen[part]) }
            } else if part < portsThen.count + 2 * connectionsThen.count {
                let index = part - portsThen.count
                connectionsThen[index / 2].handle(side: index % 2, event)
            } else if part - portsThen.count - 2 * connectionsThen.count < sessionsThen.count {
                sessionsThen[part - portsThen.count - 2 * connectionsThen.count].passBack(now: now)
            }
        }
        connections.removeAll { $0.isDone }
        sessions.removeAll { now >= $0.deadline }
    }

    private func accept(_ port: Port) {
        while connections.count < Self.limit {
            // A container that cannot be reached is seen by the client as a closed connection, as with any other relay.
            guard let client = try? UnixSocket.accept(port.socket.descriptor) else { return }
            guard let server = try? InternetSocket.beginConnecting(port.target) else { continue }
            connections.append(RelayedConnection(port.published, client: client, server: server))
        }
    }

    private func takeDatagrams(_ port: Port, now: Duration) {
        for _ in 0..<64 {
            // Nothing more, or an error of an earlier answer that nobody took.
            guard let (bytes, peer) = try? port.socket.descriptor.receiveDatagram(), let peer else { return }
            if let session = sessions.first(where: { $0.peer == peer && $0.port == port.published }) {
                session.pass(bytes, now: now)
            } else if sessions.count < Self.limit, let socket = try? InternetSocket.datagrams(peer: port.target) {
                let session = RelayedSession(port.published, from: port.socket, peer: peer, socket: socket)
                sessions.append(session)
                session.pass(bytes, now: now)
            }
        }
    }
}

/// A client's datagrams to a published port: its own socket to the container, so that answers find their way.
final class RelayedSession {
    /// Without traffic; as long as Docker's.
    private static let patience = Duration.seconds(90)

    let port: PublishedPort
    let peer: Endpoint
    let socket: OpenFile
    private let listener: OpenFile
    private(set) var deadline = Duration.zero

    init(_ port: PublishedPort, from listener: OpenFile, peer: Endpoint, socket: consuming FileDescriptor) {
        self.port = port
        self.listener = listener
        self.peer = peer
        self.socket = OpenFile(socket)
    }

    func pass(_ bytes: [UInt8], now: Duration) {
        deadline = now + Self.patience
        // Datagrams may get lost, here as anywhere.
        _ = try? socket.descriptor.write(bytes)
    }

    func passBack(now: Duration) {
        for _ in 0..<64 {
            // Nothing more, or the container's word that nobody listens there, which a datagram's sender does not hear of.
            guard let bytes = try? socket.descriptor.read(upTo: 65535) else { return }
            deadline = now + Self.patience
            try? listener.descriptor.sendDatagram(bytes, to: peer)
        }
    }
}
