internal import Diagnostics
internal import Linux
internal import Values

/// A socket that listens.
struct Listener: Sendable {
    let file: OpenFile
    /// For messages.
    let name: String
    /// A TCP port.
    var isNetwork = false
    /// Nothing can be changed through it.
    var isReadOnly = false
    /// What to remove at the end.
    private var path: String?

    static func open(_ address: Daemon.Address) throws -> [Listener] {
        switch address {
        case .unix(let path, let group): [try unix(path, group)]
        case .tcp(let endpoint): [try tcp(endpoint)]
        case .inherited: try ServiceManager.sockets()
        }
    }

    init(_ file: OpenFile, name: String, path: String? = nil) {
        self.file = file
        self.name = name
        self.path = path
    }

    private static func tcp(_ endpoint: Endpoint) throws -> Listener {
        let file = OpenFile(try InternetSocket.listen(endpoint))
        var listener = Listener(file, name: "\(file.descriptor.localEndpoint() ?? endpoint)")
        listener.isNetwork = true
        return listener
    }

    private static func unix(_ path: String, _ groupName: String) throws -> Listener {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !name.isEmpty else { throw Fault(.invalid, "not the path of a socket: \(path)") }
        try FileSystem.makeDirectories(parent)
        let directory = try FileDescriptor.open(parent, [.readOnly, .directory])
        // Two that start at once must not take each other's fresh socket for a stale one. The lock ends with the descriptor.
        _ = try directory.lock()
        if let status = try FileSystem.status(path, followingLink: false) {
            guard status.kind == .socket else {
                throw Fault(.conflict, "can't create unix socket \(path): the file exists and is no socket")
            }
            guard !isAnswered(name, directory) else {
                throw Fault(.conflict, "can't create unix socket \(path): another daemon is listening on it")
            }
        }
        // Open to its owner only until the group is right.
        let file = OpenFile(try UnixSocket.listen(name, in: directory, mode: 0o600))
        if let group = try GroupFile.number(of: groupName) { try directory.changeOwner(name, user: 0, group: group) }
        try directory.changeMode(name, to: 0o660)
        return Listener(file, name: path, path: path)
    }

    private static func isAnswered(_ name: String, _ directory: borrowing FileDescriptor) -> Bool {
        do throws(SyscallError) {
            _ = try UnixSocket.connect(name, in: directory)
            return true
        } catch {
            // Only this tells that nobody listens; a full queue, for one, is somebody's.
            return error.errno != .connectionRefused && error.errno != .noEntry
        }
    }

    /// Takes the socket's name away.
    func remove() {
        // The next daemon replaces what is left.
        if let path { _ = try? FileSystem.removeFile(path) }
    }
}

/// group(5), read as the file it is: a static program has no name service.
enum GroupFile {
    static func number(of name: String) throws -> UInt32? {
        guard !name.isEmpty, let bytes = try? FileSystem.read("/etc/group", limit: 4 << 20) else { return nil }  // No file, no groups.
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count >= 3, fields[0] == name { return UInt32(fields[2]) }
        }
        return nil
    }
}
