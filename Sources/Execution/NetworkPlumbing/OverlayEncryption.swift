import Linux
import Netlink
import Values

/// The encryption of what an overlay's hosts send each other: IPsec (ESP) on the way from host to host, which the kernel does by rules of
/// its own, ip-xfrm(8). Each encrypted network has a UDP port of its own, by which the rules tell what is to be encrypted.
///
/// It fails closed: on that port nothing passes in the clear, in neither direction, from before the overlay is up until after it is gone.
enum OverlayEncryption {
    /// Has nothing pass yet. Throws `kernelLacks` when the kernel cannot encrypt.
    static func close(_ overlay: BridgePlan.Overlay) throws(PlumbingError) {
        var socket = try open()
        let request = request(overlay.identifier)
        let present = try at("list security policies") { () throws(SyscallError) in try socket.policies(request) }
        let missing = closing(overlay).filter { !present.contains($0) }
        if missing.isEmpty { return }
        try requireESP(request, &socket)
        for policy in missing { try at("close port \(overlay.port)") { () throws(SyscallError) in try socket.add(policy) } }
    }

    /// Has encrypted what goes to and comes from these hosts, and from no others.
    static func set(_ peers: [IPAddress], of overlay: BridgePlan.Overlay, _ secret: OverlaySecret) throws(PlumbingError) {
        let request = request(overlay.identifier)
        var keys: [SecurityAssociation: [UInt8]] = [:]
        var policies = Set(closing(overlay))
        for peer in peers {
            let local: IPAddress
            if let known = overlay.local { local = known } else { local = try source(to: peer) }
            for (direction, source, destination) in [(SecurityPolicy.Direction.outgoing, local, peer), (.incoming, peer, local)] {
                let (index, key) = secret.association(overlay.identifier, from: source, to: destination)
                keys[SecurityAssociation(from: source, to: destination, index: index, request: request, checksReplays: !secret.lives.isEmpty)] = key
                policies.insert(SecurityPolicy(direction, peer.family, .init(from: source, to: destination), port: overlay.port, request: request))
            }
        }
        var socket = try open()
        try at("encrypt \(overlay.interface)") { () throws(SyscallError) in
            let present = Set(try socket.associations(request)), demanded = Set(try socket.policies(request))
            for (association, key) in keys where !present.contains(association) {
                // Another process may have been first.
                try socket.tolerating(.exists) { s throws(SyscallError) in try s.add(association, key: key) }
            }
            for policy in policies.subtracting(demanded) { try socket.add(policy) }
            for policy in demanded.subtracting(policies) { try socket.tolerating(.noEntry) { s throws(SyscallError) in try s.remove(policy) } }
            for association in present.subtracting(keys.keys) {
                try socket.tolerating(.noSuchProcess) { s throws(SyscallError) in try s.remove(association) }
            }
        }
    }

    /// Takes all of it away; nothing there is right.
    static func remove(_ identifier: UInt32) throws(PlumbingError) {
        // A kernel that has none of this has nothing to take away.
        guard var socket = try? open() else { return }
        try at("end the encryption of vx-\(identifier)") { () throws(SyscallError) in
            for policy in try socket.policies(request(identifier)) { try socket.tolerating(.noEntry) { s throws(SyscallError) in try s.remove(policy) } }
            for association in try socket.associations(request(identifier)) {
                try socket.tolerating(.noSuchProcess) { s throws(SyscallError) in try s.remove(association) }
            }
        }
    }

    /// Marks what is an overlay's of Davit's.
    private static func request(_ identifier: UInt32) -> UInt32 { 0xda00_0000 | identifier }

    private static func closing(_ overlay: BridgePlan.Overlay) -> [SecurityPolicy] {
        [.outgoing, .incoming].map { SecurityPolicy($0, overlay.family, nil, port: overlay.port, request: request(overlay.identifier)) }
    }

    /// The address that this host has on the way to another.
    private static func source(to peer: IPAddress) throws(PlumbingError) -> IPAddress {
        let local = try at("find the way to \(peer)") { () throws(SyscallError) in try InternetSocket.datagrams(peer: Endpoint(peer, 9)).localEndpoint() }
        guard let local else { throw .invalid("no address of this host leads to \(peer)") }
        return local.address
    }

    /// Makes an association that nothing is sent by.
    private static func requireESP(_ request: UInt32, _ socket: inout NetlinkSocket) throws(PlumbingError) {
        let host = IPAddress(.v4, 0x7f00_0001)
        let probe = SecurityAssociation(from: host, to: host, index: request, request: request)
        do throws(SyscallError) {
            try socket.tolerating(.exists) { s throws(SyscallError) in
                try s.add(probe, key: (0..<SecurityAssociation.keyLength).map { _ in .random(in: 0...255) })
            }
            try socket.tolerating(.noSuchProcess) { s throws(SyscallError) in try s.remove(probe) }
        } catch  where [.protocolNotSupported, .notImplemented, .noEntry].contains(error.errno) {
            throw .kernelLacks("ESP with AES-GCM, which encrypted overlay networks need")
        } catch { throw .kernel("try ESP", error) }
    }

    private static func open() throws(PlumbingError) -> NetlinkSocket {
        do throws(SyscallError) { return try NetlinkSocket.transform() } catch  where error.errno == .protocolNotSupported {
            throw .kernelLacks("xfrm, which encrypted overlay networks need")
        } catch { throw .kernel("open xfrm", error) }
    }
}

extension NetlinkSocket {
    /// Does it, and takes this one error for success.
    fileprivate mutating func tolerating(_ errno: Errno, _ body: (inout NetlinkSocket) throws(SyscallError) -> Void) throws(SyscallError) {
        do throws(SyscallError) { try body(&self) } catch  where error.errno == errno {}
    }
}
