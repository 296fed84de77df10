import ContainerRuntime
import JSON
import Linux
import OCI
package import Values

/// A program that is an OCI runtime, such as crun, runc or youki, and the one container that it keeps for a supervisor. It is called by the
/// command line of https://github.com/opencontainers/runtime-tools/blob/master/docs/command-line-interface.md with runc's `exec`, `pause`
/// and `resume`; what it knows of the container lies in the container's own directory.
package struct ForeignRuntime: Sendable {
    private let plan: RuntimePlan
    private let paths: ContainerPaths
    private let id: String

    /// A call that takes longer is ended. Making a container and having it begin run its hooks; nobody waits as long for the others.
    private static let patienceSeconds = (life: 120, other: 20)

    init(_ plan: RuntimePlan, _ paths: ContainerPaths, id: String) {
        self.plan = plan
        self.paths = paths
        self.id = id
    }

    /// That of a container which runs; nil when it is Davit's own.
    package init?(of paths: ContainerPaths) throws {
        let plan = try JSONValue(parsing: try FileSystem.read(paths.plan)).decode(SupervisorPlan.self)
        guard let runtime = plan.runtime else { return nil }
        self.init(runtime, paths, id: plan.id)
    }

    // MARK: - Processes

    /// Makes the container. Its process waits for `begin`, and is a child of the caller, which is its orphans' parent.
    func create(_ spec: RuntimeSpec, streams: consuming StandardStreams?) throws -> StartedProcess {
        try FileSystem.makeDirectories("\(paths.bundle)/state", mode: 0o700)
        try FileSystem.replace("\(paths.bundle)/config.json", with: try JSONValue(encoding: spec).compact, mode: 0o600)
        return try launch(["create", "--bundle", paths.bundle], isTerminal: spec.process?.terminal ?? false, streams, seconds: Self.patienceSeconds.life)
    }

    /// Has the program begin.
    func begin() throws { try call(["start", id], seconds: Self.patienceSeconds.life) }

    /// One more process in the container.
    func exec(_ process: RuntimeProcess, streams: consuming StandardStreams?) throws -> StartedProcess {
        let file = "\(paths.bundle)/process.json"
        try FileSystem.replace(file, with: try JSONValue(encoding: process).compact, mode: 0o600)
        return try launch(["exec", "--detach", "--process", file], isTerminal: process.terminal ?? false, streams, seconds: Self.patienceSeconds.other)
    }

    private func launch(_ words: [String], isTerminal: Bool, _ streams: consuming StandardStreams?, seconds: Int) throws -> StartedProcess {
        let pidFile = "\(paths.bundle)/pid"
        _ = try FileSystem.removeFile(pidFile)
        var words = words + ["--pid-file", pidFile]
        let directory = try FileDescriptor.open(paths.bundle, [.path, .directory])
        var listener: OpenFile?
        if isTerminal {
            let socket = try UnixSocket.listen("console.sock", in: directory, mode: 0o600)
            try socket.setNonBlocking()
            listener = OpenFile(socket)
            // Paths of sockets are short.
            words += ["--console-socket", "\(directory.procPath.seen(from: Process.id))/console.sock"]
        }
        try call(words + [id], streams, seconds: seconds)
        let number = String(decoding: try FileSystem.read(pidFile, limit: 64), as: UTF8.self).filter { !$0.isWhitespace }
        guard let pid = Int32(number), pid > 1 else { throw RuntimeError("\(plan.path) told no process: \(number)") }
        let process = ForkedProcess(pid: pid, pidfd: try Process.open(pid))
        return StartedProcess(process: process, terminal: try listener.flatMap { try Self.terminal(from: $0) })
    }

    private static func terminal(from listener: OpenFile) throws -> FileDescriptor? {
        guard let connection = try UnixSocket.accept(listener.descriptor), var message = try connection.receive() else {
            throw RuntimeError("the runtime has sent no terminal")
        }
        return message.file.take()
    }

    // MARK: - Life

    func signal(_ number: Int32) throws { try call(["kill", id, "\(number)"]) }

    /// Stops all processes of the container.
    package func pause() throws { try call(["pause", id]) }

    /// Lets them go on.
    package func resume() throws { try call(["resume", id]) }

    /// Has it forget the container, whatever state that is in.
    package func delete() {
        if !FileSystem.exists(paths.bundle) { return }
        // One that it does not know any more is what is wanted; processes are ended by their cgroup, and files go with the directory.
        try? call(["delete", "--force", id])
        try? FileSystem.removeTree(paths.bundle)
    }

    // MARK: - One call

    /// Without `streams` what it prints is kept for the error.
    private func call(_ words: [String], _ streams: consuming StandardStreams? = nil, seconds: Int = patienceSeconds.other) throws {
        let log = "\(paths.bundle)/log.json"
        _ = try FileSystem.removeFile(log)
        let said = try FileDescriptor.memoryFile("runtime"), ended = try FileDescriptor.pipe().keepFirst()
        var spawn = Spawn(
            plan.path, [plan.path] + plan.arguments + ["--root", "\(paths.bundle)/state", "--log", log, "--log-format", "json"] + words,
            environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
        spawn.newSession = true
        switch streams {
        case .some(let streams):
            // Runtimes may give the streams to the container's user, which must not be the host's null device.
            if try streams.input.status().kind == .characterDevice { spawn.give(ended, as: 0) } else { spawn.give(streams.input, as: 0) }
            spawn.give(streams.output, as: 1)
            spawn.give(streams.error, as: 2)
        case .none:
            spawn.give(ended, as: 0)
            for number: Int32 in 1...2 { spawn.give(said, as: number) }
        }
        let status = try spawn.start().wait(seconds: seconds)
        if status == .exited(0) { return }
        guard let status else { throw RuntimeError("\(plan.path) took longer than \(seconds) seconds") }
        // What cannot be read is not told.
        let lines = (try? FileSystem.readIfPresent(log, limit: 1 << 20)) ?? nil ?? [], printed = (try? said.read(upTo: 4096, at: 0)) ?? []
        throw RuntimeError(RuntimeWords.failure(log: lines, printed: printed) ?? "\(plan.path) ended with \(status.code)")
    }
}

extension String {
    /// A path below /proc/self as another process has to call it.
    func seen(from process: Int32) -> String { hasPrefix("/proc/self/") ? "/proc/\(process)/\(dropFirst("/proc/self/".count))" : self }
}

/// What runtimes say.
enum RuntimeWords {
    /// The last error of a log of JSON lines, or else what was printed last; nil without either.
    static func failure(log: [UInt8], printed: [UInt8]) -> String? {
        let told = log.split(separator: UInt8(ascii: "\n")).compactMap { line -> String? in
            // What is no JSON is not of the log's form.
            guard let entry = (try? JSONValue(parsing: Array(line)))?.object, ["error", "fatal"].contains(entry["level"]?.string ?? "") else { return nil }
            return entry["msg"]?.string
        }.last
        let last = String(decoding: printed, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
        guard let text = told ?? last else { return nil }
        // runc tells of the stage, which who starts a container tells too.
        let stage = "unable to start container process: "
        guard let found = text.firstRange(of: stage) else { return text }
        return String(text[found.upperBound...])
    }
}
