package import Diagnostics
package import DockerAPI
import JSON
import Linux
import OCI
import Supervisor

/// Which OCI runtimes containers may be run by: Davit itself, and the programs that the daemon's flags and `daemon.json` name.
package struct RuntimeChoices: Sendable {
    /// By name.
    package private(set) var programs: [String: RuntimeInfo] = [:]
    /// What a container has that asks for none.
    package private(set) var defaultName: String
    private let isDefaultGiven: Bool

    package static let own = "davit"
    /// What Docker calls its built-in runtime is Davit too: clients ask for it.
    private static let ownNames: Set = [own, "runc", "io.containerd.runc.v2"]

    /// Of the flags `--add-runtime NAME=PATH` and `--default-runtime NAME`.
    package init(flags: [String] = [], defaultName: String? = nil) throws(Fault) {
        self.defaultName = defaultName ?? Self.own
        isDefaultGiven = defaultName != nil
        for flag in flags {
            let parts = flag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw Fault(.invalid, "invalid runtime argument: \(flag)") }
            try add(RuntimeInfo(path: parts[1]), named: parts[0])
        }
    }

    private mutating func add(_ program: RuntimeInfo, named name: String) throws(Fault) {
        if Self.ownNames.contains(name) { throw Fault(.invalid, "runtime name '\(name)' is reserved") }
        programs[name] = program
    }

    /// With those of `daemon.json`, which is read anew each time. Throws for what is wrong with the file.
    package func withFile() throws(Fault) -> RuntimeChoices {
        var all = self
        do {
            guard let file = try DaemonFile.read() else { return self }
            let settings = try JSON.decode(File.self, from: file.bytes)
            for (name, runtime) in settings.runtimes ?? [:] where all.programs[name] == nil {
                if let shim = runtime.runtimeType, !shim.isEmpty { throw Fault(.invalid, "runtime \(name): shims of containerd (\(shim)) are not run, only OCI runtimes") }
                guard let path = runtime.path, !path.isEmpty else { throw Fault(.invalid, "runtime \(name): either a runtimeType or a path must be configured") }
                try all.add(RuntimeInfo(path: path, runtimeArgs: runtime.runtimeArgs), named: name)
            }
            if !isDefaultGiven, let name = settings.defaultRuntime, !name.isEmpty { all.defaultName = name }
        } catch let fault as Fault { throw fault } catch { throw Fault(.invalid, "\(error)", cause: error) }
        guard all.isKnown(all.defaultName) else { throw Fault(.invalid, "specified default runtime '\(all.defaultName)' does not exist") }
        return all
    }

    private func isKnown(_ name: String) -> Bool { Self.ownNames.contains(name) || programs[name] != nil }

    /// The runtime that is asked for, or the default. Throws Docker's words for one that nobody knows.
    func name(_ asked: String) throws(Fault) -> String {
        if asked.isEmpty { return defaultName }
        guard isKnown(asked) else { throw Fault(.invalid, "unknown or invalid runtime name: \(asked)") }
        return asked
    }

    /// How to call the program of that name; nil for Davit itself.
    func plan(_ name: String) throws(Fault) -> RuntimePlan? {
        if Self.isOwn(name) { return nil }
        guard let program = try withFile().programs[name] else { throw Fault(.invalid, "unknown or invalid runtime name: \(name)") }
        guard let path = program.path.contains("/") ? program.path : Spawn.find(program.path) else {
            throw Fault(.invalid, "exec: \"\(program.path)\": executable file not found in $PATH")
        }
        return RuntimePlan(path: path, arguments: program.runtimeArgs ?? [])
    }

    static func isOwn(_ name: String) -> Bool { name.isEmpty || ownNames.contains(name) }

    private struct File: Decodable {
        var runtimes: [String: Runtime]?
        var defaultRuntime: String?

        enum CodingKeys: String, CodingKey {
            case runtimes
            case defaultRuntime = "default-runtime"
        }
    }

    private struct Runtime: Decodable {
        var path: String?
        var runtimeArgs: [String]?
        var runtimeType: String?
    }
}

extension RuntimeSpec {
    /// What Davit does by itself, said so that any runtime does it: the filter of system calls, and the first process of `--init`, which is
    /// this program under another name.
    mutating func speakPlainly(seccomp: LinuxSeccomp?, usesInit: Bool, annotations: [String: String]?) throws {
        // The version that runtimes of all ages take.
        ociVersion = "1.0.2"
        linux?.seccomp = seccomp
        self.annotations = annotations
        guard usesInit else { return }
        let program = try FileDescriptor.currentDirectory().readLink("/proc/self/exe"), place = "/sbin/docker-init"
        mounts = (mounts ?? []) + [RuntimeMount(destination: place, type: "bind", source: program, options: ["bind", "ro"])]
        let arguments = process?.args ?? []
        process?.args = [place, "--"] + arguments
    }
}
