internal import DockerAPI
internal import DockerClient
internal import Linux
internal import Synchronization
internal import Terminal
internal import Values

/// Shows how a build goes: as BuildKit's clients do, or as Docker's own builder.
final class BuildDisplay: Sendable {
    enum Mode: Sendable {
        case classic, plain, terminal, quiet, none, json

        init?(name: String) {
            switch name {
            case "auto": self = TerminalDevice.errorIsTerminal ? .terminal : .plain
            case "plain": self = .plain
            case "tty": self = .terminal
            case "quiet": self = .quiet
            case "none": self = .none
            case "rawjson": self = .json
            default: return nil
            }
        }
    }

    private struct State {
        var built: JSONAux?
        var answer: BuildAnswer?
        var warnings: [BuildWarning] = []
        /// Steps that the engine tells of, by its numbers.
        var steps: [Int: Step] = [:]
        var order: [Int] = []
        var lastShown = 0
        /// Lines that the terminal has of it.
        var drawn = 0
        var failed: Int?
        var shown = 0
    }

    private struct Step {
        var name: String
        var began: Duration
        var ended: Duration?
        var isCached = false
        var error = "", excerpt = ""
        /// What it wrote, cut into lines; the last is not ended yet. Only the end is kept.
        var lines: [String] = [""]
    }

    private static let keptLines = 20
    /// The error of a step that nobody waits for any more.
    private static let canceled = "context canceled"

    private let mode: Mode
    private let isWhole: Bool
    private let source: BuildSource
    private let began = MonotonicClock.now
    private let progress: Progress
    private let state = Mutex(State())

    /// `isWhole`: all that is known of warnings is shown.
    init(_ mode: Mode, _ source: BuildSource, isWhole: Bool) {
        self.isWhole = isWhole
        self.mode = mode
        self.source = source
        progress = Progress(quiet: mode != .classic)
    }

    /// The id and the digest of the image, once it is there.
    var built: JSONAux? { state.withLock { $0.built } }

    /// Numbers that steps of this side have before those of the engine.
    private static let ownSteps = 2

    /// The answer, where a question was asked in place of a build.
    var answer: BuildAnswer? { state.withLock { $0.answer } }

    func sending(_ size: Int) {
        if mode == .classic { Console.output("Sending build context to Docker daemon  \(HumanText.size(size, precision: 4))\n") }
    }

    func begin() {
        guard mode == .plain else { return }
        Console.error("#0 building with \"default\" instance using docker driver\n\n")
        let size = source.dockerfileSize.map { ": \($0)B" } ?? ""
        Console.error("#1 [internal] load build definition from \(source.name)\n#1 transferring dockerfile\(size) done\n#1 DONE 0.0s\n\n")
        Console.error("#2 [internal] load .dockerignore\n#2 DONE 0.0s\n")
    }

    func show(_ message: JSONMessage) {
        if let built = message.aux, !built.id.isEmpty { state.withLock { $0.built = built } }
        if let answer = message.answer { return state.withLock { $0.answer = answer } }
        if let warning = message.warning { return state.withLock { $0.warnings.append(warning) } }
        if mode == .classic { return progress.show(message) }
        guard let step = message.step else {
            if mode == .plain, !message.stream.isEmpty { Console.error(message.stream) }
            return
        }
        state.withLock { state in
            take(step, &state)
            switch mode {
            case .plain: showPlain(step, &state)
            case .terminal: draw(&state)
            case .json: Console.error(BuildStatus.line(step, began: began) + "\n")
            case .classic, .quiet, .none: break
            }
        }
    }

    private func take(_ step: BuildProgress, _ state: inout State) {
        let now = MonotonicClock.now
        var known = state.steps[step.number] ?? Step(name: step.name, began: now)
        if state.steps[step.number] == nil { state.order.append(step.number) }
        if step.cached { known.isCached = true }
        if step.done { known.ended = now }
        if !step.error.isEmpty {
            known.error = step.error
            known.excerpt = step.excerpt
            // Others end because one has failed.
            if step.error != Self.canceled { state.failed = step.number }
        }
        if !step.log.isEmpty {
            var pieces = step.log.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            known.lines[known.lines.count - 1] += pieces.removeFirst()
            known.lines = Array((known.lines + pieces).suffix(Self.keptLines + 1))
        }
        state.steps[step.number] = known
    }

