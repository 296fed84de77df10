package import JSON
package import NetworkPlumbing
package import Values

/// A port of the host that could not be had. The engine finds out who has it, and says so in Docker's words.
package struct PortConflict: Error, JSONRecord, Sendable, Hashable, CustomStringConvertible {
    package var transport: PortPlan.Transport = .tcp
    package var hostAddress: IPAddress = .anyV4
    /// The port that was asked for; the first of a range none of which is free.
    package var hostPort: UInt16 = 0
    /// errno(3): EADDRINUSE, EADDRNOTAVAIL for an address that is not the host's, EACCES and so on.
    package var errno: Int32 = 0
    /// The id of the container that has it, where the rules tell.
    package var owner: String?

    package init(transport: PortPlan.Transport, hostAddress: IPAddress, hostPort: UInt16, errno: Int32, owner: String? = nil) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.errno = errno
        self.owner = owner
    }

    package var description: String {
        "bind \(Endpoint(hostAddress, hostPort))/\(transport.rawValue): errno \(errno)"
    }

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        try m("transport", &transport, .required)
        try m("hostAddress", &hostAddress, .required)
        try m("hostPort", &hostPort, .required)
        try m("errno", &errno, .required)
        try m("owner", &owner, .unlessNil)
    }
}
