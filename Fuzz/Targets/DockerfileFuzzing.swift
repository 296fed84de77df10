import Dockerfile

/// What comes with somebody's build context.
enum DockerfileFuzzing {
    /// Reads the input as a Dockerfile, and puts variables in everywhere.
    static func dockerfile(_ input: [UInt8]) throws {
        let file = try Dockerfile(input)
        let expansion = Expansion(escape: file.directives.escape) { $0.count > 3 ? nil : "\($0)-value" }
        for instruction in file.arguments + file.stages.flatMap(\.instructions) {
            // A word that cannot be expanded says nothing of the next.
            guard let action = try? instruction.action.expanded(expansion.word, document: expansion.document) else { continue }
            if case .onBuild(let trigger) = action, file.directives.escape == "\\" { _ = try Dockerfile.instructions(trigger) }
        }
        // Options that are none leave the checks as they are.
        let options = (try? CheckOptions(file.directives.check ?? "")) ?? CheckOptions()
        _ = Checker.check(
            file, ignored: try IgnorePatterns(file: Array("*.log\n!a".utf8)), options, stages: Array(file.stages.indices), given: ["A": nil], automatic: ["TARGETOS": "linux"]
        ) { $0 == 0 ? ["PATH": "/bin"] : nil }
    }

    /// Reads the input as patterns, and matches it with itself.
    static func ignore(_ input: [UInt8]) throws {
        let patterns = try IgnorePatterns(file: Array(input.prefix(2048)))
        for line in String(decoding: input.prefix(2048), as: UTF8.self).split(separator: "\n") { _ = patterns.matches(String(line)) }
    }
}
