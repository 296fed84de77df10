import Cgroups
import Diagnostics
package import DockerAPI
import Linux
import Values

extension Containers {
    /// The processes of a container that runs, as the host's ps(1) lists them with these arguments, `-ef` without any. That list is made
    /// without the program.
    package func top(_ reference: String, arguments: String?) throws -> ContainerTopResponse {
        let record = try refreshed(reference)
        guard record.running else { throw Fault(.conflict, "container \(record.id) is not running") }
        let processes = try Cgroup(path: record.cgroupPath).processes()
        publish("top", record)
        if let arguments, !["", "-ef"].contains(arguments) { return try ProcessList.ask(arguments, for: processes) }
        var response = ContainerTopResponse(titles: ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"])
        for pid in processes {
            // One that has ended meanwhile is not listed.
            guard let row = Self.row(pid) else { continue }
            response.processes.append(row)
        }
        return response
    }

    private static func row(_ pid: Int32) -> [String]? {
        // A process that ends meanwhile has no files any more.
        guard let stat = try? FileSystem.read("/proc/\(pid)/stat", limit: 4096), let end = stat.lastIndex(of: UInt8(ascii: ")")),
            // Likewise.
            let status = try? FileSystem.status("/proc/\(pid)"), let command = try? FileSystem.read("/proc/\(pid)/cmdline", limit: 1 << 20)
        else { return nil }
        let fields = String(decoding: stat[stat.index(after: end)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 19 else { return nil }
        let ticks = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
        let words = command.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        let name = "[\(String(decoding: stat[..<end].drop { $0 != UInt8(ascii: "(") }.dropFirst(), as: UTF8.self))]"
        let tty = Int(fields[4]) ?? 0
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let started = Timestamp.now + .seconds(-max(0, Int64(MonotonicClock.now.components.seconds) - (Int64(fields[19]) ?? 0) / 100))
        return [
            status.user == 0 ? "root" : "\(status.user)", "\(pid)", String(fields[1]), "0", String(started.description.dropFirst(11).prefix(5)),
            tty >> 8 == 136 ? "pts/\(tty & 0xff)" : "?", "\(two(ticks / 360_000)):\(two(ticks / 6000 % 60)):\(two(ticks / 100 % 60))",
            words.isEmpty ? name : words,
        ]
    }
}
