internal import Arguments
internal import Compose
internal import ComposeFile
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Synchronization
internal import Values

extension ComposeCommands {
    static func logs() -> AnyCommand {
        command(
            "logs", "View output from containers", usage: "[OPTIONS] [SERVICE...]",
            flags: {
                [
                    .bool("follow", short: "f", "Follow log output"), .int("index", "index of the container if service has multiple replicas"),
                    .bool("no-color", "Produce monochrome output"), .bool("no-log-prefix", "Don't print prefix in logs"),
                    .value("since", "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)"),
                    .value("tail", short: "n", default: "all", "Number of lines to show from the end of the logs for each container"),
                    .bool("timestamps", short: "t", "Show timestamps"),
                    .value("until", "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)"),
                ]
            },
            action: { compose in
                let flags = compose.flags
                let deployment = try await compose.deployment(named: compose.arguments)
                var containers = try await deployment.containers().filter { compose.arguments.isEmpty || compose.arguments.contains($0.service) }
                if flags.isSet("index") { containers = containers.filter { $0.number == flags.int("index") } }
                var parameters = LogParameters()
                parameters.follow = flags.bool("follow")
                parameters.timestamps = flags.bool("timestamps")
                parameters.since = try Clock.parameter(flags.optional("since"), "since")
                parameters.until = try Clock.parameter(flags.optional("until"), "until")
                parameters.tail = flags.string("tail")
                let printer = LogPrinter(
                    containers.map { compose.shortName($0, deployment) }, prefixes: !flags.bool("no-log-prefix"), colors: compose.usesANSI && !flags.bool("no-color"))
                let wanted = parameters
                if wanted.follow, !flags.isSet("index") {
                    try await FollowedLogs(compose, deployment, wanted, printer).run(containers)
                    return 0
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for container in containers {
                        group.addTask { try await compose.printLog(of: container, deployment, wanted, printer) }
                    }
                    try await group.waitForAll()
                }
                return 0
            })
    }
}

extension ComposeSession {
    /// A container's name without the project's.
    func shortName(_ container: ProjectContainer, _ deployment: Deployment) -> String {
        let prefix = deployment.project.name + deployment.separator
        return container.name.hasPrefix(prefix) ? String(container.name.dropFirst(prefix.count)) : container.name
    }

    /// Prints a container's log until it ends. A container that goes meanwhile has no more to say.
    func printLog(of container: ProjectContainer, _ deployment: Deployment, _ parameters: LogParameters, _ printer: LogPrinter) async throws {
        let name = shortName(container, deployment)
        do {
            let details = try await deployment.client.inspectContainer(container.id)
            // A log that is not kept cannot be read.
            if details.hostConfig.logConfig.type == "none" { return }
            try await deployment.client.logs(container.id, parameters, tty: details.config.tty) { printer.add($1, of: name, isError: $0 == .stderr) }
        } catch let error as APIError where error.status == 404 || error.status == 409 {}
        printer.flush(name)
    }
}

/// Lines of several containers, each with its container's name before it.
final class LogPrinter: Sendable {
    private static let colors = ["36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"]
    private static let lineBytes = 1 << 20

    private struct State {
        var prefixes: [String: String] = [:]
        var names: [String]
        var rests: [String: [UInt8]] = [:]
    }
    private let state: Mutex<State>
    private let hasPrefixes: Bool
    private let hasColors: Bool
    private let hasTimes: Bool

    init(_ names: [String], prefixes: Bool, colors: Bool, timestamps: Bool = false) {
        state = Mutex(State(names: names))
        hasPrefixes = prefixes
        hasColors = colors
        hasTimes = timestamps
    }

    /// A container whose output may come: it counts for the width.
    func expect(_ name: String) { state.withLock { if !$0.names.contains(name) { $0.names.append(name) } } }

    /// Output as it comes, in pieces. Standard error has an end of line of its own.
    func add(_ bytes: [UInt8], of name: String, isError: Bool) {
        let lines: [[UInt8]] = state.withLock { state in
            let key = name + (isError ? "\u{0}" : "")
            var pieces = ((state.rests[key] ?? []) + bytes).split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
            let rest = pieces.removeLast()
            state.rests[key] = rest.count > Self.lineBytes ? [] : rest
            if rest.count > Self.lineBytes { pieces.append(rest) }
            return pieces
        }
        print(lines, name, isError)
    }

    /// Prints what has no end of line.
    func flush(_ name: String) {
        for isError in [false, true] {
            let rest = state.withLock { $0.rests.removeValue(forKey: name + (isError ? "\u{0}" : "")) } ?? []
            if !rest.isEmpty { print([rest], name, isError) }
        }
    }

    /// A line about a container: `web-1 exited with code 0`.
    func status(_ name: String, _ text: String) {
        let line = "\(name) \(text)\n"
        Console.output(hasColors ? "\r\u{1B}[K\u{1B}[\(color(name))m\(line)\u{1B}[0m" : line)
    }

    private func print(_ lines: [[UInt8]], _ name: String, _ isError: Bool) {
        if lines.isEmpty { return }
        let head = Array((prefix(name) + (hasTimes ? "\(Clock.now.paddedDescription) " : "")).utf8)
        let bytes = lines.flatMap { head + ($0.last == 13 ? $0.dropLast() : $0[...]) + [10] }
        if isError { Console.error(String(decoding: bytes, as: UTF8.self)) } else { Console.output(bytes) }
    }

    private func prefix(_ name: String) -> String {
        guard hasPrefixes else { return "" }
        return state.withLock { state in
            if !state.names.contains(name) { state.names.append(name) }
            let width = (state.names.map(\.count).max() ?? 0) + 1
            let text = name + String(repeating: " ", count: width - name.count) + " | "
            guard hasColors, let index = state.names.firstIndex(of: name) else { return text }
            return "\u{1B}[\(Self.colors[index % Self.colors.count])m\(text)\u{1B}[0m"
        }
    }

    private func color(_ name: String) -> String {
        state.withLock { state in state.names.firstIndex(of: name).map { Self.colors[$0 % Self.colors.count] } ?? "0" }
    }
}
