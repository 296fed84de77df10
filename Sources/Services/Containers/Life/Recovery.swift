import Cgroups
import Database
import Diagnostics
import DockerAPI
import JSON
import Linux
import Networks
package import Supervisor
import Synchronization
package import Values
import Volumes

extension Containers {
    /// What a supervisor does with how its container ended, in its own process, before it lets go of its lock. Of a container that
    /// was to be removed, files may remain: they are to be cleared away when those who wait have been told.
    package func finish(_ id: Identifier, _ exit: ContainerExit) throws -> Remains? {
        let row = try database.read { t in
            try t.first("SELECT id, created, mounts, auto_remove, running, cgroup_parent FROM containers WHERE id = ?", .text(id.description))
        }
        guard let row else { return nil }
        return try conclude(try ContainerRecord(ending: row), exit)
    }

    /// Takes the end into the row, clears away all that lived, and removes the container when it was to be.
    private func conclude(_ record: ContainerRecord, _ exit: ContainerExit) throws -> Remains? {
        try clearCgroup(record)
        Failpoint.hit(.exitAfterCgroup)
        networks.publish("disconnect", of: record.id)
        publishVolumes("unmount", of: record)
        if record.autoRemove { return try erase(record, removeVolumes: true, after: exit) }
        let row = try database.transaction { t in
            let row = try t.first(
                """
                UPDATE containers SET running = 0, paused = 0, stopped = ?, exit_code = ?, oom_killed = ?, error = ?, started_at = ?, finished_at = ?,
                    restart_count = ?, health = ? WHERE id = ? RETURNING name, image_name, labels
                """,
                .bool(exit.stopRequested), .int(exit.code), .bool(exit.oomKilled), .text(exit.error), .int(exit.startedAt.nanoseconds),
                .int(exit.finishedAt.nanoseconds), .int(exit.restartCount), try Self.text(exit.health), .text(record.id.description))
            try Networks.release(record.id, in: t)
            return row
        }
        publish(exit, of: record.id, row)
        Failpoint.hit(.exitAfterRow)
        removeLiving(paths(record))
        Failpoint.hit(.exitAfterFiles)
        return nil
    }

    private static func text(_ health: Health?) throws -> Value {
        try health.map { .text(String(decoding: try JSONValue(encoding: $0).compact, as: UTF8.self)) } ?? .null
    }

    /// For a row that says "running" without a supervisor behind it: takes over the end it wrote, or states that it was killed, and then
    /// starts it again if its restart policy says so, as Docker does when a shim has died.
    func repair(_ record: ContainerRecord) throws {
        let place = paths(record)
        clearNetwork(record.id)
        // A file that cannot be read was being written when the machine went down: no better than none.
        if let exit = try? ContainerExit.read(place) { return try conclude(record, exit)?.clear() ?? () }
        if let state = try? LivingState.read(place) {
            let exit = ContainerExit(
                code: state.restarting ? state.lastExit?.code ?? 137 : 137, oomKilled: false, startedAt: state.startedAt, finishedAt: .now,
                restartCount: state.restartCount, error: "the container's supervisor was killed", stopRequested: state.stopRequested,
                health: state.health.map { Health(status: "unhealthy", failingStreak: $0.failingStreak, log: $0.log) })
            try conclude(record, exit)?.clear()
            return try resume(record, after: exit, counting: true)
        }
        if !FileSystem.exists(place.socket) {
            // Not even what comes before the row says so: the machine was started anew. Docker's number for that.
            let exit = ContainerExit(
                code: 255, oomKilled: false, startedAt: record.startedAt ?? record.created, finishedAt: .now, restartCount: record.restartCount,
                error: "", stopRequested: false)
            try conclude(record, exit)?.clear()
            return try resume(record, after: exit, counting: false)
        }
        // Killed before the program began, or before anyone could know: the container is as it was.
        try clearCgroup(record)
        if record.autoRemove { return try erase(record, removeVolumes: true).clear() }
        try database.transaction { t in
            try t.run(
                "UPDATE containers SET running = 0, paused = 0, error = ? WHERE id = ?", .text("the supervisor was killed while starting"),
                .text(record.id.description))
            try Networks.release(record.id, in: t)
        }
        removeLiving(place)
    }

