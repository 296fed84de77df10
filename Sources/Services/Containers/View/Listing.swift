import Database
import Diagnostics
package import DockerAPI
import Images
import JSON
import Linux
import NetworkPlumbing
import Networks
import OCI
import Supervisor
import Values

extension Containers {
    private static let filterKeys: Set<String> = [
        "ancestor", "before", "expose", "exited", "health", "id", "isolation", "is-task", "label", "name", "network", "publish", "since", "status",
        "volume",
    ]

    /// Containers, newest first: those that run, or with `all` every one.
    package func list(all: Bool = false, limit: Int? = nil, size: Bool = false, filters: Filters = Filters()) throws -> [ContainerSummary] {
        try Self.check { () throws(Filters.Invalid) in try filters.validate(Self.filterKeys) }
        // Asking for a state, an exit code or a number of containers means all of them.
        let everything = all || (limit ?? 0) > 0 || filters.contains("status") || filters.contains("exited")
        for code in filters["exited"] where Int(code) == nil { throw Fault(.invalid, "strconv.Atoi: parsing \"\(code)\": invalid syntax") }
        // Nothing here is a task of a swarm, nor isolated in one of Windows' ways.
        var isEmpty = filters["isolation"].contains { $0 != "default" }
        try Self.check { () throws(Filters.Invalid) in
            if try filters.flag("is-task") == true { isEmpty = true }
        }
        let states: Set<String> = ["created", "running", "paused", "restarting", "removing", "exited", "dead"]
        for state in filters["status"] where !states.contains(state) { throw Fault(.invalid, "invalid filter 'status=\(state)'") }
        let before = try filters["before"].map { try find($0).created }.min()
        let since = try filters["since"].map { try find($0).created }.max()
        // What is not an image is the ancestor of nothing.
        let ancestors = try Set(filters["ancestor"].flatMap { try images.family(of: $0) }.map(\.description))

        for word in filters["health"] where !["none", "starting", "healthy", "unhealthy"].contains(word) {
            throw Fault(.invalid, "unrecognised filter value for health: \(word)")
        }
        let published = try Self.portFilter(filters, "publish"), exposed = try Self.portFilter(filters, "expose")
        let wantedNetworks = Set(filters["network"])

        try finishInterrupted()
        let rows = isEmpty ? [] : try rows(all: everything)
        let supervision = try Supervision(paths)
        let endpoints = rows.isEmpty ? [:] : try networks.endpoints()
        let aliases = rows.isEmpty ? [:] : try linkedNames()
        var meant: [String: String] = [:]
        var result: [ContainerSummary] = []
        for row in rows {
            if let limit, limit > 0, result.count == limit { break }
            var health: Health?
            guard var summary = try summary(row, endpoints, supervision, &health), everything || summary.state != "exited" && summary.state != "created" else { continue }
            let name = summary.names.first ?? ""
            if !filters["name"].isEmpty, !filters["name"].contains(where: { Self.matches(name, $0) }) { continue }
            if !filters["id"].isEmpty, !filters["id"].contains(where: { summary.id.hasPrefix($0) }) { continue }
            if !filters.matches("status", summary.state) { continue }
            if filters.contains("exited") {
                guard summary.state == "exited", filters.matches("exited", "\(try row.int("exit_code"))") else { continue }
            }
            if !filters.matches("health", health?.status ?? "none") { continue }
            if !filters.matchesLabels(summary.labels) { continue }
            if let before, Timestamp(nanoseconds: try row.int("created")) >= before { continue }
            if let since, Timestamp(nanoseconds: try row.int("created")) <= since { continue }
            if filters.contains("ancestor"), !ancestors.contains(summary.imageID), !filters["ancestor"].contains(summary.image) { continue }
            let volumes = filters["volume"]
            if !volumes.isEmpty, !summary.mounts.contains(where: { volumes.contains($0.name.isEmpty ? $0.source : $0.name) || volumes.contains($0.destination) }) {
                continue
            }
            if !wantedNetworks.isEmpty {
                let own = summary.networkSettings?.networks ?? [:]
                guard own.contains(where: { name, settings in wantedNetworks.contains { $0 == name || !$0.isEmpty && settings.networkID.hasPrefix($0) } }) else {
                    continue
                }
            }
            if !published.isEmpty, !summary.ports.contains(where: { published.contains("\($0.publicPort)/\($0.type)") }) { continue }
            if !exposed.isEmpty, !summary.ports.contains(where: { exposed.contains("\($0.privatePort)/\($0.type)") }) { continue }
            summary.names += aliases[summary.id] ?? []
            // A name that means another image by now, or none, would mislead.
            let known = meant[summary.image] ?? (try? images.id(of: summary.image))?.description ?? ""
            meant[summary.image] = known
            if known != summary.imageID { summary.image = summary.imageID }
            result.append(try withSize(summary, size))
        }
        return result
    }

    private func withSize(_ summary: ContainerSummary, _ wanted: Bool) throws -> ContainerSummary {
        guard wanted, let id = Identifier(summary.id), let record = try find(id) else { return summary }
        var summary = summary
        summary.sizeRw = try DiskUsage.bytes(paths(record).upper)
        let layers = paths.layerDirectories(record.layers)
        summary.sizeRootFs = try layers.reduce(summary.sizeRw) { try $0 + DiskUsage.bytes($1) }
        return summary
    }

