internal import Diagnostics
internal import Linux
internal import Values

/// The sockets of a registry server.
final class Listeners: Sendable {
    let main: OpenFile
    let debug: OpenFile?
    /// In the registry's directory, for its owner only; nil for a read-only registry.
    let control: OpenFile?
    /// Where the main one is, for people.
    let name: String
    private let paths: [String]

    init(_ configuration: RegistryConfiguration, store: RegistryStore) throws {
        if configuration.isUnix {
            main = try Self.unix(configuration.address)
            name = configuration.address
        } else {
            (main, name) = try Self.tcp(configuration.address)
        }
        debug = try configuration.debugAddress.map { try Self.tcp($0).0 }
        var paths = configuration.isUnix ? [configuration.address] : []
        if store.isReadOnly {
            control = nil
        } else {
            let path = "\(store.paths.base)/\(RegistryPaths.socketName)"
            control = try Self.unix(path)
            paths.append(path)
        }
        self.paths = paths
    }

    private static func unix(_ path: String) throws -> OpenFile {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[...$0]) } ?? ".", name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        return OpenFile(try UnixSocket.listen(name, in: FileDescriptor.open(directory, [.path, .directory]), mode: 0o600))
    }

    /// `:5000`, `127.0.0.1:5000`, `[::1]:5000`, `localhost:5000`. Without an address it is all of them.
    private static func tcp(_ address: String) throws -> (OpenFile, String) {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw Fault(.invalid, "cannot listen on \(address): not an address with a port")
        }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let endpoint: Endpoint
        switch host {
        case "": return try anyAddress(port)
        case "localhost": endpoint = Endpoint(IPAddress(.v4, 127 << 24 | 1), port)
        default:
            guard let given = IPAddress(String(host)) else { throw Fault(.invalid, "cannot listen on \(address): \(host) is no address of this host") }
            endpoint = Endpoint(given, port)
        }
        let listener = OpenFile(try InternetSocket.listen(endpoint))
        return (listener, Self.name(listener, address))
    }

    private static func name(_ listener: OpenFile, _ address: String) -> String { listener.descriptor.localEndpoint()?.description ?? address }

    /// IPv6's takes both; where there is none, IPv4's.
    private static func anyAddress(_ port: UInt16) throws -> (OpenFile, String) {
        let listener: OpenFile
        do throws(SyscallError) { listener = OpenFile(try InternetSocket.listen(Endpoint(.anyV6, port))) } catch {
            // EAFNOSUPPORT, EADDRNOTAVAIL: no IPv6 here.
            guard error.errno.rawValue == 97 || error.errno.rawValue == 99 else { throw error }
            listener = OpenFile(try InternetSocket.listen(Endpoint(.anyV4, port)))
        }
        return (listener, name(listener, ":\(port)"))
    }

    /// Takes the names of the sockets away.
    func remove() {
        // The next server replaces what is left.
        for path in paths { _ = try? FileSystem.removeFile(path) }
    }
}
