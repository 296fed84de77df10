import Linux
import Testing

/// A root of the runtime role and a bundle with busybox in it, apart from any engine.
final class RuntimeFixture {
    let directory: String
    var root: String { "\(directory)/root" }
    var bundle: String { "\(directory)/bundle" }
    private var ids: [String] = []

    init() throws {
        directory = "/tmp/davit-it-runtime-\(Process.id)-\(UInt32.random(in: 0 ... .max))"
        let files = "\(directory)/bundle/rootfs"
        for name in ["bin", "etc", "tmp", "proc", "dev", "sys"] { try FileSystem.makeDirectories("\(files)/\(name)") }
        let busybox = try #require(Spawn.find("busybox"))
        try FileSystem.replace("\(files)/bin/busybox", with: try FileSystem.read(busybox), mode: 0o755)
        let bin = try FileDescriptor.open("\(files)/bin", [.path, .directory])
        for name in ["sh", "cat", "echo", "sleep", "id", "ls", "stat", "tty", "touch", "env", "hostname", "pwd", "mkdir", "readlink", "stty", "kill", "mount", "unshare"] {
            try bin.makeSymbolicLink(name, to: "busybox")
        }
    }

    deinit {
        // What cannot be cleaned up is for the test that looks for remains to tell.
        for id in ids { _ = try? run(["delete", "-f", id]) }
        try? FileSystem.removeTree(directory)
    }

    /// Writes the configuration; the parameters are JSON.
    func configure(
        _ script: String, terminal: Bool = false, process: String = "", linux: String = "", mounts: String = "", more: String = "",
        namespaces: [String] = ["pid", "ipc", "uts", "mount", "network", "cgroup"]
    ) throws {
        let quoted = script.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
        let spaces = namespaces.map { "{\"type\": \"\($0)\"}" }.joined(separator: ", ")
        try FileSystem.replace(
            "\(bundle)/config.json",
            with: """
                {"ociVersion": "1.0.2", "root": {"path": "rootfs"}, "hostname": "box",
                 "process": {"terminal": \(terminal), "cwd": "/", "user": {"uid": 0, "gid": 0}, "env": ["PATH=/bin"], "args": ["sh", "-c", "\(quoted)"]
                  \(process.isEmpty ? "" : ", \(process)")},
                 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
                  {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666", "mode=0620"]}\(mounts)],
                 "linux": {"namespaces": [\(spaces)], "maskedPaths": ["/proc/keys"], "readonlyPaths": ["/proc/sys"]\(linux.isEmpty ? "" : ", \(linux)")}
                 \(more.isEmpty ? "" : ", \(more)")}
                """.utf8)
    }

    static let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]

    func start(_ arguments: [String]) throws -> RunningCommand {
        try RunningCommand([Installation.program, "runtime", "--root", root] + arguments, environment: Self.environment, withInput: false)
    }

    @discardableResult
    func run(_ arguments: [String]) throws -> Outcome { try start(arguments).finish(seconds: 60) }

    @discardableResult
    func must(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let outcome = try run(arguments)
        #expect(outcome.code == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome.line
    }

    /// Creates a container whose output nobody hears: it keeps what it is given.
    func create(_ id: String, _ options: String...) throws { try apart(["create", "--bundle", bundle] + options, id) }

    /// Runs one in the same way.
    func run(detached id: String) throws { try apart(["run", "--detach", "--bundle", bundle], id) }

    private func apart(_ words: [String], _ id: String) throws {
        ids.append(id)
        let command = ([Installation.program, "runtime", "--root", root] + words + [id]).joined(separator: " ")
        let outcome = try RunningCommand(
            ["/bin/sh", "-c", "\(command) > /dev/null 2> \(directory)/errors || cat \(directory)/errors"], environment: Self.environment, withInput: false
        ).finish(seconds: 60)
        #expect(outcome.out == "", "\(outcome)")
    }

    func status(_ id: String) throws -> String {
        let text = try run(["state", id]).out
        return text.split(separator: "\"").map(String.init).drop { $0 != "status" }.dropFirst(2).first ?? ""
    }

    /// Waits until something is so.
    func eventually(_ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool) throws {
        let deadline = MonotonicClock.now + .seconds(30)
        while try !condition() {
            if MonotonicClock.now > deadline {
                Issue.record("never: \(what)", sourceLocation: sourceLocation)
                return
            }
            var nothing = PollSet()
            _ = try nothing.wait(timeoutMilliseconds: 10)
        }
    }
}
