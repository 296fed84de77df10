internal import Compose
internal import JSON
internal import Linux
internal import Synchronization
internal import Terminal

/// Shows what happens to a project: a line for each thing that changes in place on a terminal, elsewhere a line for each event.
final class ComposeProgress: Sendable {
    enum Style: Sendable { case plain, terminal, json, quiet }

    private struct Line {
        var report: Report
        let started: Duration
        var ended: Duration?
    }
    private struct State {
        var lines: [Line] = []
        /// Lines on the terminal, the heading included.
        var shown = 0
    }

    private let style: Style
    private let isDryRun: Bool
    private let state = Mutex(State())

    init(_ style: Style, isDryRun: Bool) {
        self.style = style
        self.isDryRun = isDryRun
    }

    func show(_ report: Report) {
        switch style {
        case .quiet: return
        case .plain: Console.error((isDryRun ? " DRY-RUN MODE - " : "") + Self.line(report, colored: false))
        case .json: Console.error(Self.json(report, isDryRun).compactText + "\n")
        case .terminal: Console.error(redrawn(report))
        }
    }

    /// One event as a line of its own, between other output.
    static func line(_ report: Report, colored: Bool) -> String {
        guard colored else { return " \(report.subject) \(report.text)\n" }
        let (mark, color) = look(report.status)
        return " \u{1B}[\(color)m\(mark)\u{1B}[0m \(report.subject) \u{1B}[\(color)m\(report.text)\u{1B}[0m\n"
    }

    private static func look(_ status: Report.Status) -> (mark: String, color: String) {
        switch status {
        case .working: ("⠿", "33")
        case .done: ("✔", "32")
        case .warning: ("!", "33")
        case .error: ("✘", "31")
        }
    }

    private static func json(_ report: Report, _ isDryRun: Bool) -> JSONValue {
        var object: JSONObject = isDryRun ? ["dry-run": .bool(true)] : [:]
        object.append("id", .string(report.subject))
        object.append("status", .string(report.status == .working ? "Working" : report.status == .done ? "Done" : report.status == .error ? "Error" : "Warning"))
        object.append("text", .string(report.text))
        return .object(object)
    }

    private func redrawn(_ report: Report) -> String {
        let now = MonotonicClock.now
        return state.withLock { state in
            let ended = report.status == .working ? nil : Optional(now)
            if let index = state.lines.firstIndex(where: { $0.report.subject == report.subject }) {
                state.lines[index].report = report
                state.lines[index].ended = ended
            } else {
                state.lines.append(Line(report: report, started: now, ended: ended))
            }
            let text = drawn(state, now)
            state.shown = state.lines.count + 1
            return text
        }
    }

    private func drawn(_ state: State, _ now: Duration) -> String {
        let columns = TerminalDevice.columns, names = state.lines.map(\.report.subject.count).max() ?? 0
        var text = state.shown > 0 ? "\u{1B}[\(state.shown)A\r" : ""
        text += "[+] Running \(state.lines.filter { $0.ended != nil }.count)/\(state.lines.count)\u{1B}[K\n"
        for line in state.lines {
            let (mark, color) = Self.look(line.report.status)
            let tenths = Int(((line.ended ?? now) - line.started) / .milliseconds(100))
            let seconds = "\(tenths / 10).\(tenths % 10)s"
            let name = line.report.subject + String(repeating: " ", count: names - line.report.subject.count)
            let plain = " \(isDryRun ? "DRY-RUN MODE - " : "")  \(name)  \(line.report.text)"
            let gap = String(repeating: " ", count: max(1, columns - plain.count - seconds.count - 1))
            text +=
                " \(isDryRun ? "DRY-RUN MODE - " : "")\u{1B}[\(color)m\(mark)\u{1B}[0m \(name)  \u{1B}[\(color)m\(line.report.text)\u{1B}[0m\(gap)\u{1B}[34m\(seconds)\u{1B}[0m\u{1B}[K\n"
        }
        return text
    }
}
