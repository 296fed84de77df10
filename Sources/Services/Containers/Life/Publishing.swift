import Database
import DockerAPI
import Events
import JSON
import Networks
import Supervisor
import Values

/// What happens to containers, told in Docker's words: see the module Events.
extension Containers {
    var events: EventJournal { EventJournal(paths) }

    /// What every event about a container carries: its labels, its image and its name.
    static func attributes(_ record: ContainerRecord) -> [String: String] {
        (record.config.labels ?? [:]).merging(["image": record.imageName, "name": record.name]) { _, own in own }
    }

    private static func attributes(_ row: Row) throws -> [String: String] {
        let labels = try JSONValue(parsing: try row.text("labels")).decode([String: String].self)
        return labels.merging(["image": try row.text("image_name"), "name": try row.text("name")]) { _, own in own }
    }

    func publish(_ action: String, _ record: ContainerRecord, _ more: [String: String] = [:]) {
        events.publish(.container, action, record.id.description, Self.attributes(record).merging(more) { _, new in new })
    }

    /// How its process ended, once all that is told of the container tells the same. `row` has its name, image and labels.
    func publish(_ exit: ContainerExit, of id: Identifier, _ row: Row?) {
        // An event that cannot be told is not told.
        guard let row, let attributes = try? Self.attributes(row) else { return }
        if exit.oomKilled { events.publish(.container, "oom", id.description, attributes, at: exit.finishedAt) }
        events.publish(.container, "die", id.description, attributes.merging(exit.eventAttributes) { _, new in new }, at: exit.finishedAt)
    }

    func publishVolumes(_ action: String, of record: ContainerRecord) {
        for mount in record.mounts where mount.kind == .volume {
            var attributes = ["container": record.id.description, "driver": "local"]
            if action == "mount" {
                attributes["destination"] = mount.destination
                attributes["propagation"] = mount.propagation
                attributes["read/write"] = "\(!mount.readOnly)"
            }
            events.publish(.volume, action, mount.name, attributes)
        }
    }

    func publishPrune(reclaimed bytes: Int) { events.publish(.container, "prune", "", ["reclaimed": "\(bytes)"]) }

    /// Of one that is gone, as its row told.
    func publishRemoval(_ id: Identifier, _ row: Row?) {
        guard let row, let attributes = try? Self.attributes(row) else { return }
        events.publish(.container, "destroy", id.description, attributes)
    }
}
