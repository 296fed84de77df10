import Linux
import Testing

/// The harness itself, on programs that every machine has.
@Suite struct HarnessTests {
    private func run(_ script: String, input: String? = nil) throws -> Outcome {
        let command = try RunningCommand(["/bin/sh", "-c", script], environment: ["PATH=/usr/bin:/bin"], withInput: input != nil)
        if let input {
            try command.send(input)
            command.closeInput()
        }
        return try command.finish(seconds: 20)
    }

    @Test func outputInputAndStatus() throws {
        let outcome = try run("cat; echo oops >&2; exit 7", input: "hello\n")
        #expect(outcome.code == 7 && outcome.out == "hello\n" && outcome.err == "oops\n" && outcome.line == "hello")
        #expect(try run("kill -9 $$").code == 137)
    }

    @Test func heldOutputIsNoticed() throws {
        let command = try RunningCommand(["/bin/sh", "-c", "sleep 3 & exit 0"], environment: ["PATH=/usr/bin:/bin"], withInput: false)
        #expect(throws: TimedOut.self) { try command.finish(seconds: 1) }
    }

    @Test func terminal() throws {
        let command = try RunningCommand(onTerminal: ["/bin/sh", "-c", "stty size; read x; echo got $x; stty size"], environment: ["PATH=/usr/bin:/bin"], rows: 33, columns: 99)
        try command.wait(forOutput: "33 99")
        try command.resize(rows: 40, columns: 100)
        try command.send("word\n")
        try command.wait(forOutput: "got word")
        try command.wait(forOutput: "40 100")
        #expect(try command.finish(seconds: 20).code == 0)
    }

    @Test func worldSeesDirectoriesAndProcesses() throws {
        let root = "/tmp/davit-it-world-\(Process.id)"
        defer { try? FileSystem.removeTree(root) }
        let before = try World.now(dataRoot: root, runRoot: root)
        #expect(before.isEmpty || before.directories.isEmpty)
        try FileSystem.makeDirectories("\(root)/containers/x")
        let sleeper = try RunningCommand(["/bin/sh", "-c", "sleep 100; : \(root)"], environment: ["PATH=/usr/bin:/bin"], withInput: false)
        var after = try World.now(dataRoot: root, runRoot: root).subtracting(before)
        // The kernel lets the parent of a vfork go on a moment before the new program's arguments can be seen.
        let deadline = MonotonicClock.now + .seconds(5)
        while after.processes.isEmpty, MonotonicClock.now < deadline { after = try World.now(dataRoot: root, runRoot: root).subtracting(before) }
        #expect(after.directories.count == 1 && after.processes.contains { $0.hasPrefix("\(sleeper.child.pid) ") })
        try sleeper.signal(9)
    }
}
