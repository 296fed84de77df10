import Linux
package import NetworkPlumbing
package import Values

/// What is published now of a container that runs: the file `ports`, a line each (`tcp 0.0.0.0 8080 80`), so that one port more costs the
/// same however many there are. Written by its supervisor alone; there is none while it waits to be started again.
package enum PublishedPorts {
    /// Bytes; all ports of some addresses are well below.
    private static let limit = 64 << 20

    package static func read(_ paths: ContainerPaths) throws -> [PublishedPort] {
        parse(try FileSystem.readIfPresent(paths.ports, limit: limit) ?? [])
    }

    /// What is no line, or not yet one, is left out.
    static func parse(_ bytes: [UInt8]) -> [PublishedPort] {
        guard let end = bytes.lastIndex(of: 10) else { return [] }
        return bytes[..<end].split(separator: 10).compactMap { line in
            let fields = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
            guard fields.count == 4, let transport = PortPlan.Transport(rawValue: fields[0]), let address = IPAddress(fields[1]),
                let hostPort = UInt16(fields[2]), let containerPort = UInt16(fields[3])
            else { return nil }
            return PublishedPort(transport: transport, hostAddress: address, hostPort: hostPort, containerPort: containerPort)
        }
    }

    static func text(_ ports: [PublishedPort]) -> String {
        ports.map { "\($0.transport.rawValue) \($0.hostAddress) \($0.hostPort) \($0.containerPort)\n" }.joined()
    }

    static func append(_ ports: [PublishedPort], _ paths: ContainerPaths) throws(SyscallError) {
        if ports.isEmpty { return }
        try FileDescriptor.open(paths.ports, [.writeOnly, .create, .append], mode: 0o600).writeAll(text(ports).utf8)
    }

    static func replace(_ ports: [PublishedPort], _ paths: ContainerPaths) throws(SyscallError) {
        if ports.isEmpty { _ = try FileSystem.removeFile(paths.ports) } else { try FileSystem.replace(paths.ports, with: text(ports).utf8, mode: 0o600) }
    }
}
