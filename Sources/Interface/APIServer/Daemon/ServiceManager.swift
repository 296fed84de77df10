internal import Diagnostics
internal import Linux

/// What systemd and its like expect of a service: sd_notify(3), sd_listen_fds(3).
enum ServiceManager {
    /// Tells the state when somebody asked for it.
    static func notify(_ state: String) {
        guard let path = Environment.value("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@") else { return }
        // A manager that does not listen has its own time-outs.
        try? FileDescriptor.sendDatagram(state, unix: path)
    }

    /// The listening sockets that were handed down, numbered from 3 on.
    static func sockets() throws -> [Listener] {
        guard let count = Environment.value("LISTEN_FDS").flatMap(Int32.init), count > 0, count < 64,
            Environment.value("LISTEN_PID").flatMap(Int32.init) == Process.id
        else { throw Fault(.invalid, "no sockets were handed down by the service manager") }
        return try (3..<(3 + count)).map { number in
            let file = try Process.inherited(number)
            guard file.isListening() else { throw Fault(.invalid, "descriptor \(number) is not a listening socket") }
            let isNetwork = file.localEndpoint() != nil
            var listener = Listener(OpenFile(file), name: "fd://\(number)")
            listener.isNetwork = isNetwork
            return listener
        }
    }
}
