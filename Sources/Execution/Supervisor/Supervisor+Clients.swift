import Cgroups
import ContainerRuntime
import JSON
import Linux
import LogFiles
import OCI
import Values

/// Clients: from the connection to the answer.
extension Supervisor {
    func acceptAll() {
        // A client that cannot be accepted is not served, and hears so by the closed connection; the container goes on.
        while connections.count < 4096, let socket = try? UnixSocket.accept(listener) {
            let connection = Connection(socket)
            connections.append(connection)
            read(connection)
        }
    }

    func handle(_ connection: Connection, _ ready: PollSet.Ready) {
        if ready.writable { connection.flush() }
        if ready.readable { read(connection) }
        if ready.hungUp, !ready.readable { connection.hangUp() }
    }

    func read(_ connection: Connection) {
        let bytes = connection.receive()
        if connection.selection != nil {
            let (passed, detached) = connection.detachKeys.filter(bytes)
            if connection.selection?.stdin == true, let streams = connection.streams {
                if !passed.isEmpty { streams.write(passed) }
                if connection.inputEnded, !connection.failed, !detached { streams.closeInput(for: connection) }
            }
            if detached {
                if let session = sessions.first(where: { $0.streams === connection.streams }) {
                    publish("exec_detach", ["execID": session.id])
                } else {
                    publish("detach")
                }
                connection.streams?.detach(connection)
                connection.closing = true
            }
            return
        }
        if connection.waits || connection.closing { return }
        connection.incoming += bytes
        if let length = Framing.length(connection.incoming) {
            guard length <= SupervisorRequest.limit else { return reply(connection, SupervisorReply(error: "request of \(length) bytes is too long")) }
            if connection.incoming.count >= 4 + length {
                let body = connection.incoming[4..<4 + length]
                let rest = Array(connection.incoming[(4 + length)...])
                connection.incoming = []
                do {
                    serve(connection, try JSONValue(parsing: Array(body)).decode(SupervisorRequest.self), rest)
                } catch {
                    reply(connection, SupervisorReply(error: "malformed request: \(error)"))
                }
                return
            }
        }
        if connection.inputEnded { connection.closing = true }
    }

    /// Answers and closes.
    func reply(_ connection: Connection, _ reply: SupervisorReply) {
        answer(connection, reply)
        connection.closing = true
    }

    func answer(_ connection: Connection, _ reply: SupervisorReply) {
        // Encoding these few fields cannot fail.
        if let bytes = try? Framing.encode(reply) { connection.send(bytes) }
    }

    func tell(_ connection: Connection, _ exit: ContainerExit, restarts: Bool? = nil) {
        var reply = SupervisorReply(error: exit.error.isEmpty ? nil : exit.error, exitCode: exit.code)
        reply.restarts = restarts
        answer(connection, reply)
        connection.waits = false
        connection.told = true
    }

    func serve(_ connection: Connection, _ request: SupervisorRequest, _ rest: [UInt8]) {
        if !isStarted, request.kind != .wait, request.kind != .attach { return early.append((connection, request, rest)) }
        switch request.kind {
        case .wait: connection.waits = true
        case .attach:
            connection.selection = request.streams ?? StreamSelection(stdin: false, stdout: true, stderr: true)
            if plan.terminal, let keys = request.detachKeys { connection.detachKeys = DetachKeys(keys) }
            connection.incoming = rest
            if let run { join(connection, run.streams) }
        case .signal:
            if request.stops == true { stopRequested = true }
            reply(connection, deliver(request.signal ?? 0))
        case .resize:
            let streams = request.exec.map { id in sessions.first { $0.id == id }?.streams } ?? run?.streams
            guard let streams, let size = request.size else { return reply(connection, SupervisorReply(error: "no such session")) }
            do throws(SyscallError) {
                try streams.resize(rows: size.height, columns: size.width)
                reply(connection, SupervisorReply())
            } catch { reply(connection, SupervisorReply(error: "resize terminal: \(error)")) }
        case .restartPolicy:
            if let restart = request.restart { self.restart = restart }
            reply(connection, SupervisorReply())
        case .exec: startSession(connection, request.session, rest)
        case .rename where request.network == nil:
            events?.attributes["name"] = request.names?.first
            reply(connection, SupervisorReply())
        case .connect, .disconnect, .rename, .publish, .withdraw: reply(connection, serveNetwork(request))
        }
    }

    /// Ties an attached client to a process's streams, with the input that came before there was a process.
    func join(_ connection: Connection, _ streams: ProcessStreams) {
        streams.add(connection)
        let early = connection.incoming
        connection.incoming = []
        if connection.selection?.stdin == true, !early.isEmpty { streams.write(connection.detachKeys.filter(early).0) }
        if connection.inputEnded { streams.closeInput(for: connection) }
    }

    func deliver(_ number: Int32) -> SupervisorReply {
        guard let run else {
            return SupervisorReply(error: stopRequested ? nil : "the container is not running")
        }
        if let foreign { return deliver(number, to: run, by: foreign) }
        do throws(SyscallError) {
            try Process.signal(run.started.process.pidfd, number)
            // What the file tells of a stop matters only if this process is killed before the end.
            if stopRequested { try? writeState(pid: run.started.process.pid, restarting: false) }
            return SupervisorReply()
        } catch  where error.errno == .noSuchProcess {
            // It has ended by itself, which is about to be told.
            return SupervisorReply()
        } catch {
            return SupervisorReply(error: "\(error)")
        }
    }
}
