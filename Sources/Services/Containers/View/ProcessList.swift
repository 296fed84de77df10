import Diagnostics
import DockerAPI
import Linux

/// The host's ps(1), and what of its output is about some processes.
enum ProcessList {
    /// Its output is read up to this many bytes.
    private static let limit = 16 << 20

    /// Throws what the program says against its arguments.
    static func ask(_ arguments: String, for processes: [Int32]) throws -> ContainerTopResponse {
        let words = arguments.split(separator: " ").map(String.init)
        // `-o x=PID` would call another column by that name.
        for word in words {
            guard let equals = word.firstIndex(of: "="), word[word.index(after: equals)...].hasPrefix("PID") else { continue }
            throw Fault(.invalid, "specifying \"\(word)\" is not allowed")
        }
        let list = "-q" + processes.map(String.init).joined(separator: ",")
        // Some options go together with no list of processes.
        let output = try run(words + [list]).output ?? output(of: run(words))
        return try parse(output, processes)
    }

    private static func output(of result: (output: String?, error: String)) throws(Fault) -> String {
        guard let output = result.output else { throw Fault(.internal, "ps: \(result.error)") }
        return output
    }

    /// The output, or nil and why it failed.
    private static func run(_ words: [String]) throws -> (output: String?, error: String) {
        guard let program = ["/usr/bin/ps", "/bin/ps"].first(where: { FileSystem.exists($0) }) else {
            throw Fault(.notImplemented, "ps is not installed on this host: only the list without options can be shown")
        }
        let output = try FileDescriptor.memoryFile("ps"), errors = try FileDescriptor.memoryFile("ps")
        let empty = try FileDescriptor.open("/dev/null")
        var spawn = Spawn(program, ["ps"] + words, environment: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "COLUMNS=100000"])
        spawn.give(empty, as: 0)
        spawn.give(output, as: 1)
        spawn.give(errors, as: 2)
        if try spawn.start().wait() == .exited(0) { return (text(try output.read(upTo: min(limit, Int(try output.status().size)), at: 0)), "") }
        let lines = text(try errors.read(upTo: 1 << 16, at: 0)).split(separator: "\n")
        return (nil, lines.first.map(String.init) ?? "exit status 1")
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The lines about `processes`; a line with `-` for the number belongs to the one before it.
    static func parse(_ output: String, _ processes: [Int32]) throws(Fault) -> ContainerTopResponse {
        let lines = output.split(separator: "\n")
        let titles = lines.first.map { $0.split(separator: " ").map(String.init) } ?? []
        guard let column = titles.firstIndex(of: "PID") else { throw Fault(.internal, "Couldn't find PID field in ps output") }
        let wanted = Set(processes)
        var response = ContainerTopResponse(titles: titles), isIncluded = false
        for line in lines.dropFirst() {
            // The last column is the rest of the line.
            let fields = line.split(separator: " ", maxSplits: titles.count - 1)
            guard fields.count > column else { continue }
            if fields[column] != "-" {
                guard let process = Int32(fields[column]) else { throw Fault(.internal, "Unexpected pid '\(fields[column])'") }
                isIncluded = wanted.contains(process)
            }
            if isIncluded { response.processes.append(fields.map(String.init)) }
        }
        return response
    }
}
