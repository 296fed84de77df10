import Linux
import Testing

/// Habits that the compiler does not check; STYLE in short.
@Suite struct SourceTests {
    @Test func filesAreOfOneTopic() throws {
        for file in try Repository.files(in: "Sources") + Repository.files(in: "Tests") {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines: what is it really about?")
        }
    }

    @Test func nothingTrapsOnInput() throws {
        for (file, number, code) in try codeLines() {
            for word in ["try!", " as! ", "fatalError(", "public "] where code.contains(word) {
                Issue.record("\(file.path):\(number): \(word)")
            }
        }
    }

    @Test func noNotesOfUnfinishedWork() throws {
        for file in try Repository.files(in: "Sources") + Repository.files(in: "Tests") where !file.path.hasPrefix("Tests/TidyTests/") {
            for (number, line) in file.lines.enumerated() {
                for word in ["TODO", "FIXME", "XXX:", "<<<<<<< ", ">>>>>>> "] where line.contains(word) {
                    Issue.record("\(file.path):\(number + 1): \(word)")
                }
            }
        }
    }

    /// An error thrown away needs a reason in a comment: on the line, or in the lines just above.
    @Test func lostErrorsAreExplained() throws {
        for file in try Repository.files(in: "Sources") {
            for (number, line) in file.lines.enumerated() where line.contains("try?") && !isComment(line) {
                let around = file.lines[max(0, number - 6)...number]
                #expect(around.contains { $0.contains("//") }, "\(file.path):\(number + 1): try? without a word why")
            }
        }
    }

    /// What the compiler is told to take on trust is proved in a comment.
    @Test func uncheckedClaimsAreProved() throws {
        for file in try Repository.files(in: "Sources") {
            for (number, line) in file.lines.enumerated() where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                if isComment(line) { continue }
                let around = file.lines[max(0, number - 8)...number]
                #expect(around.contains { $0.contains("//") }, "\(file.path):\(number + 1): no proof")
            }
        }
    }

    @Test func typesAndPackageFunctionsAreDocumented() throws {
        var undocumented: [String] = []
        for file in try Repository.files(in: "Sources") {
            for (number, line) in file.lines.enumerated() where declaresAPI(line) {
                var above = number - 1
                while above >= 0, file.lines[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
                if above < 0 || !file.lines[above].drop(while: { $0 == " " }).hasPrefix("///") { undocumented.append("\(file.path):\(number + 1)") }
            }
        }
        #expect(undocumented.count <= Self.undocumentedLimit, "no /// above:\n\(undocumented.joined(separator: "\n"))")
    }

    /// What was there when this test was written. It may only shrink.
    private static let undocumentedLimit = 58

    /// Where the repository lies is nobody's business.
    @Test func nothingNamesThisMachine() throws {
        for file in try Repository.files(in: "Sources") + Repository.files(in: "Tests") {
            for (number, line) in file.lines.enumerated() where line.contains(Repository.root) {
                Issue.record("\(file.path):\(number + 1): \(Repository.root)")
            }
        }
    }

    // MARK: -

    private func isComment(_ line: Substring) -> Bool { line.drop { $0 == " " }.hasPrefix("//") }

    /// Lines of Sources without comments and without what stands in string literals.
    private func codeLines() throws -> [(file: Repository.File, number: Int, code: String)] {
        try Repository.files(in: "Sources").flatMap { file in
            file.lines.enumerated().compactMap { number, line in
                if isComment(line) { return nil }
                let pieces = line.split(separator: "\"", omittingEmptySubsequences: false)
                let code = pieces.enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined(separator: "\"\"")
                return (file, number + 1, code.firstRange(of: "//").map { String(code[..<$0.lowerBound]) } ?? code)
            }
        }
    }

    /// A type at the outermost level, or a package function of more than one line.
    private func declaresAPI(_ line: Substring) -> Bool {
        // The members of a JSON record are documented where they are declared.
        if line.contains("func members(_ m: inout JSONMembers)") { return false }
        let isOutermost = line.first != " "
        var words = line.split(separator: " ")[...]
        var isPackage = false
        while let first = words.first,
            [
                "package", "static", "final", "private", "fileprivate", "internal", "mutating", "borrowing", "consuming",
                "indirect", "nonisolated", "override", "class",
            ].contains(first), words.count > 1
        {
            if first == "private" || first == "fileprivate" { return false }
            if first == "package" { isPackage = true }
            // `class Name` declares; `class func` is a modifier.
            if first == "class", words.dropFirst().first != "func" { return isOutermost }
            words = words.dropFirst()
        }
        switch words.first {
        case "struct", "enum", "protocol", "actor": return isOutermost
        // What a protocol of the standard library asks for is documented there.
        case "func": return isPackage && !line.hasSuffix("}") && !["encode(to", "hash(into"].contains { words.dropFirst().first?.hasPrefix($0) ?? false }
        default: return false
        }
    }
}
