import Linux
import NetworkPlumbing
import Supervisor
import Values

/// Who has a port of the host: whoever is refused one wants to know.
enum PortHolder: Hashable, CustomStringConvertible {
    case container(String)
    case process(id: Int32, name: String)

    var description: String {
        switch self {
        case .container(let name): "container \(name)"
        case .process(let id, let name): "process \(id) (\(name))"
        }
    }

    /// The process that listens on the port, as far as this one may see; see proc(5), `/proc/net/tcp` and `/proc/[pid]/fd`.
    static func process(holding port: PortConflict) throws(SyscallError) -> PortHolder? {
        var inodes: [String] = []
        for family in ["", "6"] {
            let table = try FileSystem.readIfPresent("/proc/net/\(port.transport.rawValue)\(family)", limit: 8 << 20) ?? []
            inodes += sockets(in: String(decoding: table, as: UTF8.self), port: port.hostPort, isTCP: port.transport == .tcp)
        }
        guard !inodes.isEmpty else { return nil }
        let wanted = Set(inodes.map { "socket:[\($0)]" })
        for entry in try FileDescriptor.open("/proc", [.directory]).entries() {
            guard let id = Int32(entry), holds(wanted, process: entry) else { continue }
            // It may end while it is looked at; then it holds nothing.
            guard let name = try? FileSystem.read("/proc/\(entry)/comm", limit: 64) else { continue }
            return .process(id: id, name: String(decoding: name, as: UTF8.self).filter { $0 != "\n" })
        }
        return nil
    }

    /// Inodes of the sockets that are bound to the port: of TCP only those that listen.
    static func sockets(in table: String, port: UInt16, isTCP: Bool) -> [String] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, let colon = fields[1].lastIndex(of: ":"), UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port,
                !isTCP || fields[3] == "0A", fields[9] != "0"
            else { return nil }
            return String(fields[9])
        }
    }

    private static func holds(_ sockets: Set<String>, process: String) -> Bool {
        // Of processes that end meanwhile, and of files that they close, nothing is to be known.
        guard let directory = try? FileDescriptor.open("/proc/\(process)/fd", [.directory]), let entries = try? directory.entries() else { return false }
        return entries.contains { entry in (try? directory.readLink(entry)).map(sockets.contains) ?? false }
    }
}
