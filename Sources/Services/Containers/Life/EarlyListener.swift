import Diagnostics
import Linux
import Supervisor
import Synchronization
import Values

/// A socket for those who attach to a container, or wait for it, before it runs. Each process has its own: the one that starts the
/// container gives its socket the supervisor's name and hands it on, with all who are connected already. It hands on also who is
/// connected to the sockets of other processes, whose names `early-<process>-<descriptor>.sock` tell how to get at them.
struct EarlyListener: Sendable {
    let socket: OpenFile
    let name: String

    init(_ id: Identifier, in run: String) throws {
        let directory = try FileDescriptor.open(run, [.path, .directory])
        let bound = Self.boundName(id)
        socket = OpenFile(try UnixSocket.listen(bound, in: directory))
        try socket.descriptor.setNonBlocking()
        name = "early-\(socket.descriptor.sharedName).sock"
        try FileSystem.rename("\(run)/\(bound)", to: "\(run)/\(name)")
    }

    /// What it is called to the kernel for good, by which nothing else is mistaken for it.
    private static func boundName(_ id: Identifier) -> String { "early-\(id).sock" }

    /// All who are connected to another process's socket. None when `name` is not one, or that process is gone.
    static func clients(of name: String, _ id: Identifier) -> [OpenFile] {
        // Processes that ended, or that may not be looked into, have nobody to hand over.
        guard let socket = try? FileDescriptor.open(shared: name.dropFirst("early-".count).dropLast(".sock".count)), socket.isListening(),
            UnixSocket.name(socket)?.hasSuffix("/\(boundName(id))") == true
        else { return [] }
        var clients: [OpenFile] = []
        // One that cannot be accepted is told by the closed connection.
        while let client = try? UnixSocket.accept(socket) { clients.append(OpenFile(client)) }
        return clients
    }
}

extension Containers {
    /// The name of this process's socket for a container that does not run, which is made when it is missing; nil when the container
    /// runs, and its supervisor is the one to talk to.
    func earlyListener(_ id: Identifier) throws -> String? {
        try locked(id, reference: id.description) { record in
            if record.running { return nil }
            let run = paths.container(id).run
            return try listeners.withLock { listeners in
                if let there = listeners[id], FileSystem.exists("\(run)/\(there.name)") { return there.name }
                // Those of containers that another process has started since, or removed.
                listeners = listeners.filter { FileSystem.exists("\(paths.container($0.key).run)/\($0.value.name)") }
                let listener = try EarlyListener(id, in: run)
                listeners[id] = listener
                return listener.name
            }
        }
    }

    /// The socket that the supervisor is to listen on, under the name at which everyone looks for it.
    func takeListener(_ id: Identifier) throws -> OpenFile {
        let place = paths.container(id)
        if let early = listeners.withLock({ $0.removeValue(forKey: id) }) {
            try FileSystem.rename("\(place.run)/\(early.name)", to: place.socket)
            return early.socket
        }
        return OpenFile(try UnixSocket.listen(SupervisorClient.socketName, in: try FileDescriptor.open(place.run, [.path, .directory])))
    }

    /// Everyone who is connected to sockets of other processes, which are no longer found afterwards. With the container's lock held.
    func takeClients(_ id: Identifier) -> [OpenFile] {
        let run = paths.container(id).run
        // Without the directory nobody waits there.
        let names = (try? FileDescriptor.open(run, [.directory]).entries()) ?? []
        return names.filter { $0.hasPrefix("early-") }.flatMap { name in
            // Nobody connects any more: what is accepted now are all. It goes with the run directory if not now.
            _ = try? FileSystem.removeFile("\(run)/\(name)")
            return EarlyListener.clients(of: name, id)
        }
    }

    /// Ends the connections of all who wait for a container that is not going to run.
    func dropListener(_ id: Identifier) {
        listeners.withLock { _ = $0.removeValue(forKey: id) }
        _ = takeClients(id)
    }

    /// Sends a request to the container's supervisor, or to the socket that the next one will listen on.
    /// Takes the container's lock when that is not decided, so whoever holds it uses `open`.
    func connect(_ record: ContainerRecord, _ request: SupervisorRequest) throws -> OpenFile {
        if !record.running, let name = try earlyListener(record.id), let connection = try open(record, request, name) { return connection }
        if let connection = try open(record, request) { return connection }
        // It has ended, or whoever starts it has not come so far as to listen: the lock is free when that is decided.
        if try locked(record.id, reference: record.id.description, { $0.running }), let connection = try open(record, request) { return connection }
        throw Fault(.conflict, "container \(record.id) is not running")
    }

    /// Nil when nobody listens there.
    func open(_ record: ContainerRecord, _ request: SupervisorRequest, _ name: String = SupervisorClient.socketName) throws -> OpenFile? {
        do {
            return OpenFile(try SupervisorClient.open(request, directory: paths(record).run, name: name))
        } catch let error as SyscallError where Self.isGone(error.errno) {
            return nil
        } catch let error as SyscallError where error.errno == .wouldBlock { throw try silent(record.id) }
    }

    /// Sends a request that has one reply; nil when the supervisor is gone, and with it the container. Throws `unavailable` when it is
    /// stuck.
    func ask(_ record: ContainerRecord, _ request: SupervisorRequest) throws -> SupervisorReply? {
        do { return try reply(on: try connect(record, request), of: record.id) } catch let fault as Fault
            where fault.kind == .conflict || fault.kind == .notFound
        { return nil }
    }

    /// The same for whoever holds the container's lock, for which nobody could wait then.
    func askLocked(_ record: ContainerRecord, _ request: SupervisorRequest) throws -> SupervisorReply? {
        try open(record, request).flatMap { try reply(on: $0, of: record.id) }
    }
}