    /// A name filter is a part of the name, with `^` and `$` for its ends.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        let bare = name.hasPrefix("/") ? String(name.dropFirst()) : name
        var pattern = Substring(pattern)
        let atStart = pattern.hasPrefix("^")
        if atStart { pattern = pattern.dropFirst() }
        if pattern.hasPrefix("/") { pattern = pattern.dropFirst() }
        let atEnd = pattern.hasSuffix("$")
        if atEnd { pattern = pattern.dropLast() }
        switch (atStart, atEnd) {
        case (true, true): return bare == pattern
        case (true, false): return bare.hasPrefix(pattern)
        case (false, true): return bare.hasSuffix(pattern)
        case (false, false): return pattern.isEmpty || bare.contains(pattern)
        }
    }

    private func rows(all: Bool) throws -> [Row] {
        let columns = """
            id, running, exit_code, finished_at, started_at, checks_health, health, publishes, restart_policy, name, image_name, image_id, command,
            created, labels, mounts, network_mode, annotations, exposed, paused
            """
        return try database.read { t in
            try t.rows("SELECT \(columns) FROM containers \(all ? "" : "WHERE running = 1") ORDER BY created DESC")
        }
    }

    /// The ports that a filter names: `80`, `80/udp` or `8000-8010/tcp`.
    private static func portFilter(_ filters: Filters, _ key: String) throws(Fault) -> Set<String> {
        var result: Set<String> = []
        for text in filters[key] {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
            guard let ports = PortBinding(hostPort: String(parts.first ?? "")).hostPorts, !text.isEmpty, ["tcp", "udp", "sctp"].contains(transport) else {
                throw Fault(.invalid, "invalid filter '\(key)=[\(text)]'")
            }
            for port in ports { result.insert("\(port)/\(transport)") }
        }
        return result
    }

    private static func age(_ moment: Timestamp?) -> String { (moment.map { Timestamp.now - $0 } ?? .zero).inWords }

    /// Nil for a container that turned out to be gone. One whose supervisor died is repaired on the way.
    private func summary(
        _ row: Row, _ endpoints: [Identifier: [String: EndpointSettings]], _ supervision: Supervision, _ health: inout Health?
    ) throws -> ContainerSummary? {
        guard let id = Identifier(try row.text("id")) else { return nil }
        var running = try row.bool("running")
        var code = Int(try row.int("exit_code"))
        var finished = try row.optionalInt("finished_at").map { Timestamp(nanoseconds: $0) }
        var started = try row.optionalInt("started_at").map { Timestamp(nanoseconds: $0) }
        var restarting = false
        if running, try !supervision.covers(id) {
            try recoverIfFree(id)
            guard let record = try find(id) else { return nil }
            running = record.running
            code = record.exitCode
            finished = record.finishedAt
            started = record.startedAt
        }
        let isChecked = try row.bool("checks_health")
        if isChecked { health = try row.optionalText("health").map { try JSONValue(parsing: $0).decode(Health.self) } }
        // Its file is read only where it has more to tell than the row.
        var published: [PublishedPort] = []
        let isTold = try isChecked || row.bool("publishes") || !["", "no"].contains(try row.text("restart_policy"))
        if running, isTold, let living = try LivingState.read(paths.container(id)) {
            health = living.health
            restarting = living.restarting
            if try row.bool("publishes"), living.pid > 0 { published = try PublishedPorts.read(paths.container(id)) }
            started = living.startedAt
            if restarting {
                code = living.lastExit?.code ?? 0
                finished = living.lastExit?.finishedAt
            }
        }
        var result = ContainerSummary()
        result.id = id.description
        result.names = ["/\(try row.text("name"))"]
        result.image = try row.text("image_name")
        result.imageID = try row.text("image_id")
        result.command = try row.text("command")
        result.created = Int(Timestamp(nanoseconds: try row.int("created")).seconds)
        let labels = try row.text("labels")
        if labels != "{}" { result.labels = try JSONValue(parsing: labels).decode([String: String].self) }
        let mounts = try row.text("mounts")
        if mounts != "[]", let record = try find(id) { result.mounts = mountPoints(record) }
        let mode = try row.text("network_mode")
        result.hostConfig.networkMode = mode
        if let text = try row.optionalText("annotations") { result.hostConfig.annotations = try JSONValue(parsing: text).decode([String: String].self) }
        result.networkSettings = ContainerSummaryNetworks(networks: endpoints[id] ?? [:])
        if running, !restarting, case .named = NetworkMode(mode) {
            result.ports = Publishing.summaries(published, exposed: try row.text("exposed").split(separator: ",").map(String.init))
        }
        let paused = try row.bool("paused")
        if restarting {
            result.state = "restarting"
            result.status = "Restarting (\(code)) \(Self.age(finished)) ago"
        } else if running {
            result.state = paused ? "paused" : "running"
            result.status = "Up \(Self.age(started))" + (paused ? " (Paused)" : health?.suffix ?? "")
        } else if let finished {
            result.state = "exited"
            result.status = "Exited (\(code)) \(Self.age(finished)) ago"
        } else {
            result.state = "created"
            result.status = "Created"
        }
        return result
    }
}
