import Linux
import Testing

/// The built program with roots of its own below /tmp: what it makes there, it makes for one test or suite, and nothing of the machine's
/// own davit is touched.
final class Installation: Sendable {
    let directory: String
    /// The host that its containers' networks are on: its programs run there.
    let network: NetworkSpace?
    let before: World

    var dataRoot: String { "\(directory)/data" }
    var runRoot: String { "\(directory)/run" }

    /// The program that `swift test` built beside the tests, or the one that `DAVIT` names.
    static let program: String = {
        if let named = environment("DAVIT") { return named }
        let own = (try? FileDescriptor.currentDirectory().readLink("/proc/self/exe")) ?? ""
        return "\(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])/davit"
    }()

    /// Containers need root; a tree in which the command line is not built yet has nothing to test.
    static let isPossible: Bool = {
        guard Credentials.effectiveUser == 0, FileSystem.exists(program) else { return false }
        // Whatever keeps it from starting is what the reason of the skipped test says.
        guard let command = try? RunningCommand([program, "--help"], environment: [], withInput: false) else { return false }
        return (try? command.finish(seconds: 20).code) == 0
    }()

    /// On a host of its own without any way out, or on `network`. Tests that load something from a mirror say `.machine`.
    init(on place: Place = .own) throws {
        network =
            switch place {
            case .own: try NetworkSpace()
            case .space(let space): space
            case .machine: nil
            }
        directory = "/tmp/davit-it-\(Process.id)-\(UInt32.random(in: 0 ... .max))"
        try FileSystem.makeDirectories("\(directory)/data")
        try FileSystem.makeDirectories("\(directory)/run")
        before = try World.now(dataRoot: "\(directory)/data", runRoot: "\(directory)/run", network: network)
    }

    /// Where it stands.
    enum Place {
        case own
        case space(NetworkSpace)
        /// The network that the tests themselves run in: nothing may be changed there, so no networks but `none` and `host`.
        case machine
    }

    deinit {
        // What stands in the way of this clean-up fails the test that asked `expectNothingLeft`, not every one.
        _ = try? davit(["ps", "-aq"]).lines.map { try davit(["rm", "-f", "-v", $0]) }
        try? FileSystem.removeTree(directory)
    }

    /// Words of the kernel's environment list, for the one or two that tests read.
    private static func environment(_ name: String) -> String? {
        let list = (try? FileSystem.read("/proc/self/environ")) ?? []
        return list.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    // MARK: - Running

    private func command(_ arguments: [String]) -> [String] { [Self.program, "--root", dataRoot, "--run-root", runRoot] + arguments }

    private func surroundings(_ extra: [String]) -> [String] {
        // Of two with one name getenv(3) finds the first.
        extra + ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(directory)", "LANG=C.UTF-8"]
    }

    /// Runs the program to its end, with `input` (or `/dev/null`) to read.
    @discardableResult
    func davit(_ arguments: [String], input: String? = nil, environment: [String] = [], seconds: Int = 60) throws -> Outcome {
        let running = try start(arguments, withInput: input != nil, environment: environment)
        if let input {
            try running.send(input)
            running.closeInput()
        }
        return try running.finish(seconds: seconds)
    }

    @discardableResult
    func davit(_ arguments: String..., input: String? = nil) throws -> Outcome { try davit(arguments, input: input) }

    /// Runs it, expects 0, and gives what it printed without the last line end.
    @discardableResult
    func must(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let outcome = try davit(arguments)
        #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome.out.hasSuffix("\n") ? String(outcome.out.dropLast()) : outcome.out
    }

    /// Starts it and leaves it to the test.
    func start(_ arguments: [String], withInput: Bool = false, environment: [String] = []) throws -> RunningCommand {
        try RunningCommand(command(arguments), environment: surroundings(environment), withInput: withInput, network: network)
    }

    /// Starts it on a terminal.
    func start(onTerminal arguments: [String], rows: UInt16 = 24, columns: UInt16 = 80) throws -> RunningCommand {
        try RunningCommand(onTerminal: command(arguments), environment: surroundings([]), rows: rows, columns: columns, network: network)
    }

    /// Runs a shell script with `$DAVIT` standing for the program and its roots.
    func shell(_ script: String, seconds: Int = 60) throws -> Outcome { try start(shell: script).finish(seconds: seconds) }

    /// The same, left to the test.
    func start(shell script: String) throws -> RunningCommand {
        let program = command([]).joined(separator: " ")
        return try RunningCommand(["/bin/sh", "-c", script], environment: surroundings(["DAVIT=\(program)"]), withInput: false, network: network)
    }

    /// The process ids of its supervisors.
    func supervisors() throws -> [Int32] {
        try World.now(dataRoot: dataRoot, runRoot: runRoot).processes.filter { $0.contains("davit-supervisor") }.compactMap { Int32($0.prefix { $0 != " " }) }
    }

    // MARK: - Fixtures

    /// Makes `busybox` from the machine's own busybox; once.
    func makeImage() throws {
        if try davit("image", "inspect", "busybox").code == 0 { return }
        try must("image", "bootstrap", "busybox")
    }

    /// An installation with the busybox image in it.
    static func withImage(on place: Place = .own) throws -> Installation {
        let installation = try Installation(on: place)
        try installation.makeImage()
        return installation
    }

    // MARK: - Judging

    /// Waits (clean-up goes on when a command has ended) for the world to be as it was, but for what `allowing` matches.
    func expectNothingLeft(
        seconds: Int = 30, allowing: (String) -> Bool = { _ in false }, meanwhile: () throws -> Void = {}, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let deadline = MonotonicClock.now + .seconds(seconds)
        while true {
            var left = try World.now(dataRoot: dataRoot, runRoot: runRoot, network: network).subtracting(before)
            left.directories = left.directories.filter { !allowing($0) }
            left.cgroups = left.cgroups.filter { !allowing($0) }
            left.processes = left.processes.filter { !allowing($0) }
            if left.isEmpty { return }
            if MonotonicClock.now > deadline {
                Issue.record("left behind:\n\(left)", sourceLocation: sourceLocation)
                return
            }
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: 20)
            try meanwhile()
        }
    }

    /// Asks again until the answer fits.
    func eventually(_ what: String, seconds: Int = 60, sourceLocation: SourceLocation = #_sourceLocation, _ isTrue: () throws -> Bool) throws {
        let deadline = MonotonicClock.now + .seconds(seconds)
        while try !isTrue() {
            if MonotonicClock.now > deadline {
                Issue.record("not in \(seconds) s: \(what)", sourceLocation: sourceLocation)
                return
            }
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: 10)
        }
    }
}
