package import NetworkPlumbing
package import Values

/// A port of the host that could not be had. The engine finds out who has it, and says so in Docker's words.
package struct PortConflict: Error, Codable, Sendable, Hashable, CustomStringConvertible {
    package var transport: PortPlan.Transport
    package var hostAddress: IPAddress
    /// The port that was asked for; the first of a range none of which is free.
    package var hostPort: UInt16
    /// errno(3): EADDRINUSE, EADDRNOTAVAIL for an address that is not the host's, EACCES and so on.
    package var errno: Int32

    package init(transport: PortPlan.Transport, hostAddress: IPAddress, hostPort: UInt16, errno: Int32) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.errno = errno
    }

    package var description: String {
        let host = hostAddress.family == .v6 ? "[\(hostAddress)]" : "\(hostAddress)"
        return "bind \(host):\(hostPort)/\(transport.rawValue): errno \(errno)"
    }
}
