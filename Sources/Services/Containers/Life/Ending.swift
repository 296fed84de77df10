import Database
import Cgroups
import Diagnostics
package import DockerAPI
import Linux
import Networks
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
        try thawIfPaused(record.id)
        if try !send(record, number, stops: true) { return true }
        Failpoint.hit(.stopAfterSignal)
        if try !end.isDecided(within: seconds < 0 ? nil : .seconds(seconds)) {
            try thawIfPaused(record.id)
            if try !send(record, 9, stops: true) { return true }
            // Nothing outlives SIGKILL but a process in an uninterruptible system call.
            if try !isKilled(record.id, end) {
                throw Fault(.internal, "cannot stop container: \(reference): tried to kill container, but did not receive an exit event")
            }
        }
        _ = try end.result()
        publish("stop", record)
        return true
    }

    /// Ends the container as `stop` does and starts it again; one that did not run is started.
    package func restart(_ reference: String, signal: String? = nil, timeoutSeconds: Int? = nil) throws {
        let record = try refreshed(reference)
        // `--rm` means the end of its life, not that of a program in it. Starting makes it so again.
        if record.autoRemove, record.running {
            try database.transaction { t in try t.run("UPDATE containers SET auto_remove = 0 WHERE id = ?", .text(record.id.description)) }
        }
        do {
            _ = try stop(record.id.description, signal: signal, timeoutSeconds: timeoutSeconds)
        } catch {
            if record.autoRemove {
                // Should this fail the container stays until it is removed by hand.
                _ = try? database.transaction { t in try t.run("UPDATE containers SET auto_remove = 1 WHERE id = ?", .text(record.id.description)) }
            }
            throw error
        }
        Failpoint.hit(.restartAfterStop)
        _ = try start(record.id.description)
        publish("restart", record)
    }

    /// Sends a signal to the container's first process.
    package func kill(_ reference: String, signal: String? = nil) throws {
        let name = signal.flatMap { $0.isEmpty ? nil : $0 } ?? "SIGKILL"
        guard let number = Signal.number(name) else { throw Fault(.invalid, "invalid signal: \(name)") }
        let record = try refreshed(reference)
        guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
        let isStop = number == 9 || number == Signal.number(record.stopSignal)
        if number == 9 {
            let end = try ending(record)
            try thawIfPaused(record.id)
            guard try send(record, number, stops: true) else { return }
            if try isKilled(record.id, end) { _ = try end.result() }
        } else {
            try deliver(record, number, stops: isStop)
        }
    }

    /// Removes a container. One that runs is killed first when `force`, and refused otherwise.
    package func remove(_ reference: String, force: Bool = false, removeVolumes: Bool = false) throws {
        let id = try find(reference).id
        // With force it is killed again when somebody else starts it in between; who starts it without end wins.
        var attempts = force ? 10 : 1
        while try !remove(id, reference, force: force, removeVolumes: removeVolumes) {
            attempts -= 1
            if attempts == 0 {
                throw Fault(
                    .conflict, "cannot remove container \"\(reference)\": container is running: stop the container before removing or force remove")
            }
            // Whoever is just starting it, or was and has died, is given time to come to an end.
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: 100)
        }
    }

    /// False when it was running again.
    private func remove(_ id: Identifier, _ reference: String, force: Bool, removeVolumes: Bool) throws -> Bool {
        do {
            return try removeOnce(id, reference, force: force, removeVolumes: removeVolumes)
        } catch let fault as Fault where fault.kind == .notFound {
            // `--rm`, or another who removes it, was faster.
            return true
        }
    }

    private func removeOnce(_ id: Identifier, _ reference: String, force: Bool, removeVolumes: Bool) throws -> Bool {
        let record = try refreshed(id.description)
        if record.running {
            guard force else {
                let state = record.paused ? "paused" : "running"
                let advice = record.paused ? "unpause and then stop the container before removing or force remove" : "stop the container before removing or force remove"
                throw Fault(.conflict, "cannot remove container \"/\(record.name)\": container is \(state): \(advice)")
            }
            do { try kill(record.id.description) } catch let fault as Fault where fault.kind == .conflict || fault.kind == .notFound {}
        }
        return try locked(id, reference: reference) { record in
            if record.running { return false }
            // A start that failed may not have come so far as to remove it.
            try clearCgroup(record)
            try erase(record, removeVolumes: removeVolumes || record.autoRemove).clear()
            return true
        }
    }

    /// Removes containers that do not run.
    package func prune(filters: Filters) throws -> ContainersPruneReport {
        try Self.check { () throws(Filters.Invalid) in try filters.validate(["until", "label", "label!"]) }
        try finishInterrupted()
        let ids = try database.read { t in
            try t.rows("SELECT id FROM containers WHERE running = 0 ORDER BY created").map { try $0.text("id") }
        }
        let until = try filters["until"].first.map { text throws(Fault) in
            guard let time = Timestamp(filter: text, now: .now) else { throw Fault(.invalid, "invalid filter 'until=\(text)'") }
            return time
        }
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
        publishPrune(reclaimed: report.spaceReclaimed)
        return report
    }

    /// Gives the container another name. Throws `conflict` when that is taken.
    package func rename(_ reference: String, to name: String) throws {
        let name = name.hasPrefix("/") ? String(name.dropFirst()) : name
        guard !name.isEmpty else { throw Fault(.invalid, "Neither old nor new names may be empty") }
        let id = try find(reference).id
        try ContainerName.validate(name)
        try locked(id, reference: reference) { record in
            if record.name == name { throw Fault(.invalid, "Renaming a container with the same name as its current name") }
            try database.transaction { t in
                if let holder = try t.first("SELECT id FROM containers WHERE name = ?", .text(name)) { throw Self.nameConflict(name, try holder.text("id")) }
                try t.run("UPDATE containers SET name = ? WHERE id = ?", .text(name), .text(record.id.description))
                try Networks.rename(record.id, to: name, in: t)
            }
            try tellName(name, record)
            publish("rename", record, ["name": name, "oldName": "/\(record.name)"])
        }
    }

    // MARK: - Freezing

    /// Freezes all processes of the container.
    package func pause(_ reference: String) throws {
        try locked(try find(reference).id, reference: reference) { record in
            guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
            guard !record.paused else { throw Fault(.conflict, "container \(record.id) is already paused") }
            // The row first: what is frozen without anyone knowing could be neither thawed nor killed.
            try setPaused(record.id, true)
            Failpoint.hit(.pauseAfterRow)
            do { try freeze(record) } catch {
                try setPaused(record.id, false)
                // Its groups have gone: it is just ending.
                if (error as? SyscallError)?.errno == .noEntry { throw Fault(.conflict, "container \(record.id) is not running") }
                throw error
            }
            Failpoint.hit(.pauseAfterFreeze)
            publish("pause", record)
        }
    }

    /// Lets a frozen container go on.
    package func unpause(_ reference: String) throws {
        try locked(try find(reference).id, reference: reference) { record in
            guard record.paused else { throw Fault(.conflict, "container \(record.id) is not paused") }
            try thaw(record)
            Failpoint.hit(.unpauseAfterThaw)
            try setPaused(record.id, false)
            publish("unpause", record)
        }
    }

    private func freeze(_ record: ContainerRecord) throws {
        if let runtime = try foreignRuntime(of: record) { return try runtime.pause() }
        try Cgroup(path: record.cgroupPath).freeze()
    }

    private func thaw(_ record: ContainerRecord) throws {
        // It knows of no pause when what asked it for one was killed before; what is frozen has to thaw all the same.
        if let runtime = try foreignRuntime(of: record), (try? runtime.resume()) != nil { return }
        try Cgroup(path: record.cgroupPath).thaw()
    }

    private func foreignRuntime(of record: ContainerRecord) throws -> ForeignRuntime? {
        RuntimeChoices.isOwn(record.hostConfig.runtime) ? nil : try ForeignRuntime(of: paths(record))
    }

    /// Waits up to ten seconds for what was sent SIGKILL; somebody may be freezing it just now.
    private func isKilled(_ id: Identifier, _ end: WaitHandle) throws -> Bool {
        for _ in 0..<100 {
            if try end.isDecided(within: .milliseconds(100)) { return true }
            try thawIfPaused(id)
        }
        // It took the signal and stopped being scheduled after that.
        if try isStopped(id) {
            try abandon(id)
            return true
        }
        return false
    }

    private func setPaused(_ id: Identifier, _ paused: Bool) throws {
        try database.transaction { t in
            try t.run("UPDATE containers SET paused = ? WHERE id = ? AND running = 1", .bool(paused), .text(id.description))
        }
    }

    /// Signals reach what is frozen only when it thaws, and a supervisor that starts something frozen answers only then.
    private func thawIfPaused(_ id: Identifier) throws {
        guard let record = try find(id), record.paused else { return }
        do {
            // Under the lock: a pause that is under way would freeze again what is thawed beside it.
            try locked(id, reference: id.description) { record in
                guard record.paused else { return }
                try thaw(record)
                try setPaused(id, false)
            }
        } catch let fault as Fault where fault.kind == .notFound {}
    }

    // MARK: - Pieces

    /// The record after a look at whether it really runs.
    func refreshed(_ reference: String) throws -> ContainerRecord {
        let record = try find(reference)
        if !record.running { return record }
        if try isSupervised(record.id), try ContainerExit.read(paths(record)) == nil { return record }
        return try locked(record.id, reference: reference) { $0 }
    }

    /// Sends a signal that is to end it. False when its supervisor did not answer, and the container was ended with it.
    private func send(_ record: ContainerRecord, _ number: Int32, stops: Bool) throws -> Bool {
        do {
            try deliver(record, number, stops: stops)
            return true
        } catch let fault as Fault where fault.kind == .unavailable {
            try abandon(record.id)
            return false
        }
    }

    private func deliver(_ record: ContainerRecord, _ number: Int32, stops: Bool) throws {
        var request = SupervisorRequest(.signal)
        request.signal = number
        request.stops = stops
        guard let reply = try ask(record, request) else { return }
        if let error = reply.error { throw Fault(.conflict, "cannot kill container: \(record.id): \(error)") }
        publish("kill", record, ["signal": "\(number)"])
    }

    static func isGone(_ errno: Errno) -> Bool { [.noEntry, .connectionRefused, .brokenPipe, .connectionReset].contains(errno) }

    static func check(_ body: () throws(Filters.Invalid) -> Void) throws(Fault) {
        do throws(Filters.Invalid) { try body() } catch { throw Fault(.invalid, error.description) }
    }
}
