import Database
import Cgroups
import Diagnostics
package import DockerAPI
import Linux
import OCI
import Supervisor
import Values

extension Containers {
    /// Asks the container to end and kills it when it has not after the timeout; -1 waits for ever. False when it did not run.
    package func stop(_ reference: String, signal: String? = nil, timeoutSeconds: Int? = nil) throws -> Bool {
        let record = try refreshed(reference)
        guard record.running else { return false }
        let name = signal.flatMap { $0.isEmpty ? nil : $0 } ?? record.stopSignal
        guard let number = Signal.number(name) else { throw Fault(.invalid, "invalid signal: \(name)") }
        let seconds = timeoutSeconds ?? record.config.stopTimeout ?? 10
        let end = try ending(record)
        try send(record, number, stops: true)
        if record.paused { try unpause(record.id.description) }
        if try !end.isDecided(within: seconds < 0 ? nil : .seconds(seconds)) {
            try send(record, 9, stops: true)
            // Nothing outlives SIGKILL but a process in an uninterruptible system call.
            if try !end.isDecided(within: .seconds(10)) {
                throw Fault(.internal, "cannot stop container: \(reference): tried to kill container, but did not receive an exit event")
            }
        }
        _ = try end.result()
        return true
    }

    package func restart(_ reference: String, signal: String? = nil, timeoutSeconds: Int? = nil) throws {
        let record = try find(reference)
        // `--rm` means the end of its life, not that of a program in it.
        if record.autoRemove, record.running {
            try database.transaction { t in try t.run("UPDATE containers SET auto_remove = 0 WHERE id = ?", .text(record.id.description)) }
        }
        defer {
            if record.autoRemove {
                // Should this fail the container stays until it is removed by hand.
                _ = try? database.transaction { t in try t.run("UPDATE containers SET auto_remove = 1 WHERE id = ?", .text(record.id.description)) }
            }
        }
        _ = try stop(record.id.description, signal: signal, timeoutSeconds: timeoutSeconds)
        _ = try start(record.id.description)
    }

    /// Sends a signal to the container's first process.
    package func kill(_ reference: String, signal: String? = nil) throws {
        let name = signal.flatMap { $0.isEmpty ? nil : $0 } ?? "SIGKILL"
        guard let number = Signal.number(name) else { throw Fault(.invalid, "invalid signal: \(name)") }
        let record = try refreshed(reference)
        guard record.running else { throw Fault(.conflict, "cannot kill container: \(reference): container \(record.id) is not running") }
        let isStop = number == 9 || number == Signal.number(record.stopSignal)
        if number == 9 {
            let end = try ending(record)
            try send(record, number, stops: true)
            if record.paused { try unpause(record.id.description) }
            if try end.isDecided(within: .seconds(10)) { _ = try end.result() }
        } else {
            try send(record, number, stops: isStop)
        }
    }

    /// Removes a container. One that runs is killed first when `force`, and refused otherwise.
    package func remove(_ reference: String, force: Bool = false, removeVolumes: Bool = false) throws {
        var record = try refreshed(reference)
        if record.running {
            guard force else {
                let state = record.paused ? "paused" : "running"
                let advice = record.paused ? "unpause and then stop the container before removing or force remove" : "stop the container before removing or force remove"
                throw Fault(.conflict, "cannot remove container \"/\(record.name)\": container is \(state): \(advice)")
            }
            do { try kill(record.id.description) } catch let fault as Fault where fault.kind == .conflict || fault.kind == .notFound {}
        }
        try locked(record.id) {
            guard try find(record.id) != nil else {
                // `--rm` was faster; its run directory was made anew by our lock.
                try? FileSystem.removeTree(paths.container(record.id).run)
                return
            }
            record = try current(record.id, reference: reference)
            try erase(record, removeVolumes: removeVolumes || record.autoRemove)
        }
    }

