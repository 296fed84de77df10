import Database
import Synchronization
import Cgroups
import Diagnostics
import Linux
import OCI
import Volumes
package import Supervisor
package import Values

extension Containers {
    /// What a supervisor does with how its container ended, in its own process, before it lets go of its lock.
    package func finish(_ id: Identifier, _ exit: ContainerExit) throws {
        guard let record = try find(id) else { return }
        try conclude(record, exit)
    }

    /// Takes the end into the row, clears away all that lived, and removes the container when it was to be.
    func conclude(_ record: ContainerRecord, _ exit: ContainerExit) throws {
        let place = paths(record)
        try clearCgroup(record.id)
        if record.autoRemove {
            try erase(record, removeVolumes: true)
            return
        }
        try database.transaction { t in
            try t.run(
                """
                UPDATE containers SET running = 0, paused = 0, stopped = ?, exit_code = ?, oom_killed = ?, error = ?, started_at = ?, finished_at = ?,
                    restart_count = ? WHERE id = ?
                """,
                .bool(exit.stopRequested), .int(exit.code), .bool(exit.oomKilled), .text(exit.error), .int(exit.startedAt.nanoseconds),
                .int(exit.finishedAt.nanoseconds), .int(exit.restartCount), .text(record.id.description))
        }
        removeLiving(place)
    }

    /// For a row that says "running" without a supervisor behind it: takes over the end it wrote, or states that it was killed.
    func repair(_ record: ContainerRecord) throws {
        guard record.running else { return }
        let place = paths(record)
        if try isSupervised(record.id) { return }
        if let exit = try? ContainerExit.read(place) { return try conclude(record, exit) }
        // A file that cannot be read was being written when the machine went down: no better than none.
        let state = try? LivingState.read(place)
        if state == nil {
            // Killed before the program began: the container is as it was.
            try clearCgroup(record.id)
            try database.transaction { t in
                try t.run("UPDATE containers SET running = 0, paused = 0, error = ? WHERE id = ?", .text("the supervisor was killed while starting"), .text(record.id.description))
            }
            removeLiving(place)
            if record.autoRemove { try erase(record, removeVolumes: true) }
            return
        }
        try conclude(
            record,
            ContainerExit(
                code: 137, oomKilled: false, startedAt: state?.startedAt ?? record.startedAt ?? record.created, finishedAt: .now,
                restartCount: state?.restartCount ?? record.restartCount, error: "the container's supervisor was killed",
                stopRequested: state?.stopRequested ?? false))
    }

    /// Brings every row in line with what is true: for a daemon's start and `davit system` commands. Also finishes removals that
    /// were cut short, and removes directories that no row names.
    package func recover() throws {
        let rows = try database.read { t in
            try t.rows("SELECT id FROM containers WHERE running = 1 OR removing = 1").map { try $0.text("id") }
        }
        for id in rows.compactMap({ Identifier($0) }) { try recover(id) }
        try removeStrays()
    }

    func recover(_ id: Identifier) throws {
        try locked(id) {
            guard let record = try find(id) else { return }
            if record.removing { try erase(record, removeVolumes: true) } else { try repair(record) }
        }
    }

    /// Directories of containers without a row, made by a creation that was killed before it wrote one. Young ones may belong to a
    /// creation that is under way.
    private func removeStrays() throws {
        guard FileSystem.exists(paths.containers) else { return }
        let known = Set(try database.read { t in try t.rows("SELECT id FROM containers").map { try $0.text("id") } })
        let directory = try FileDescriptor.open(paths.containers, [.directory])
        for name in try directory.entries() where !known.contains(name) {
            // Gone in the meantime is as good.
            guard let status = try? directory.status(of: name), Timestamp.now - status.changed > .seconds(60) else { continue }
            try directory.removeTree(name)
            if let id = Identifier(name) { try volumes.release(container: id.description) }
        }
    }

    func clearCgroup(_ id: Identifier) throws {
        let cgroup = try Cgroup(path: Self.cgroupPath(id))
        try cgroup.killAll()
        try cgroup.remove()
    }

    /// What was true only while it ran. The locks stay: others may be waiting for them.
    func removeLiving(_ place: ContainerPaths) {
        // Whatever stays is overwritten by the next start, and is not believed without a supervisor behind it.
        for path in [place.state, place.exit, place.plan, place.socket] { _ = try? FileSystem.removeFile(path) }
        try? FileSystem.removeTree(place.execs)
    }

    /// Removes all of a container: first what it is marked for, then its files, last its row. Can be repeated.
    func erase(_ record: ContainerRecord, removeVolumes: Bool) throws {
        let place = paths(record)
        if !record.autoRemove || !record.removing {
            try database.transaction { t in try t.run("UPDATE containers SET removing = 1 WHERE id = ?", .text(record.id.description)) }
        }
        do throws(SyscallError) { try FileSystem.removeTree(place.data) } catch {
            throw Fault(.internal, "remove the files of container \(record.id.short)", cause: error)
        }
        releaseVolumes(record, removeAnonymous: removeVolumes)
        _ = listeners.withLock { $0.removeValue(forKey: record.id) }
        try database.transaction { t in try t.run("DELETE FROM containers WHERE id = ?", .text(record.id.description)) }
        do throws(SyscallError) { try FileSystem.removeTree(place.run) } catch {
            throw Fault(.internal, "remove the run directory of container \(record.id.short)", cause: error)
        }
    }
}
