internal import Database
internal import Diagnostics
package import DockerAPI
internal import Events
internal import Linux
internal import Values

extension Volumes {
    /// GET /volumes, sorted by name. Filters: `dangling`, `driver`, `label`, `name` (a part of it).
    package func list(_ filters: Filters = Filters()) throws -> [Volume] {
        let dangling: Bool?
        do throws(Filters.Invalid) {
            try filters.validate(["dangling", "driver", "label", "name"])
            dangling = try filters.flag("dangling")
        } catch { throw Fault(.invalid, error.description) }
        return try records().compactMap { record, users in
            if let dangling, dangling != (users == 0) { return nil }
            guard filters.matches("driver", record.driver), filters.matchesLabels(record.labels ?? [:]) else { return nil }
            let names = filters["name"]
            guard names.isEmpty || names.contains(where: { record.name.contains($0) }) else { return nil }
            return record.volume(mountpoint: dataDirectory(of: record.name))
        }
    }

    /// All volumes with size and number of users: what GET /system/df shows. Walks every volume, so it is as slow as they are large.
    package func usage() throws -> [Volume] {
        try records().map { record, users in
            var volume = record.volume(mountpoint: dataDirectory(of: record.name))
            volume.usageData = VolumeUsage(refCount: users, size: try size(of: record.name))
            return volume
        }
    }

    /// POST /volumes/prune: removes what no container uses; named volumes only with the filter `all`. Filters: `all`, `label`, `label!`.
    package func prune(_ filters: Filters = Filters()) throws -> VolumesPruneReport {
        let all: Bool
        do throws(Filters.Invalid) {
            try filters.validate(["all", "label", "label!"])
            all = try filters.flag("all") ?? false
        } catch { throw Fault(.invalid, error.description) }
        var report = VolumesPruneReport(volumesDeleted: [])
        for (record, users) in try records() where users == 0 && (all || record.isAnonymous) {
            let labels = record.labels ?? [:]
            let isKept = filters["label!"].contains { Filters(["label": [$0]]).matchesLabels(labels) }
            guard !isKept, filters.matchesLabels(labels) else { continue }
            let size = try size(of: record.name)
            if try removeUnlessUsed(record.name) {
                report.volumesDeleted?.append(record.name)
                report.spaceReclaimed += size
            }
        }
        if report.volumesDeleted?.isEmpty == false { try emptyTrash("prune") }
        events.publish(.volume, "prune", "", ["reclaimed": "\(report.spaceReclaimed)"])
        return report
    }

    /// Removes a volume if nobody uses it; false when somebody does by now, or it is gone.
    func removeUnlessUsed(_ name: String) throws -> Bool {
        try removeIf(name) { transaction in
            try transaction.first(
                "SELECT 1 FROM volumes WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM volume_references WHERE volume = ?1)", .text(name)) != nil
        }
    }

    private func records() throws -> [(VolumeRecord, users: Int)] {
        try database.read { transaction in
            try transaction.rows(
                "SELECT \(VolumeRecord.columns), (SELECT COUNT(*) FROM volume_references WHERE volume = name) AS users FROM volumes ORDER BY name"
            ).map { row throws in (try VolumeRecord(row), Int(clamping: try row.int("users"))) }
        }
    }

    /// The bytes in the volume's files, each counted once however many names it has. One that goes away meanwhile counts nothing.
    private func size(of name: String) throws -> Int {
        try wrapping("size of \(name)") { () throws(SyscallError) in
            do throws(SyscallError) {
                return try FileDescriptor.open(dataDirectory(of: name), [.directory, .noFollow]).treeSize()
            } catch  where error.errno == .noEntry { return 0 }
        }
    }
}