    /// Removes containers that do not run.
    package func prune(filters: Filters) throws -> ContainersPruneReport {
        try Self.check { () throws(Filters.Invalid) in try filters.validate(["until", "label", "label!"]) }
        let ids = try database.read { t in
            try t.rows("SELECT id FROM containers WHERE running = 0 ORDER BY created").map { try $0.text("id") }
        }
        let until = try filters["until"].first.map { text in try ListFilter.moment(text) }
        var report = ContainersPruneReport(containersDeleted: [])
        for id in ids.compactMap({ Identifier($0) }) {
            guard let record = try find(id), filters.matchesLabels(record.config.labels ?? [:]) else { continue }
            if filters.contains("label!"), filters.matchesLabels(record.config.labels ?? [:], key: "label!") { continue }
            if let until, record.created >= until { continue }
            let size = try DiskUsage.bytes(paths(record).upper)
            do { try remove(id.description) } catch let fault as Fault where fault.kind == .conflict || fault.kind == .notFound { continue }
            report.containersDeleted?.append(id.description)
            report.spaceReclaimed += size
        }
        return report
    }

    package func rename(_ reference: String, to name: String) throws {
        let name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        guard !name.isEmpty else { throw Fault(.invalid, "Neither old nor new names may be empty") }
        try ContainerName.validate(name)
        let record = try find(reference)
        if record.name == name { throw Fault(.invalid, "Renaming a container with the same name as its current name") }
        try database.transaction { t in
            if let holder = try t.first("SELECT id FROM containers WHERE name = ?", .text(name)) { throw Self.nameConflict(name, try holder.text("id")) }
            try t.run("UPDATE containers SET name = ? WHERE id = ?", .text(name), .text(record.id.description))
        }
    }

    // MARK: - Freezing

    package func pause(_ reference: String) throws {
        let record = try refreshed(reference)
        guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
        guard !record.paused else { throw Fault(.conflict, "container \(record.id) is already paused") }
        try Cgroup(path: Self.cgroupPath(record.id)).freeze()
        try database.transaction { t in try t.run("UPDATE containers SET paused = 1 WHERE id = ? AND running = 1", .text(record.id.description)) }
    }

    package func unpause(_ reference: String) throws {
        let record = try find(reference)
        guard record.paused else { throw Fault(.conflict, "container \(record.id) is not paused") }
        try Cgroup(path: Self.cgroupPath(record.id)).thaw()
        try database.transaction { t in try t.run("UPDATE containers SET paused = 0 WHERE id = ?", .text(record.id.description)) }
    }

    // MARK: - Pieces

    /// The record after a look at whether it really runs.
    func refreshed(_ reference: String) throws -> ContainerRecord {
        let record = try find(reference)
        if !record.running && !record.removing { return record }
        if record.running, try isSupervised(record.id), try ContainerExit.read(paths(record)) == nil { return record }
        return try locked(record.id) {
            if record.removing, let again = try find(record.id) {
                try erase(again, removeVolumes: true)
                throw Fault(.notFound, "No such container: \(reference)")
            }
            return try current(record.id, reference: reference)
        }
    }

    private func send(_ record: ContainerRecord, _ number: Int32, stops: Bool) throws {
        var request = SupervisorRequest(.signal)
        request.signal = number
        request.stops = stops
        guard let reply = try ask(record, request) else { return }
        if let error = reply.error { throw Fault(.conflict, "cannot kill container: \(record.id): \(error)") }
    }

    /// Sends a request that has one reply; nil when the supervisor is gone, and with it the container.
    func ask(_ record: ContainerRecord, _ request: SupervisorRequest) throws -> SupervisorReply? {
        do {
            return try SupervisorClient.reply(try SupervisorClient.open(request, directory: paths(record).run))
        } catch let error as SyscallError where Self.isGone(error.errno) { return nil }
    }

    static func isGone(_ errno: Errno) -> Bool { [.noEntry, .connectionRefused, .brokenPipe, .connectionReset].contains(errno) }

    static func check(_ body: () throws(Filters.Invalid) -> Void) throws(Fault) {
        do throws(Filters.Invalid) { try body() } catch { throw Fault(.invalid, error.description) }
    }
}
