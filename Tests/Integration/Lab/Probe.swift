import Linux
import Testing
import Values

/// A server that waits for whoever reaches it, to tell as whom they came.
final class Probe {
    enum Kind { case tcp, udp }
    private let kind: Kind
    private let file: OpenFile

    /// Milliseconds in which a packet within one machine arrives, with much to spare; and those after which one that is dropped is given up.
    static let patience = 2000
    static let impatience = 250

    init(_ kind: Kind = .tcp, at port: UInt16, of place: any Place, address: String = "0.0.0.0") throws {
        self.kind = kind
        let endpoint = try Self.endpoint(address, port)
        file = try place.within { OpenFile(try kind == .tcp ? InternetSocket.listen(endpoint) : InternetSocket.datagrams(at: endpoint)) }
    }

    static func endpoint(_ address: String, _ port: UInt16) throws -> Endpoint {
        guard let address = IPAddress(address) else { throw TimedOut(description: "bad address \(address)") }
        return Endpoint(address, port)
    }

    /// Goes from `place` to `address`, says something, and hears the answer. Gives the address that the server saw; nil when nothing passed.
    func reached(from place: any Place, at address: String, _ port: UInt16, patience: Int = Probe.patience) throws -> String? {
        let endpoint = try Self.endpoint(address, port)
        do {
            return try kind == .tcp ? overTCP(place, endpoint, patience) : overUDP(place, endpoint, patience)
        } catch let error as SyscallError where error.call == "connect" || error.call == "sendto" || error.call == "send" {
            // No route, refused, prohibited: nothing passed.
            return nil
        }
    }

    /// Who comes next by itself.
    func caller(seconds: Int? = nil) throws -> String? {
        guard try wait(file.descriptor, write: false, seconds.map { $0 * 1000 } ?? Self.patience), let served = try UnixSocket.accept(file.descriptor) else { return nil }
        return served.peerEndpoint()?.address.description
    }

    /// That nothing passes, one way or the other.
    func isOutOfReach(from place: any Place, at address: String, _ port: UInt16) throws -> Bool {
        try reached(from: place, at: address, port, patience: Self.impatience) == nil
    }

    /// What `hears` waits for.
    static let word = Array("again".utf8)

    /// Whether a datagram from `client` arrives.
    func hears(_ client: OpenFile, patience: Int = Probe.patience) throws -> Bool {
        try heard(patience: patience) {
            // The answer to an earlier one may have been that nobody listens.
            do { try client.descriptor.writeAll(Self.word) } catch let error as SyscallError where error.errno == .connectionRefused {
                try client.descriptor.writeAll(Self.word)
            }
        } == Self.word
    }

    /// The datagram that arrives after `send`.
    func heard(patience: Int = Probe.patience, _ send: () throws -> Void) throws -> [UInt8]? {
        try send()
        return try wait(file.descriptor, write: false, patience) ? file.descriptor.receiveDatagram().bytes : nil
    }

    private func overTCP(_ place: any Place, _ endpoint: Endpoint, _ patience: Int) throws -> String? {
        let client = try place.within { OpenFile(try InternetSocket.beginConnecting(endpoint)) }
        guard try wait(client.descriptor, write: true, patience), client.descriptor.pendingError() == nil, try wait(file.descriptor, write: false, patience) else { return nil }
        guard let served = try UnixSocket.accept(file.descriptor) else { return nil }
        let seen = served.peerEndpoint()?.address.description
        try served.writeAll("hello".utf8)
        guard try wait(client.descriptor, write: false, patience), try client.descriptor.read(upTo: 16) == Array("hello".utf8) else { return nil }
        return seen
    }

    private func overUDP(_ place: any Place, _ endpoint: Endpoint, _ patience: Int) throws -> String? {
        let client = try place.within { OpenFile(try InternetSocket.datagrams(peer: endpoint)) }
        try client.descriptor.writeAll("who".utf8)
        guard try wait(file.descriptor, write: false, patience) else { return nil }
        let (bytes, peer) = try file.descriptor.receiveDatagram()
        guard bytes == Array("who".utf8), let peer else { return nil }
        try file.descriptor.sendDatagram(Array("hello".utf8), to: peer)
        guard try wait(client.descriptor, write: false, patience), try client.descriptor.read(upTo: 16) == Array("hello".utf8) else { return nil }
        return peer.address.description
    }

    private func wait(_ file: borrowing FileDescriptor, write: Bool, _ milliseconds: Int) throws -> Bool {
        var set = PollSet()
        set.add(file, read: !write, write: write, token: 0)
        return try !set.wait(timeoutMilliseconds: milliseconds).isEmpty
    }
}
