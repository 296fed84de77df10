import NetworkPlumbing
import Values

/// The environment that `--link` gives a container on the default bridge, one variable a port and more, as Docker has had it since its
/// first days.
enum LinkVariables {
    /// `name` is `/container/alias`. Of the other container: its address, exposed ports and environment.
    static func list(name: String, address: IPAddress, ports: [ContainerPort], environment: [String]) -> [String] {
        let alias = name.split(separator: "/").last.map { $0.uppercased().split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_") } ?? ""
        let ports = Set(ports).sorted()
        func url(_ port: ContainerPort) -> String { "\(port.transport.rawValue)://\(address):\(port.number)" }
        func prefix(_ port: ContainerPort) -> String { "\(alias)_PORT_\(port.number)_\(port.transport.rawValue.uppercased())" }
        var result: [String] = ports.first.map { ["\(alias)_PORT=\(url($0))"] } ?? []
        var start = ports.startIndex
        for (index, port) in ports.enumerated() {
            result += [
                "\(prefix(port))=\(url(port))", "\(prefix(port))_ADDR=\(address)", "\(prefix(port))_PORT=\(port.number)",
                "\(prefix(port))_PROTO=\(port.transport.rawValue)",
            ]
            let next = index + 1 < ports.count ? ports[index + 1] : nil
            if let next, next.transport == port.transport, UInt32(next.number) == UInt32(port.number) + 1 { continue }
            if start < index {
                let first = ports[start]
                result += [
                    "\(prefix(first))_START=\(url(first))", "\(prefix(first))_PORT_START=\(first.number)", "\(prefix(first))_END=\(url(port))",
                    "\(prefix(first))_PORT_END=\(port.number)",
                ]
            }
            start = index + 1
        }
        result.append("\(alias)_NAME=\(name)")
        for entry in environment where !entry.hasPrefix("HOME=") && !entry.hasPrefix("PATH=") && entry.contains("=") { result.append("\(alias)_ENV_\(entry)") }
        return result
    }
}