    /// A restart after a crash counts, and comes after a delay; one after a boot begins anew.
    private func resume(_ record: ContainerRecord, after exit: ContainerExit, counting: Bool) throws {
        guard !record.autoRemove, record.restart.restarts(after: exit.code, count: exit.restartCount, stopRequested: exit.stopRequested) else { return }
        // Whoever looks wants to know of the container, whose row tells why it does not run.
        try? launch(record, resuming: counting ? exit : nil)
    }

    /// Starts what is to run without anyone asking: for a boot, and a daemon's start. `always` means also what was stopped by hand, the
    /// other policies not. `failed` is told of each that could not be started; the rest is started all the same.
    package func startByPolicy(failed: (_ name: String, _ error: any Error) -> Void) throws {
        let ids = try database.read { t in
            try t.rows("SELECT id FROM containers WHERE running = 0 AND restart_policy NOT IN ('', 'no') ORDER BY created").map { try $0.text("id") }
        }
        for id in ids.compactMap({ Identifier($0) }) {
            // Removed meanwhile.
            guard let record = try find(id), record.startsAtBoot else { continue }
            do { _ = try start(record.id.description) } catch { failed(record.name, error) }
        }
    }

    /// Brings every row in line with what is true: for a daemon's start and `davit system` commands. Also finishes what was cut
    /// short, and removes directories that no row names.
    package func recover() throws {
        let rows = try database.read { t in
            try t.rows("SELECT id FROM containers WHERE running = 1").map { try $0.text("id") }
        }
        for id in rows.compactMap({ Identifier($0) }) { try recover(id) }
        try finishInterrupted()
        try removeStrays()
    }

    /// Finds out which of these have died, those apart that somebody is at just now.
    package func recover(_ ids: [Identifier]) throws {
        for id in ids { try recoverIfFree(id) }
    }

    /// Does what is left to do for one container. Not being there is right.
    func recover(_ id: Identifier) throws {
        do { try locked(id, reference: id.description) { _ in } } catch let fault as Fault where fault.kind == .notFound {}
    }

    /// The same, but nothing when somebody is at it just now.
    func recoverIfFree(_ id: Identifier) throws {
        do { _ = try lockedIfFree(id, reference: id.description) { _ in } } catch let fault as Fault where fault.kind == .notFound {}
    }

    /// Undoes creations and completes removals whose process was killed. Costs next to nothing when there are none.
    func finishInterrupted() throws {
        for name in try Self.entries(paths.tickets) {
            let path = "\(paths.tickets)/\(name)"
            // Held: somebody is making or removing that container.
            guard let id = Identifier(name), let ticket = try acquire(path, in: paths.tickets, waiting: false) else { continue }
            defer { withExtendedLifetime(ticket) {} }
            do {
                if try find(id) == nil { try forget(id) }
                try FileSystem.removeFile(path)
            } catch {
                // What stands in its way was told to whoever began. It concerns no other container, and the ticket stays for the next.
            }
        }
    }

    /// Removes what a creation leaves that never came to its row, or a removal that came no further than that.
    func forget(_ id: Identifier) throws {
        try forgetVolumes(id)
        try Self.removeAll(paths.container(id).data)
        try Self.removeAll(paths.container(id).run)
    }

    /// Lets go of a container's volumes, and removes those made for it alone.
    private func forgetVolumes(_ id: Identifier) throws {
        let unused = try database.transaction { t in try Volumes.release(container: id.description, in: t) }
        try volumes.removeUnused(unused)
    }

    /// Directories of containers without a row: of older versions, or put there by hand.
    private func removeStrays() throws {
        // In this order: whoever makes a container holds a ticket first, writes its row, and then takes the ticket away.
        let data = try Self.entries(paths.containers)
        let run = try Self.entries("\(paths.runRoot)/containers")
        let ticketed = Set(try Self.entries(paths.tickets))
        let known = Set(try database.read { t in try t.rows("SELECT id FROM containers").map { try $0.text("id") } })
        for id in Set(data + run).subtracting(ticketed).subtracting(known).compactMap({ Identifier($0) }) { try forget(id) }
    }

