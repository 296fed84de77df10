/// An IP address and a port, printed as `127.0.0.1:80` and `[::1]:80`.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16

    package init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    package var description: String { address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
