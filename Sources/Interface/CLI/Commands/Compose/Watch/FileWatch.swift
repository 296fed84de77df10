internal import Archive
internal import Arguments
internal import AsyncIO
internal import Compose
internal import ComposeFile
internal import Content
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Terminal
internal import Values

/// `develop.watch`: brings changes of files into containers, or makes those anew, as long as it runs.
struct FileWatch: Sendable {
    /// Who saves files saves several.
    private static let patience = Duration.milliseconds(200)

    private let compose: ComposeSession
    private let deployment: Deployment
    private let rules: [WatchRule]

    /// The services that are on. Throws when none of them is to be watched.
    init(_ compose: ComposeSession, _ deployment: Deployment) throws {
        self.compose = compose
        self.deployment = deployment
        var rules: [WatchRule] = []
        for (name, service) in deployment.project.services.sorted(by: { $0.key < $1.key }) {
            for watch in service.develop?.watch ?? [] {
                let rule = try WatchRule(watch, of: service, named: name)
                if watch.action == "rebuild", service.build == nil { throw ComposeFileError("can't watch service \"\(name)\" with action rebuild without a build context") }
                if rule.isSync, service.volumes.contains(where: { $0.type == "bind" && "\(watch.path)/".hasPrefix("\($0.source)/") }) {
                    compose.warn("path '\(watch.path)' also declared by a bind mount volume, this path won't be monitored!")
                } else {
                    rules.append(rule)
                }
            }
        }
        if rules.isEmpty { throw ComposeFileError("none of the selected services is configured for watch, consider setting a 'develop' section") }
        self.rules = rules
    }

    /// Until it is cancelled.
    func run() async throws {
        var files = try WatchedFiles(Set(rules.map(\.watch.path)).sorted()) { path in rules.allSatisfy { $0.isIgnored(path) } }
        for rule in rules where rule.watch.initialSync && rule.isSync { try await sync(files.paths.filter(rule.matches), by: [rule]) }
        log("Watch enabled")
        while true {
            try await AsyncIO.readable(files.changes.descriptor)
            try await AsyncIO.sleep(Self.patience)
            let changed = try files.look()
            if changed.isEmpty { continue }
            do { try await handle(changed) } catch let error where !(error is CancellationError) {
                compose.warn("Error handling changed files: \((error as? Exit)?.message ?? "\(error)")")
            }
            compose.debug("batch complete: count[\(changed.count)]")
        }
    }

    private func log(_ text: String) { Console.output("  \u{29BF} \(text)\n") }

    private func handle(_ changed: [String]) async throws {
        let hit = rules.filter { changed.contains(where: $0.matches) }
        func services(_ actions: String...) -> [String] { Set(hit.filter { actions.contains($0.watch.action) }.map(\.service)).sorted() }
        let rebuilt = services("rebuild"), restarted = services("restart", "sync+restart")
        if !rebuilt.isEmpty { try await rebuild(rebuilt) }
        try await sync(changed, by: hit.filter(\.isSync))
        if !restarted.isEmpty { try await restart(restarted) }
        for rule in hit where rule.watch.action == "sync+exec" {
            for container in try await containers(of: [rule.service]) {
                _ = try await Root.run(ExecCreateRequest(rule.watch.exec), in: container.id, deployment.client, isDetached: false, .standard)
            }
        }
    }

    private func containers(of services: [String]) async throws -> [ProjectContainer] {
        try await deployment.containers(all: false).filter { services.contains($0.service) }
    }

    private func list(_ services: [String]) -> String { "[" + services.map(Syntax.quoted).joined(separator: " ") + "]" }

    // MARK: Files

    private func sync(_ paths: [String], by rules: [WatchRule]) async throws {
        for (service, own) in Dictionary(grouping: rules, by: \.service).sorted(by: { $0.key < $1.key }) {
            let pairs = try own.flatMap { rule in try paths.filter { try rule.matches($0) && !rule.isRoot($0) }.map { (path: $0, target: rule.target(of: $0)) } }
            if pairs.isEmpty { continue }
            log("Syncing service \(Syntax.quoted(service)) after \(pairs.count) changes were detected")
            let there = try pairs.filter { try FileSystem.status($0.path, followingLink: false) != nil }
            let gone = Set(pairs.map(\.target)).subtracting(there.map(\.target)).sorted()
            for container in try await containers(of: [service]) {
                if !gone.isEmpty { try await remove(gone, in: container) }
                if there.isEmpty { continue }
                _ = try await StreamedArchive.send({ try await deployment.client.writePath(container.id, path: "/", $0, copiesOwner: true) }) { try Self.write(there, to: $0) }
            }
        }
    }

    private func remove(_ paths: [String], in container: ProjectContainer) async throws {
        var request = ExecCreateRequest()
        request.cmd = ["rm", "-rf"] + paths
        request.user = "0"
        request.attachStderr = true
        let code = try await Root.run(request, in: container.id, deployment.client, isDetached: false, .standard)
        if code != 0 { throw Exit(1, "removing \(paths.count) files in \(container.name): exit code \(code)") }
    }

    /// What goes meanwhile is told by the next change.
    private static func write(_ pairs: [(path: String, target: String)], to sink: FileSink) throws {
        let archive = TarWriter(sink)
        // In the container it may be a link to one, and what is in it makes it anyway.
        let holders = Set(pairs.map { FilePath.parent($0.target) })
        for (path, target) in pairs {
            guard let status = try FileSystem.status(path, followingLink: false) else { continue }
            var entry = TarEntry(String(target.drop { $0 == "/" }), permissions: UInt32(status.permissions))
            entry.modified = status.modified
            switch status.kind {
            case .directory where holders.contains(target): continue
            case .directory:
                entry.kind = .directory
                try archive.append(entry)
            case .symbolicLink:
                entry.kind = .symbolicLink
                entry.linkTarget = Array(try FileDescriptor.currentDirectory().readLink(path).utf8)
                try archive.append(entry)
            case .regular:
                let file = try FileDescriptor.open(path, [])
                entry.size = try file.status().size
                try archive.append(entry)
                var left = Int(entry.size)
                while left > 0 {
                    var piece = try file.read(upTo: min(left, 1 << 16))
                    // It became shorter: the rest is made up for by the next change.
                    if piece.isEmpty { piece = [UInt8](repeating: 0, count: min(left, 1 << 16)) }
                    try archive.write(piece)
                    left -= piece.count
                }
            default: continue
            }
        }
        try archive.finish()
    }

    // MARK: Containers

    private func restart(_ services: [String]) async throws {
        for container in try await containers(of: services) {
            try await deployment.change([container], "Restarting", "Started") { try await deployment.client.restartContainer($0.id) }
        }
        log("service(s) \(list(services)) restarted")
    }

    private func rebuild(_ services: [String]) async throws {
        log("Rebuilding service(s) \(list(services)) after changes were detected...")
        for service in services { try await deployment.images.build(service) }
        log("service(s) \(list(services)) successfully built")
        var options = CreateOptions()
        options.services = services
        options.recreation = .force
        options.dependencyRecreation = .never
        try await deployment.create(options)
        try await deployment.start()
        guard compose.flags.bool("prune") else { return }
        var filters = Filters()
        filters.add("dangling", "true")
        filters.add("label", "\(ComposeLabel.project)=\(deployment.project.name)")
        _ = try await deployment.client.pruneImages(filters: filters)
    }
}
