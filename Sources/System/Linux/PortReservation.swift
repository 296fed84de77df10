internal import CLinux
package import Values

/// A port of this host that is held by a bound socket, so that nobody else can have it: ip(7), ipv6(7).
package struct PortReservation: Sendable {
    /// Bound; one of TCP listens too, since only that keeps out those who ask for `SO_REUSEADDR`. Non-blocking.
    package let socket: OpenFile
    /// The one that was asked for, or the kernel's choice.
    package let port: UInt16

    /// Takes a port of an address, `0.0.0.0` and `::` being all of their own family only; port 0 takes a free one. `transport` is IPPROTO_*.
    /// Throws `EADDRINUSE`, `EADDRNOTAVAIL` for an address that is not the host's, `EPROTONOSUPPORT` for SCTP on a kernel without it.
    package static func take(_ transport: UInt8, _ endpoint: Endpoint) throws(SyscallError) -> PortReservation {
        let isDatagram = CInt(transport) == CInt(IPPROTO_UDP)
        let kind = CInt((isDatagram ? SOCK_DGRAM : SOCK_STREAM).rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let family = endpoint.address.family == .v4 ? AF_INET : AF_INET6
        let file = FileDescriptor(owning: try retrying("socket", "\(endpoint)") { CLinux.socket(family, kind, CInt(transport)) })
        let number = file.rawValue
        // Connections of an earlier holder that linger must not keep the next one out. Of UDP it would let two have the port.
        if !isDatagram { try file.setOption(SOL_SOCKET, SO_REUSEADDR, 1) }
        if endpoint.address.family == .v6 { try file.setOption(CInt(IPPROTO_IPV6), CInt(IPV6_V6ONLY), 1) }
        _ = try InternetSocket.withAddress(endpoint) { address, length throws(SyscallError) in
            try retrying("bind", "\(endpoint)") { clinux_bind(number, address, length) }
        }
        if !isDatagram { _ = try retrying("listen", "\(endpoint)") { listen(number, 512) } }
        guard let port = file.localEndpoint()?.port else { throw SyscallError("getsockname", "\(endpoint)") }
        return PortReservation(socket: OpenFile(file), port: port)
    }
}
