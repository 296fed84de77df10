import Arguments
import Cgroups
import JSON
import Linux
import OCI

extension RuntimeCommand {
    static var state: RuntimeCommand {
        RuntimeCommand("state", "Tell the state of a container", usage: "CONTAINER", arity: .exactly(1)) { call in
            RuntimeProgram.say(String(decoding: try call.container().description().indented(by: "  "), as: UTF8.self) + "\n")
            return 0
        }
    }

    static var list: RuntimeCommand {
        RuntimeCommand(
            "list", "List containers", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .value("format", short: "f", default: "table", "Form of the list (\"table\"|\"json\")"),
                    .bool("quiet", short: "q", "Only IDs"),
                ]
            }
        ) { call in
            let containers = try call.store.all()
            if call.flags.bool("quiet") {
                for container in containers { RuntimeProgram.say("\(container.record.id)\n") }
                return 0
            }
            // One that is deleted meanwhile is none.
            let all = containers.compactMap { try? $0.description() }
            switch call.flags.string("format") {
            case "table":
                let rows = all.map { row in
                    ["id", "pid", "status", "bundle", "created", "owner"].map { key in row[key]?.string ?? row[key]?.int.map(String.init) ?? "" }
                }
                RuntimeProgram.say(table([["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]] + rows))
            case "json": RuntimeProgram.say(String(decoding: (all.isEmpty ? .null : JSONValue.array(all)).compact, as: UTF8.self) + "\n")
            default: throw RuntimeFault("invalid format option")
            }
            return 0
        }
    }

    /// Columns at least twelve wide, three apart.
    private static func table(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, text) in row.enumerated() {
                if column == widths.count { widths.append(12) }
                widths[column] = max(widths[column], text.count + 3)
            }
        }
        return rows.map { row in
            row.enumerated().map { column, text in
                column == row.count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count)
            }.joined() + "\n"
        }.joined()
    }

    static var ps: RuntimeCommand {
        RuntimeCommand(
            "ps", "List the processes of a container", usage: "[OPTIONS] CONTAINER [PS OPTIONS]", arity: .atLeast(1), interspersed: false,
            flags: { [.value("format", short: "f", default: "table", "Form of the list (\"table\"|\"json\")")] }
        ) { call in
            let container = try call.container()
            guard let cgroup = try container.cgroup else { throw RuntimeFault("the container has no cgroup to find processes by") }
            let processes = try cgroup.processes().sorted()
            switch call.flags.string("format") {
            case "json": RuntimeProgram.say(String(decoding: processes.json.compact, as: UTF8.self) + "\n")
            case "table": RuntimeProgram.say(try table(of: processes, Array(call.arguments.dropFirst())))
            default: throw RuntimeFault("invalid format option")
            }
            return 0
        }
    }

    /// What ps(1) says of these.
    private static func table(of processes: [Int32], _ options: [String]) throws -> String {
        guard let program = Spawn.find("ps") else { throw RuntimeFault("exec: \"ps\": executable file not found in $PATH") }
        let output = try FileDescriptor.memoryFile("ps")
        var spawn = Spawn(program, ["ps"] + (options.isEmpty ? ["-ef"] : options))
        for number: Int32 in 1...2 { spawn.give(output, as: number) }
        let status = try spawn.start().wait()
        let lines = String(decoding: try output.read(upTo: 16 << 20, at: 0), as: UTF8.self).split(separator: "\n")
        guard status == .exited(0), let title = lines.first else { throw RuntimeFault("exit status \(status.code): \(lines.joined(separator: "\n"))") }
        guard let column = title.split(separator: " ").firstIndex(of: "PID") else { throw RuntimeFault("couldn't find PID field in ps output") }
        let ours = lines.dropFirst().filter { line in
            let words = line.split(separator: " ")
            return column < words.count && Int32(words[column]).map(processes.contains) == true
        }
        return ([title] + ours).map { "\($0)\n" }.joined()
    }
}

extension StoredContainer {
    /// As runc tells it: the specification's state and what it has added to it.
    func description() throws -> JSONValue {
        let state = record.state(try status())
        var object: JSONObject = [
            "ociVersion": .string(state.ociVersion), "id": .string(state.id), "pid": JSONValue(Int(state.pid)), "status": state.status.json,
            "bundle": .string(state.bundle), "rootfs": .string(record.rootfs), "created": .string(record.created),
        ]
        if let annotations = record.annotations, !annotations.isEmpty { object.append("annotations", annotations.json) }
        object.append("owner", .string(""))
        return .object(object)
    }
}
