internal import Arguments
internal import AsyncIO
internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Synchronization
internal import Terminal

extension Root {
    static func stats() -> AnyCommand {
        AnyCommand(
            "stats", synonyms: ["container stats", "stats"], "Display a live stream of container(s) resource usage statistics",
            usage: "[OPTIONS] [CONTAINER...]", arity: .any, subject: .runningContainers,
            flags: {
                [
                    .bool("all", short: "a", "Show all containers (default shows just running)"),
                    .value("format", "Format output using a custom template ('table', 'table TEMPLATE', 'json' or a Go template)"),
                    .bool("no-stream", "Disable streaming stats and only pull the first result"), .bool("no-trunc", "Do not truncate output"),
                ]
            },
            action: stats)
    }

    @Sendable private static func stats(_ session: Session) async throws -> Int32 {
        let flags = session.flags, client = try session.client(), format = session.text("format", or: "statsFormat")
        let listing = Listing(headings: UsageRow.headings, columns: UsageRow.columns, typeName: "*container.statsContext")
        @Sendable func text(_ samples: [Sample]) throws -> String {
            let rows = samples.map { sample in
                let row = UsageRow(name: sample.name, stats: sample.stats, truncates: !flags.bool("no-trunc"))
                return Listing.Row(value: row.value)
            }
            return try listing.render(rows, format: format)
        }
        if flags.bool("no-stream") {
            let names = try await Self.subjects(session, client)
            Console.output(try text(try await Self.sample(names, client)))
            return 0
        }
        let board = Board()
        // A name that means nothing ends the command before anything is shown.
        for name in session.arguments { _ = try await client.inspectContainer(name) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    // Home, each line to its end, and what is below.
                    let lines = try text(board.samples).split(separator: "\n").map { "\($0)\u{1B}[K\n" }.joined()
                    Console.output("\u{1B}[H" + lines + "\u{1B}[J")
                    try await AsyncIO.sleep(.milliseconds(500))
                }
            }
            while true {
                for name in board.begin(try await Self.subjects(session, client)) { group.addTask { try await Self.follow(name, client, board) } }
                try await AsyncIO.sleep(.seconds(1))
            }
        }
    }

    /// The containers to show: those that were named, or those that there are.
    private static func subjects(_ session: Session, _ client: Client) async throws -> [String] {
        if !session.arguments.isEmpty { return session.arguments }
        return try await client.containers(all: session.flags.bool("all")).map { String($0.id.prefix(12)) }
    }

    private static func sample(_ names: [String], _ client: Client) async throws -> [Sample] {
        try await withThrowingTaskGroup(of: (Int, Sample).self) { group in
            for (index, name) in names.enumerated() { group.addTask { (index, Sample(name: name, stats: try await client.statistics(name))) } }
            var samples: [(Int, Sample)] = []
            for try await sample in group { samples.append(sample) }
            return samples.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func follow(_ name: String, _ client: Client, _ board: Board) async throws {
        do {
            try await client.followStatistics(name) { board.put($0, name) }
        } catch is APIError {}
        board.end(name)
    }

    fileprivate struct Sample: Sendable {
        var name: String
        /// Nil until the first has come.
        var stats: ContainerStats?
    }

    /// What is shown of each container, in order.
    fileprivate final class Board: Sendable {
        private let state = Mutex<[Sample]>([])

        var samples: [Sample] { state.withLock { $0 } }

        /// Adds those that are new; gives them.
        func begin(_ names: [String]) -> [String] {
            state.withLock { samples in
                let new = names.filter { name in !samples.contains { $0.name == name } }
                samples += new.map { Sample(name: $0, stats: nil) }
                return new
            }
        }

        func put(_ stats: ContainerStats, _ name: String) {
            state.withLock { samples in
                guard let index = samples.firstIndex(where: { $0.name == name }) else { return }
                samples[index].stats = stats
            }
        }

        func end(_ name: String) { state.withLock { $0.removeAll { $0.name == name } } }
    }
}

/// One container's usage, as its columns show it.
private struct UsageRow {
    let name: String
    let stats: ContainerStats?
    let truncates: Bool

    static let columns = ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"]
    static let headings: [(key: String, heading: String)] = [
        ("Container", "CONTAINER"), ("ID", "CONTAINER ID"), ("Name", "NAME"), ("CPUPerc", "CPU %"), ("MemUsage", "MEM USAGE / LIMIT"),
        ("MemPerc", "MEM %"), ("NetIO", "NET I/O"), ("BlockIO", "BLOCK I/O"), ("PIDs", "PIDS"),
    ]

    func value(_ key: String) -> String? {
        if key == "Container" { return name }
        guard let stats else { return key == "MemUsage" || key == "NetIO" || key == "BlockIO" ? "-- / --" : "--" }
        return switch key {
        case "ID": truncates ? String(stats.id.prefix(12)) : stats.id
        case "Name": String(stats.name.drop { $0 == "/" })
        case "CPUPerc": percent(processors(stats))
        case "MemUsage": "\(HumanText.binarySize(Int(clamping: memory(stats)))) / \(HumanText.binarySize(Int(clamping: stats.memoryStats.limit)))"
        case "MemPerc": percent(stats.memoryStats.limit == 0 ? 0 : Double(memory(stats)) / Double(stats.memoryStats.limit) * 100)
        case "NetIO": pair((stats.networks ?? [:]).values.map { ($0.rxBytes, $0.txBytes) })
        case "BlockIO":
            pair(
                (stats.blkioStats.ioServiceBytesRecursive ?? []).map { entry in
                    switch entry.op.lowercased() {
                    case "read": (entry.value, 0)
                    case "write": (0, entry.value)
                    default: (0, 0)
                    }
                })
        case "PIDs": "\(stats.pidsStats.current)"
        default: nil
        }
    }

    /// Of one processor; all together may be more than 100.
    private func processors(_ stats: ContainerStats) -> Double {
        let own = Double(stats.cpuStats.cpuUsage.totalUsage) - Double(stats.precpuStats.cpuUsage.totalUsage)
        let all = Double(stats.cpuStats.systemUsage) - Double(stats.precpuStats.systemUsage)
        return own > 0 && all > 0 && stats.precpuStats.systemUsage > 0 ? own / all * Double(max(1, stats.cpuStats.onlineCPUs)) * 100 : 0
    }

    /// Without the part of the file cache that can go at once.
    private func memory(_ stats: ContainerStats) -> UInt64 {
        let details = stats.memoryStats.stats ?? [:]
        let cache = details["total_inactive_file"] ?? details["inactive_file"] ?? 0
        return cache < stats.memoryStats.usage ? stats.memoryStats.usage - cache : stats.memoryStats.usage
    }

    private func percent(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
    }

    private func pair(_ counters: [(UInt64, UInt64)]) -> String {
        let sums = counters.reduce((UInt64(0), UInt64(0))) { ($0.0 &+ $1.0, $0.1 &+ $1.1) }
        return "\(HumanText.size(Int(clamping: sums.0))) / \(HumanText.size(Int(clamping: sums.1)))"
    }
}