    /// Empty when there is no such directory.
    private static func entries(_ path: String) throws(SyscallError) -> [String] {
        do throws(SyscallError) {
            return try FileDescriptor.open(path, [.directory]).entries()
        } catch  where error.errno == .noEntry { return [] }
    }

    func clearCgroup(_ record: ContainerRecord) throws {
        let cgroup = try Cgroup(path: record.cgroupPath)
        try cgroup.killAll()
        // What another runtime knows of it is there when the supervisor was killed. Without the plan it had not been called yet.
        if FileSystem.exists(paths(record).bundle) { (try? ForeignRuntime(of: paths(record)))?.delete() }
        try cgroup.remove()
    }

    /// What was true only while it ran. The locks stay: others may be waiting for them.
    func removeLiving(_ place: ContainerPaths) {
        // Whatever stays is removed by the next start, and is not believed without a supervisor behind it.
        for path in [place.socket, place.plan, place.state, place.ports, place.exit] { _ = try? FileSystem.removeFile(path) }
        try? FileSystem.removeTree(place.execs)
    }

    /// Removes a container: its row, and its volumes where asked. Then nobody sees it any more, and what remains are files to be cleared
    /// away. A ticket tells of those: should this process be killed, whoever next makes or lists containers goes on. With `exit` its end, which
    /// nobody has been told yet, is told first.
    func erase(_ record: ContainerRecord, removeVolumes: Bool, after exit: ContainerExit? = nil) throws -> Remains {
        let path = "\(paths.tickets)/\(record.id)"
        guard let ticket = try acquire(path, in: paths.tickets, waiting: true) else {
            throw Fault(.internal, "lock the removal of container \(record.id.short)")
        }
        Failpoint.hit(.removeAfterTicket)
        let hasVolumes = record.mounts.contains { $0.kind == .volume }
        let gone = try database.transaction { t in
            let gone = try t.first("DELETE FROM containers WHERE id = ? RETURNING name, image_name, labels", .text(record.id.description))
            try t.run("DELETE FROM container_definitions WHERE id = ?", .text(record.id.description))
            try t.run("DELETE FROM container_links WHERE parent = ?1 OR child = ?1", .text(record.id.description))
            try t.run("DELETE FROM container_ports WHERE container = ?", .text(record.id.description))
            try Networks.forget(record.id, in: t)
            // Those to be removed with it are found by its references, until they are gone.
            if hasVolumes, !removeVolumes { _ = try Volumes.release(container: record.id.description, in: t) }
            return gone
        }
        Failpoint.hit(.removeAfterRow)
        if let exit { publish(exit, of: record.id, gone) }
        publishRemoval(record.id, gone)
        if hasVolumes, removeVolumes { try forgetVolumes(record.id) }
        Failpoint.hit(.removeAfterVolumes)
        dropListener(record.id)
        return Remains(place: paths(record), path: path, ticket: ticket)
    }

    /// The files of a container that is no more.
    package struct Remains: Sendable {
        let place: ContainerPaths
        let path: String
        let ticket: OpenFile

        /// Removes them. Throws `internal` when something stands in the way; later commands try again.
        package func clear() throws {
            defer { withExtendedLifetime(ticket) {} }
            try Containers.removeAll(place.data)
            Failpoint.hit(.removeAfterData)
            try Containers.removeAll(place.run)
            Failpoint.hit(.removeAfterRun)
            do throws(SyscallError) { try FileSystem.removeFile(path) } catch { throw Fault(.internal, "remove \(path)", cause: error) }
        }
    }

    /// Removes a tree that others may be removing, or making a lock file in, at the same time.
    static func removeAll(_ path: String) throws(Fault) {
        var attempt = 0
        while true {
            do throws(SyscallError) { return try FileSystem.removeTree(path) } catch {
                attempt += 1
                // ENOTEMPTY, ENOENT and ESTALE are what meeting another looks like; more than a few times in a row is something else.
                guard attempt < 10, [.notEmpty, .noEntry, Errno(rawValue: 116 /* ESTALE */)].contains(error.errno) else {
                    throw Fault(.internal, "remove \(path)", cause: error)
                }
            }
        }
    }
}
