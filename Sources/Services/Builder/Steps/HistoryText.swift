internal import Dockerfile
internal import OCI
internal import Values

/// What an image's history says of an instruction, in the words of Docker's builder or of BuildKit.
struct HistoryText {
    let style: BuildRequest.Style
    let shell: [String]

    init(_ style: BuildRequest.Style, shell: [String]?) {
        self.style = style
        self.shell = shell ?? ["/bin/sh", "-c"]
    }

    var comment: String? { style == .buildKit ? "buildkit.dockerfile.v0" : nil }

    /// Of what is only configuration. Docker's own builder runs nothing as well, and says so.
    private func nothing(_ text: String, isPlain: Bool = true) -> String {
        style == .buildKit ? text : (shell + ["#(nop) \(isPlain ? " " : "")\(text)"]).joined(separator: " ")
    }

    /// `arguments`: those of the build that the command sees.
    func run(_ words: [String], arguments: [String]) -> String {
        let command = (arguments.isEmpty ? [] : ["|\(arguments.count)"] + arguments) + words
        return style == .buildKit ? "RUN \(command.joined(separator: " ")) # buildkit" : command.joined(separator: " ")
    }

    /// `content` names what is copied, such as `file:…`.
    func copy(_ copy: Copy, content: String) -> String {
        let keyword = copy.isAdd ? "ADD" : "COPY"
        if style == .classic { return nothing("\(keyword) \(content) in \(copy.destination) ", isPlain: false) }
        var words = [keyword]
        if copy.isLinked { words.append("--link") }
        if let owner = copy.owner { words.append("--chown=\(owner)") }
        if let mode = copy.mode { words.append("--chmod=\(mode)") }
        return (words + copy.sources + copy.heredocs.map { "<<\($0.name)" } + [copy.destination, "# buildkit"]).joined(separator: " ")
    }

    /// `config`: after the instruction.
    func configuration(_ action: Action, _ config: ImageConfig) -> String? {
        switch action {
        case .from, .run, .copy: return nil
        case .argument(let list): return nothing("ARG \(list.map { argument in argument.value.map { "\(argument.name)=\($0)" } ?? argument.name }.joined(separator: " "))")
        case .command: return nothing("CMD \(Words.quoted(config.cmd ?? []))")
        case .entrypoint: return nothing("ENTRYPOINT \(Words.quoted(config.entrypoint ?? []))")
        case .shell(let words): return nothing("SHELL [\(words.joined(separator: " "))]")
        case .environment(let pairs): return nothing("ENV \(Self.text(pairs))")
        case .label(let pairs): return nothing("LABEL \(Self.text(pairs))")
        case .expose(let words):
            let ports = words.map { $0.contains("/") ? $0 : "\($0)/tcp" }.sorted()
            return nothing(style == .buildKit ? "EXPOSE [\(ports.joined(separator: " "))]" : "EXPOSE \(words.sorted().joined(separator: " "))")
        case .user(let name): return nothing("USER \(name)")
        case .workingDirectory(let path): return nothing("WORKDIR \(style == .buildKit ? path : config.workingDir ?? path)", isPlain: false)
        case .volume(let list): return nothing("VOLUME [\(list.joined(separator: " "))]")
        case .stopSignal(let signal): return nothing("STOPSIGNAL \(signal)")
        case .maintainer(let name): return nothing("MAINTAINER \(name)")
        case .health(let check):
            let times = [check.interval, check.timeout, check.startPeriod, check.startInterval].map { Words.quoted(Self.duration($0)) }
            return nothing("HEALTHCHECK &{\(Words.quoted(check.test)) \(times.joined(separator: " ")) '\\x\(check.retries < 16 ? "0" : "")\(String(check.retries, radix: 16))'}")
        case .onBuild(let trigger): return nothing("ONBUILD \(trigger)")
        }
    }

    private static func text(_ pairs: [Pair]) -> String { pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " ") }
    private static func duration(_ nanoseconds: Int64) -> String { GoDuration.text(nanoseconds: nanoseconds) }
}
