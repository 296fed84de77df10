import DockerAPI
import JSON
import Linux
package import Values

/// What an event is about.
package enum EventSubject: String, Sendable {
    case container, image, network, volume, daemon, builder
}

/// The journal of one run root, to add to. Made anew wherever it is needed: it is a path.
package struct EventJournal: Sendable {
    /// Bytes in a file before the next begins; two are kept.
    static let limit: Int64 = 1 << 20
    /// Bytes of one event; one with more has its labels left out.
    private static let eventLimit = 64 << 10

    let directory: String
    var path: String { "\(directory)/journal" }
    var older: String { "\(directory)/journal.1" }

    package init(_ paths: StatePaths) { directory = paths.events }
    package init(directory: String) { self.directory = directory }

    /// Notes an event. That it cannot be noted is no reason for anything else to fail, so nothing is thrown.
    package func publish(_ subject: EventSubject, _ action: String, _ id: String, _ attributes: [String: String] = [:], at time: Timestamp = .now) {
        try? append(Self.message(subject, action, id, attributes, time))
    }

    private static func message(_ subject: EventSubject, _ action: String, _ id: String, _ attributes: [String: String], _ time: Timestamp) -> EventMessage {
        var event = EventMessage(
            type: subject.rawValue, action: action, actor: EventActor(id: id, attributes: attributes), scope: "local", time: Int(time.seconds),
            timeNano: Int(time.nanoseconds))
        // For clients older than the fields above.
        if subject == .container || subject == .image {
            event.status = action
            event.id = id
            if subject == .container { event.from = attributes["image"] ?? "" }
        }
        return event
    }

    private func append(_ event: EventMessage) throws {
        var line = try JSON.encode(event)
        if line.count > Self.eventLimit {
            var short = event
            short.actor.attributes = event.actor.attributes.filter { ["name", "image", "exitCode", "signal", "container"].contains($0.key) }
            line = try JSON.encode(short)
        }
        let file = try open()
        if try file.descriptor.status().size >= Self.limit {
            try rotate()
            try open().descriptor.writeAll(line + [10])
        } else {
            try file.descriptor.writeAll(line + [10])
        }
    }

    private func open() throws(SyscallError) -> OpenFile {
        do throws(SyscallError) {
            return OpenFile(try FileDescriptor.open(path, [.writeOnly, .create, .append], mode: 0o600))
        } catch  where error.errno == .noEntry {
            try FileSystem.makeDirectories(directory, mode: 0o700)
            return OpenFile(try FileDescriptor.open(path, [.writeOnly, .create, .append], mode: 0o600))
        }
    }

    /// Under a lock, as many may find the file long at once.
    private func rotate() throws {
        let lock = try FileDescriptor.open(directory, [.directory])
        _ = try lock.lock()
        defer { withExtendedLifetime(lock) {} }
        if let status = try FileSystem.status(path), status.size >= Self.limit { try FileSystem.rename(path, to: older) }
    }
}
