internal import Arguments
internal import DockerAPI
internal import Terminal

/// What `--call` or `--check` asks about a Dockerfile in place of building it.
struct BuildQuestion {
    /// As the engine has it.
    let name: String
    private let isJSON: Bool
    private let ignoresStatus: Bool

    /// Nil for a build. Throws buildx's words.
    init?(_ flags: FlagValues) throws {
        var fields = (flags.bool("check") ? "check" : flags.string("call")).split(separator: ",").map(String.init), isJSON = false, ignoresStatus = false
        let method = fields.isEmpty ? "" : fields.removeFirst()
        for field in fields {
            switch field {
            case "format=json", "json": isJSON = true
            case "format=text": break
            case "ignorestatus", "ignorestatus=true": ignoresStatus = true
            default: throw Exit(1, "ERROR: invalid print func option \(field)")
            }
        }
        switch method {
        case "", "build": return nil
        case "check", "lint": name = "lint"
        case "outline", "targets": name = method
        default: throw Exit(1, "ERROR: failed to build: failed to solve: unsupported request frontend.\(method)")
        }
        (self.isJSON, self.ignoresStatus) = (isJSON, ignoresStatus)
    }

    /// Writes the answer as buildx does. Throws how the command ends when there are warnings.
    func show(_ answer: BuildAnswer) throws {
        if isJSON {
            Console.output(answer.document + "\n")
        } else if let count = answer.warnings {
            let found = count == 0 ? "no warnings found." : count == 1 ? "1 warning has been found!" : "\(count) warnings have been found!"
            Console.output("Check complete, \(found)\n\(answer.text)")
        } else {
            Console.output(answer.text)
        }
        if answer.warnings ?? 0 > 0, !ignoresStatus { throw Exit(1) }
    }
}
