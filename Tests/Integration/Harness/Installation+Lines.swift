import Testing

extension Installation {
    /// Makes `bin/` with the program under the names that it answers to.
    func makeNames() throws {
        let names = "docker docker-compose registry regctl"
        #expect(try shell("mkdir \(directory)/bin; cp \(Self.program) \(directory)/bin/davit; for n in \(names); do ln -s davit \(directory)/bin/$n; done").code == 0)
    }

    /// Runs lines of the user's documents as they stand there: `docker` is this program, `makeNames` made it.
    func lines(_ script: String, seconds: Int = 60) throws -> Outcome { try start(lines: script).finish(seconds: seconds) }

    /// The same, left to the test.
    func start(lines script: String) throws -> RunningCommand {
        try start(shell: "export PATH=\(directory)/bin:$PATH DAVIT_ROOT=\(dataRoot) DAVIT_RUN_ROOT=\(runRoot); cd \(directory)\n\(script)")
    }

    /// Expects each of the lines to work, and gives what they print.
    @discardableResult
    func mustLines(_ script: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let outcome = try lines("set -e\n\(script)")
        #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome.out
    }
}
