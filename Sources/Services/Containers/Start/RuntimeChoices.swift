package import Diagnostics
package import DockerAPI
package import JSON
import Linux
import OCI
import Settings
import Supervisor

/// Which OCI runtimes containers may be run by: Davit itself, and the programs that `daemon.json` and the daemon's flags name.
package struct RuntimeChoices: JSONRecord, Sendable {
    /// By name.
    package private(set) var programs: [String: RuntimeInfo] = [:]
    /// What a container has that asks for none.
    package private(set) var defaultName = own

    package static let own = "davit"
    /// What Docker calls its built-in runtime is Davit too: clients ask for it.
    private static let ownNames: Set = [own, "runc", "io.containerd.runc.v2"]

    package init() {}

    package mutating func members(_ m: inout JSONMembers) throws {
        var runtimes: [String: Runtime] = [:]
        try m("runtimes", &runtimes)
        for (name, runtime) in runtimes {
            if Self.ownNames.contains(name) { throw Fault(.invalid, "runtime name '\(name)' is reserved") }
            if !runtime.type.isEmpty { throw Fault(.invalid, "runtime \(name): shims of containerd (\(runtime.type)) are not run, only OCI runtimes") }
            if runtime.path.isEmpty { throw Fault(.invalid, "runtime \(name): either a runtimeType or a path must be configured") }
            programs[name] = RuntimeInfo(path: runtime.path, runtimeArgs: runtime.arguments)
        }
        try m("default-runtime", &defaultName)
        if defaultName.isEmpty { defaultName = Self.own }
        guard isKnown(defaultName) else { throw Fault(.invalid, "specified default runtime '\(defaultName)' does not exist") }
    }

    /// Those of `daemon.json` and the flags, read anew each time. Throws for what is wrong with them.
    package static func read() throws(Fault) -> RuntimeChoices { try DaemonFile.read() }

    private func isKnown(_ name: String) -> Bool { Self.ownNames.contains(name) || programs[name] != nil }

    /// The runtime that is asked for, or the default. Throws Docker's words for one that nobody knows.
    func name(_ asked: String) throws(Fault) -> String {
        if asked.isEmpty { return defaultName }
        guard isKnown(asked) else { throw Fault(.invalid, "unknown or invalid runtime name: \(asked)") }
        return asked
    }

    /// How to call the program of that name; nil for Davit itself.
    static func plan(_ name: String) throws(Fault) -> RuntimePlan? {
        if isOwn(name) { return nil }
        guard let program = try read().programs[name] else { throw Fault(.invalid, "unknown or invalid runtime name: \(name)") }
        guard let path = program.path.contains("/") ? program.path : Spawn.find(program.path) else {
            throw Fault(.invalid, "exec: \"\(program.path)\": executable file not found in $PATH")
        }
        return RuntimePlan(path: path, arguments: program.runtimeArgs ?? [])
    }

    static func isOwn(_ name: String) -> Bool { name.isEmpty || ownNames.contains(name) }

    private struct Runtime: JSONRecord {
        var path = ""
        var arguments: [String]?
        /// A shim of containerd.
        var type = ""

        mutating func members(_ m: inout JSONMembers) throws {
            try m("path", &path)
            try m("runtimeArgs", &arguments)
            try m("runtimeType", &type)
        }
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
