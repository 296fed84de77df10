import Linux
import NetworkPlumbing
import Values

/// Carries what comes to a published port and the kernel's rules do not lead into the container: from ::1 and addresses of IPv6 to a
/// container that has none, and from 127.0.0.1 where the kernel does not route that.
///
/// In the supervisor's own loop instead of a process for each port, as such traffic is rare and light: a port that is not used this way
/// costs a file that the kernel watches, and no turn of the loop takes longer for it.
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

    /// By the number that the kernel reports them by.
    private var ports: [UInt64: Port] = [:]
    private var lastToken: UInt64 = 0
    private let listeners: Epoll
    private let datagrams: Epoll
    private var connections: [RelayedConnection] = []
    private var sessions: [RelayedSession] = []

    init() throws(SyscallError) {
        listeners = try Epoll()
        datagrams = try Epoll()
    }

    /// Relays one more port.
    func add(_ published: PublishedPort, _ socket: OpenFile, to target: Endpoint) throws(SyscallError) {
        lastToken += 1
        if published.transport == .udp {
            try datagrams.add(socket.descriptor, .read, token: lastToken)
        } else {
            try listeners.add(socket.descriptor, .read, token: lastToken)
        }
        ports[lastToken] = Port(published: published, socket: socket, target: target)
    }

    /// Relays these no longer, and ends their connections.
    func remove(where isLeaving: (PublishedPort) -> Bool) throws(SyscallError) {
        for (token, port) in ports where isLeaving(port.published) {
            ports[token] = nil
            if port.published.transport == .udp { try datagrams.remove(port.socket.descriptor) } else { try listeners.remove(port.socket.descriptor) }
        }
        connections.removeAll { isLeaving($0.port) }
        sessions.removeAll { isLeaving($0.port) }
    }

    /// Leads what is relayed to where it shall go now.
    func retarget(_ target: (PublishedPort) -> Endpoint?) {
        for (token, port) in ports { if let new = target(port.published) { ports[token]?.target = new } }
    }

    var due: Duration? { sessions.map(\.deadline).min() }

    /// Tokens: all ports of TCP, all of UDP, then two for each connection, then a session each.
    func register(in set: inout PollSet, token: Int) -> Int {
        if ports.isEmpty { return 2 }
        if connections.count < Self.limit { set.add(listeners, token: token) }
        set.add(datagrams, token: token + 1)
        for (index, connection) in connections.enumerated() { connection.register(in: &set, token: token + 2 + 2 * index) }
        let base = token + 2 + 2 * connections.count
        for (index, session) in sessions.enumerated() { set.add(session.socket.descriptor, read: true, token: base + index) }
        return 2 + 2 * connections.count + sessions.count
    }

    func handle(_ events: [(part: Int, event: PollSet.Ready)], now: Duration) {
        let (connectionsThen, sessionsThen) = (connections, sessions)
        for (part, event) in events {
            switch part {
            case 0: for port in ready(listeners) { accept(port) }
            case 1: for port in ready(datagrams) { takeDatagrams(port, now: now) }
            case ..<(2 + 2 * connectionsThen.count): connectionsThen[part / 2 - 1].handle(side: part % 2, event)
            case ..<(2 + 2 * connectionsThen.count + sessionsThen.count): sessionsThen[part - 2 - 2 * connectionsThen.count].passBack(now: now)
            default: break
            }
        }
        connections.removeAll { $0.isDone }
        sessions.removeAll { now >= $0.deadline }
    }

    private func ready(_ epoll: borrowing Epoll) -> [Port] {
        var reports: [Epoll.Report] = []
        // What cannot be told now is told at the next turn.
        try? epoll.wait(into: &reports, timeoutMilliseconds: 0)
        return reports.compactMap { ports[$0.token] }
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
