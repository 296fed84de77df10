import Diagnostics
import Linux
import Supervisor
import Synchronization
import Values

/// A socket for those who attach to a container, or wait for it, before it runs. Each process has its own, under its own name: the one
/// that starts the container gives its socket the supervisor's name and hands it on, with all who are connected already.
struct EarlyListener: Sendable {
    let socket: OpenFile
    let name: String
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
                let name = "early-\(Process.id).sock"
                let socket = OpenFile(try UnixSocket.listen(name, in: try FileDescriptor.open(run, [.path, .directory])))
                listeners[id] = EarlyListener(socket: socket, name: name)
                return name
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

    /// Closes this process's socket, which ends the connections to it.
    func dropListener(_ id: Identifier) {
        guard let early = listeners.withLock({ $0.removeValue(forKey: id) }) else { return }
        // Its name goes with the run directory if not now.
        _ = try? FileSystem.removeFile("\(paths.container(id).run)/\(early.name)")
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
        where fault.kind == .conflict || fault.kind == .notFound { return nil }
    }
}