    private func showPlain(_ step: BuildProgress, _ state: inout State) {
        guard let known = state.steps[step.number] else { return }
        let number = step.number + Self.ownSteps
        // Another step than the one before begins with its name.
        if state.lastShown != number {
            Console.error("\n#\(number) \(known.name)\n")
            state.lastShown = number
        }
        if step.cached { Console.error("#\(number) CACHED\n") }
        if !step.log.isEmpty {
            let time = Self.seconds(MonotonicClock.now - known.began, digits: 3)
            var lines = step.log.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            for line in lines { Console.error("#\(number) \(time) \(line)\n") }
        }
        if step.done, !known.isCached {
            if step.error == Self.canceled { return Console.error("#\(number) CANCELED\n") }
            Console.error(step.error.isEmpty ? "#\(number) DONE \(Self.seconds(MonotonicClock.now - known.began, digits: 1))s\n" : "#\(number) ERROR: \(step.error)\n")
        }
    }

    /// Draws all steps anew over what was drawn before.
    private func draw(_ state: inout State, isEnd: Bool = false) {
        let width = max(40, TerminalDevice.columns), now = MonotonicClock.now
        let done = state.steps.values.count { $0.ended != nil }
        var lines = ["[+] Building \(Self.seconds(now - began, digits: 1))s (\(done)/\(state.steps.count))\(isEnd ? " FINISHED" : "")"]
        for number in state.order {
            guard let step = state.steps[number] else { continue }
            let mark = step.ended == nil ? " =>" : step.error.isEmpty ? step.isCached ? " => CACHED" : " =>" : " => ERROR"
            let time = Self.seconds((step.ended ?? now) - step.began, digits: 1) + "s"
            let text = String("\(mark) \(step.name)".prefix(width - time.count - 2))
            lines.append(text + String(repeating: " ", count: max(1, width - text.count - time.count - 1)) + time)
            if step.ended == nil { for line in step.lines.suffix(6) where !line.isEmpty { lines.append(String(" => => # \(line)".prefix(width - 1))) } }
        }
        // What does not fit on the screen cannot be drawn over.
        if let rows = TerminalDevice.size?.rows, rows > 2, lines.count >= rows { lines = Array(lines.prefix(1) + lines.suffix(rows - 2)) }
        let clear = state.drawn > 0 ? "\u{1B}[\(state.drawn)A\u{1B}[0J" : ""
        Console.error(clear + lines.joined(separator: "\n") + "\n")
        state.drawn = lines.count
    }

    /// The image is there.
    func finish(_ image: String, tags: [String]) {
        switch mode {
        case .plain:
            let number = state.withLock { $0.order.count } + Self.ownSteps + 1
            var text = "\n#\(number) exporting to image\n#\(number) exporting layers done\n#\(number) writing image \(image) done\n"
            for tag in tags { text += "#\(number) naming to \(tag) done\n" }
            Console.error(text + "#\(number) DONE 0.0s\n")
        case .terminal:
            state.withLock { draw(&$0, isEnd: true) }
        case .quiet: Console.output(image + "\n")
        case .classic, .none, .json: break
        }
        showWarnings()
    }

    /// What was said of the Dockerfile, at the end, as buildx shows it.
    private func showWarnings() {
        let warnings = state.withLock(\.warnings)
        guard !warnings.isEmpty, [.plain, .terminal].contains(mode) else { return }
        var text = "\n \(warnings.count) warning\(warnings.count == 1 ? "" : "s") found\(isWhole ? "" : " (use docker --debug to expand)"):\n"
        for warning in warnings {
            text += " - \(warning.text)\n"
            if isWhole { text += "\(warning.description)\nMore info: \(warning.url)\n\(warning.excerpt)\n" }
        }
        Console.error(text)
    }

    /// How the command ends when the build has failed: with what the step wrote last, and its reason.
    func failure(_ error: APIError) -> Exit {
        if mode == .classic { return Exit(error.status > 0 && error.isOfStream ? Int32(clamping: error.status) : 1, "\(error)") }
        var text = ""
        state.withLock { state in
            if mode == .terminal { draw(&state) }
            guard let number = state.failed, let step = state.steps[number], mode != .json else { return }
            let lines = step.lines.filter { !$0.isEmpty }
            text = "------\n > \(step.name):\n" + lines.map { $0 + "\n" }.joined() + "------\n" + step.excerpt
        }
        return Exit(1, text + "ERROR: failed to build: failed to solve: \(error.message)")
    }

    static func seconds(_ duration: Duration, digits: Int) -> String {
        let (seconds, attoseconds) = duration.components
        let unit = digits == 1 ? Int64(100_000_000_000_000_000) : 1_000_000_000_000_000
        let fraction = String(attoseconds / unit)
        return "\(seconds).\(String(repeating: "0", count: max(0, digits - fraction.count)))\(fraction)"
    }
}
