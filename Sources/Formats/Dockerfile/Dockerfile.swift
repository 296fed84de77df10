/// A Dockerfile taken apart: values only, nothing in it is expanded yet. See docker/buildx's "Dockerfile reference", and for what that leaves
/// open BuildKit's parser, which is what its users know.
package struct Dockerfile: Sendable, Hashable {
    /// Bytes at most.
    package static let sizeLimit = 4 << 20
    /// Instructions at most.
    package static let instructionLimit = 10_000

    package var directives: Directives
    /// `ARG`s before the first `FROM`, for the `FROM`s to use.
    package var arguments: [Instruction]
    package var stages: [Stage]
    /// The last lines of instructions that go on after an empty line.
    var emptyContinuations: [Int] = []
    /// By the first lines of instructions, which checks the comment right above them leaves out.
    var skippedChecks: [Int: CheckOptions] = [:]

    /// What begins with a `FROM`.
    package struct Stage: Sendable, Hashable {
        /// In lower case; nil when it has none.
        package var name: String?
        /// The image, `scratch`, or the name of an earlier stage.
        package var base: String
        package var platform: String?
        /// The `FROM` as it is written.
        package var source: String
        package var line: Int
        /// What stands in the comment right above it, as `--call=targets` tells.
        package var comment: String
        package var instructions: [Instruction]
    }

    /// Throws `DockerfileError` in BuildKit's words.
    package init(_ bytes: [UInt8]) throws(DockerfileError) {
        guard bytes.count <= Self.sizeLimit else { throw DockerfileError("dockerfile is larger than \(Self.sizeLimit) bytes") }
        var lines = LineReader(bytes)
        directives = Directives()
        arguments = []
        stages = []
        var count = 0
        while let line = try lines.next() {
            count += 1
            guard count <= Self.instructionLimit else { throw DockerfileError("more than \(Self.instructionLimit) instructions", line: line.number) }
            if line.hasEmptyContinuation { emptyContinuations.append(line.lastNumber) }
            if let skipped = line.comment.split(separator: " ").first(where: { $0.hasPrefix("check=skip=") }) {
                // A comment that says something else is a comment.
                skippedChecks[line.number] = try? CheckOptions(String(skipped.dropFirst("check=".utf8.count)))
            }
            do throws(DockerfileError) { try add(Instruction.read(line, escape: lines.directives.escape), line) } catch { throw error.at(line.number) }
        }
        directives = lines.directives
        guard count > 0 else { throw DockerfileError("file with no instructions") }
        guard !stages.isEmpty else { throw DockerfileError("dockerfile contains no stages to build") }
    }

    private mutating func add(_ instruction: Instruction, _ line: Line) throws(DockerfileError) {
        if case .from(let from) = instruction.action {
            stages.append(
                Stage(
                    name: from.name, base: from.base, platform: from.platform, source: instruction.source, line: line.number, comment: line.comment,
                    instructions: []))
        } else if !stages.isEmpty {
            stages[stages.count - 1].instructions.append(instruction)
        } else if case .argument = instruction.action {
            arguments.append(instruction)
        } else {
            throw DockerfileError("no build stage in current context")
        }
    }

    /// Instructions that stand alone: an image's `ONBUILD` triggers, or what `commit --change` gives.
    package static func instructions(_ text: String) throws(DockerfileError) -> [Instruction] {
        guard text.utf8.count <= sizeLimit else { throw DockerfileError("instructions of more than \(sizeLimit) bytes") }
        var lines = LineReader(Array(text.utf8))
        var result: [Instruction] = []
        while let line = try lines.next() {
            guard result.count < instructionLimit else { throw DockerfileError("more than \(instructionLimit) instructions") }
            result.append(try Instruction.read(line, escape: lines.directives.escape))
        }
        return result
    }

    /// Stages of these names are something else: who names one means that, and so does the stage itself.
    package mutating func replaceStages(besides target: String, _ isReplaced: (String) -> Bool) {
        for index in stages.indices {
            guard let name = stages[index].name, isReplaced(name) else { continue }
            (stages[index].base, stages[index].instructions) = (name, [])
            if name != target.lowercased() { stages[index].name = nil }
        }
    }

    /// The stage before `index` that a name means, or a number where that is allowed.
    package func earlierStage(_ name: String, before index: Int, numbered: Bool = true) -> Int? {
        let name = name.lowercased()
        if let found = stages[..<index].lastIndex(where: { $0.name == name }) { return found }
        guard numbered, let number = Int(name), stages[..<index].indices.contains(number) else { return nil }
        return number
    }

    /// The stage that a name or a number means; nil when there is none.
    package func stage(_ name: String) -> Int? {
        let name = name.lowercased()
        if let index = stages.lastIndex(where: { $0.name == name }) { return index }
        return Int(name).flatMap { stages.indices.contains($0) ? $0 : nil }
    }
}

/// What the comments at a Dockerfile's very beginning say about reading it.
package struct Directives: Sendable, Hashable {
    /// The image of another front end.
    package var syntax: String?
    package var escape: Unicode.Scalar = "\\"
    /// What of the checks to leave out and whether they fail the build.
    package var check: String?
}
