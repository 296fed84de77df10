import Database
import Diagnostics
import DockerAPI
import Networks
import Values

/// `--link` on the default bridge: what one container calls another. The other knows nothing of it.
struct ContainerLink: Sendable {
    var child: Identifier
    var alias: String

    /// `container:alias`; the alias is the container's name when it is missing.
    static func parse(_ text: String) throws(Fault) -> (container: String, alias: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !text.isEmpty else { throw Fault(.invalid, "empty string specified for links") }
        guard parts.count <= 2 else { throw Fault(.invalid, "bad format for links: \(text)") }
        let bare = name.hasPrefix("/") ? String(name.dropFirst()) : name
        let alias = parts.count == 2 ? parts[1].split(separator: "/").last.map(String.init) ?? "" : bare
        guard !bare.isEmpty, !alias.isEmpty, alias.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw Fault(.invalid, "bad format for links: \(text)") }
        return (bare, alias)
    }

    func insert(parent: Identifier, _ t: borrowing Transaction) throws {
        try t.run(
            "INSERT INTO container_links (parent, alias, child) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", .text(parent.description), .text(alias),
            .text(child.description))
    }
}

extension Containers {
    /// The links that a request asks for. Those on a network that a user made are settings of the endpoint, and are not among them.
    func resolveLinks(_ host: HostConfig) throws -> [ContainerLink] {
        guard host.networkMode == "bridge", let links = host.links, !links.isEmpty else { return [] }
        return try links.map { text in
            let (name, alias) = try ContainerLink.parse(text)
            var child = try linked(name)
            // Not without end: a container that shares another's network is never that other's.
            for _ in 0..<8 {
                guard case .container(let other) = NetworkMode(child.hostConfig.networkMode) else { break }
                child = try linked(other)
            }
            if child.hostConfig.networkMode == "host" {
                throw Fault(.invalid, "conflicting options: host type networking can't be used with links. This would result in undefined behavior")
            }
            return ContainerLink(child: child.id, alias: alias)
        }
    }

    /// "Not found" would make clients look for the image instead.
    private func linked(_ name: String) throws -> ContainerRecord {
        do { return try find(name) } catch let fault as Fault where fault.kind == .notFound {
            throw Fault(.invalid, "could not get container for \(name): \(fault.message)")
        }
    }

    /// A link of a container that starts, with what it needs of the other one, which must run.
    struct LiveLink {
        var line: HostsFile.Line
        var variables: [String]
    }

    func liveLinks(of record: ContainerRecord) throws -> [LiveLink] {
        guard record.hostConfig.links?.isEmpty == false else { return [] }
        let rows = try database.read { t in
            try t.rows("SELECT alias, child FROM container_links WHERE parent = ? ORDER BY alias", .text(record.id.description))
                .map { (alias: try $0.text("alias"), child: try $0.text("child")) }
        }
        return try rows.compactMap { row in
            // Removed since: the link went with it.
            guard let id = Identifier(row.child), let child = try find(id) else { return nil }
            guard try living(child) != nil else {
                throw Fault(.internal, "Cannot link to a non running container: /\(child.name) AS /\(record.name)/\(row.alias)")
            }
            guard let address = IPAddress(try networks.endpoints(of: id)["bridge"]?.ipAddress ?? "") else {
                throw Fault(.internal, "Cannot link to /\(child.name), as it does not belong to the default network")
            }
            let variables = LinkVariables.list(
                name: "/\(record.name)/\(row.alias)", address: address, ports: child.exposedPorts.compactMap { ContainerPort($0) },
                environment: child.config.env ?? [])
            return LiveLink(line: HostsFile.Line(address: address, names: Self.linkNames(child, alias: row.alias)), variables: variables)
        }
    }

    static func linkNames(_ child: ContainerRecord, alias: String) -> [String] {
        [alias, child.config.hostname] + (alias == child.name ? [] : [child.name])
    }

    /// As inspect shows them: `/other:/this/alias`.
    func linkTexts(_ record: ContainerRecord) throws -> [String]? {
        guard record.hostConfig.links?.isEmpty == false, record.hostConfig.networkMode == "bridge" else { return record.hostConfig.links }
        let texts = try database.read { t in
            try t.rows(
                "SELECT alias, name FROM container_links JOIN containers ON id = child WHERE parent = ? ORDER BY alias", .text(record.id.description)
            ).map { "/\(try $0.text("name")):/\(record.name)/\(try $0.text("alias"))" }
        }
        return texts.isEmpty ? nil : texts
    }

    /// What the containers are called by those that link to them, as lists show it: `/this/alias`.
    func linkedNames() throws -> [String: [String]] {
        try database.read { t in
            try t.rows("SELECT child, alias, name FROM container_links CROSS JOIN containers ON id = parent ORDER BY name, alias").reduce(into: [:]) { names, row in
                names[try row.text("child"), default: []].append("/\(try row.text("name"))/\(try row.text("alias"))")
            }
        }
    }

    /// Tells those that are linked to a container which has just started where it is now.
    func followLinks(to record: ContainerRecord, at address: IPAddress) throws {
        let rows = try database.read { t in
            try t.rows("SELECT alias, parent FROM container_links WHERE child = ?", .text(record.id.description))
                .map { (alias: try $0.text("alias"), parent: try $0.text("parent")) }
        }
        for row in rows {
            guard let id = Identifier(row.parent), let parent = try find(id), parent.running else { continue }
            let names = Self.linkNames(record, alias: row.alias)
            try editHosts(of: parent) { $0.replacing(address, of: names) }
        }
    }

    /// `docker rm --link`: the container named by `container/alias` does not know the other one by that name any more. What was set in its
    /// environment stays. Throws Docker's errors.
    package func removeLink(_ name: String) throws {
        let bare = name.hasPrefix("/") ? name.dropFirst() : name[...]
        guard let slash = bare.lastIndex(of: "/") else {
            throw Fault(.internal, "Conflict, cannot remove the default link name of the container")
        }
        let parent = try find(String(bare[..<slash])), alias = String(bare[bare.index(after: slash)...])
        let child = try database.transaction { t in
            let row = try t.first("SELECT child FROM container_links WHERE parent = ? AND alias = ?", .text(parent.id.description), .text(alias))
            try t.run("DELETE FROM container_links WHERE parent = ? AND alias = ?", .text(parent.id.description), .text(alias))
            return try row?.text("child")
        }
        guard let child else { throw Fault(.notFound, "No such container: \(bare)") }
        guard parent.running, let record = try Identifier(child).flatMap({ try find($0) }) else { return }
        try editHosts(of: parent) { $0.removing(names: Self.linkNames(record, alias: alias)) }
    }
}
