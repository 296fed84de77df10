internal import DockerAPI
internal import Synchronization
internal import Terminal

/// Shows the messages of a pull, load, import or bootstrap: on a terminal a line for each layer that changes in place, elsewhere a
/// line for each change of status.
final class Progress: Sendable {
    private let isTerminal: Bool
    private let isQuiet: Bool
    private let toError: Bool
    /// The ids that have a line on the terminal, the topmost first.
    private let lines = Mutex<[String]>([])
    /// What is to be said when all is over.
    private let notes = Mutex<[String]>([])

    init(quiet: Bool = false, toError: Bool = false) {
        isTerminal = toError ? TerminalDevice.errorIsTerminal : TerminalDevice.outputIsTerminal
        isQuiet = quiet
        self.toError = toError
    }

    func show(_ message: JSONMessage) {
        if let aux = message.aux, aux.manifestPushedInsteadOfIndex { notes.withLock { $0.append(Note.pushedManifest(aux)) } }
        if isQuiet { return }
        if !message.stream.isEmpty { return write(message.stream) }
        guard !message.status.isEmpty else { return }
        let isMoving = message.progressDetail.map { $0.current > 0 || $0.total > 0 } ?? false
        let bar = isTerminal ? progressText(message) : ""
        let line = (message.id.isEmpty ? "" : "\(message.id): ") + message.status + (bar.isEmpty ? "" : " \(bar)")
        let text: String = lines.withLock { lines in
            guard isTerminal else {
                // Where nothing can be overwritten, a bar that moves would be a flood.
                return isMoving ? "" : line + "\n"
            }
            if message.id.isEmpty {
                lines = []
                return line + "\n"
            }
            guard let index = lines.firstIndex(of: message.id) else {
                lines.append(message.id)
                return line + "\n"
            }
            let up = lines.count - index
            return "\u{1B}[\(up)A\u{1B}[2K\r\(line)\r\u{1B}[\(up)B"
        }
        write(text)
    }

    func printNotes() { for note in notes.withLock({ $0 }) { Note.print(note) } }

    private func write(_ text: String) { if toError { Console.error(text) } else { Console.output(text) } }

    /// As Docker's client draws it: the bar only where the terminal is wide.
    private func progressText(_ message: JSONMessage) -> String {
        guard let detail = message.progressDetail, detail.current > 0 || detail.total > 0 else { return message.progress }
        if detail.units == "s" { return "\(detail.current)s" }
        let current = HumanText.size(detail.current, precision: 4)
        let numbers = String(repeating: " ", count: max(0, 8 - current.count)) + current
        guard detail.total > 0 else { return numbers }
        let counts = detail.current > detail.total ? numbers : "\(numbers)/\(HumanText.size(detail.total, precision: 4))"
        guard TerminalDevice.columns > 110 else { return counts }
        let filled = min(50, Int(Double(detail.current) / Double(detail.total) * 100) / 2)
        return "[\(String(repeating: "=", count: filled))>\(String(repeating: " ", count: 50 - filled))] \(counts)"
    }
}
