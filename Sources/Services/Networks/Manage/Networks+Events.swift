internal import Database
internal import DockerAPI
internal import Events
package import Values

// What happens to networks, told in Docker's words: see the module Events.
extension Networks {
    private var events: EventJournal { EventJournal(paths) }

    /// Tells of a network itself: `create`, `destroy`.
    func publish(_ action: String, _ network: Network) {
        events.publish(.network, action, network.id, ["name": network.name, "type": network.driver])
    }

    /// Tells that unused networks were removed; they take no space.
    func publishPrune() { events.publish(.network, "prune", "", ["reclaimed": "0"]) }

    /// Tells of a container that runs what becomes of it on its networks, or on the one with this id: `connect`, `disconnect`.
    package func publish(_ action: String, of container: Identifier, on network: String? = nil) {
        // An event that cannot be told is not told.
        let rows = try? database.read { t in
            try t.rows(
                """
                SELECT n.id, n.name, json_extract(n.definition, '$.Driver') AS driver FROM endpoints e JOIN networks n ON n.id = e.network
                WHERE e.container = ?1 AND e.live IS NOT NULL ORDER BY e.position, n.name
                """, .text(container.description)
            ).map { try (id: $0.text("id"), name: $0.text("name"), driver: $0.text("driver")) }
        }
        for row in rows ?? [] where network == nil || network == row.id {
            events.publish(.network, action, row.id, ["container": container.description, "name": row.name, "type": row.driver])
        }
    }
}
