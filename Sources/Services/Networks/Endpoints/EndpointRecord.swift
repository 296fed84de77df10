internal import Database
internal import Diagnostics
internal import DockerAPI
internal import JSON
internal import NetworkPlumbing
internal import Values

/// A row of the table `endpoints`: a container's place on a network, whether it runs or not.
struct EndpointRecord: Sendable {
    /// What is true while the container runs.
    struct Live: Sendable, Hashable {
        /// The endpoint's id: a new one for each life.
        var id: String
        /// nil for `host` and `none`.
        var attachment: Attachment?
    }

    let container: Identifier
    /// The network's id; until it has been found the name that the user gave.
    var network: String
    /// What it was last known as.
    var networkName: String
    /// Order of interfaces: 0 for that of the network mode, which is first.
    var position: Int
    /// As asked for.
    var settings: EndpointSettings
    /// The container's own name, while it runs.
    var containerName: String
    var live: Live?

    init(_ row: Row) throws {
        guard let id = Identifier(try row.text("container")) else { throw Fault(.internal, "the database holds an endpoint without a proper container") }
        container = id
        network = try row.text("network")
        networkName = try row.text("network_name")
        position = Int(clamping: try row.int("position"))
        // Lists read one for each container, and most ask for nothing.
        settings = try row.optionalText("settings").map { try JSON.decode(EndpointSettings.self, from: $0) } ?? EndpointSettings()
        containerName = try row.text("container_name")
        live = try row.optionalText("live").map { id in
            Live(id: id, attachment: try row.optionalText("attachment").map { try JSON.decode(Attachment.self, from: $0) })
        }
    }

    /// Those of a container, in the order of its interfaces.
    static func all(of container: Identifier, in t: borrowing Transaction) throws -> [EndpointRecord] {
        try t.rows("SELECT * FROM endpoints WHERE container = ? ORDER BY position, network_name", .text(container.description)).map { try EndpointRecord($0) }
    }

    static func insert(
        _ settings: EndpointSettings, of container: Identifier, network: String, name: String, position: Int, in t: borrowing Transaction
    ) throws {
        try t.run(
            "INSERT INTO endpoints (container, network, network_name, position, settings) VALUES (?, ?, ?, ?, ?)", .text(container.description),
            .text(network), .text(name), .int(position), settings == EndpointSettings() ? .null : try Self.text(settings))
    }

    /// Notes what the endpoint is now that its network is known and the container is about to run.
    func begin(_ live: Live, on record: NetworkRecord, containerName: String, in t: borrowing Transaction) throws {
        try t.run(
            "UPDATE endpoints SET network = ?, network_name = ?, container_name = ?, live = ?, attachment = ? WHERE container = ? AND network = ?",
            .text(record.id.description), .text(record.network.name), .text(containerName), .text(live.id),
            try live.attachment.map(Self.text) ?? .null, .text(container.description), .text(network))
    }

    /// Notes the container's new name.
    func rename(to name: String, in t: borrowing Transaction) throws {
        var attachment = live?.attachment
        attachment?.names = (live?.attachment?.names ?? []).map { $0 == containerName.lowercased() ? name.lowercased() : $0 }
        try t.run(
            "UPDATE endpoints SET container_name = ?, attachment = ? WHERE container = ? AND network = ?", .text(name),
            try attachment.map(Self.text) ?? .null, .text(container.description), .text(network))
    }

    private static func text(_ value: some Encodable) throws -> Value { .text(String(decoding: try JSON.encode(value), as: UTF8.self)) }
}
