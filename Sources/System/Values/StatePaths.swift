/// Every path that Davit keeps state under. The tree is drawn in docs/disk-layout.md; nothing else joins these names.
package struct StatePaths: Sendable, Hashable {
    /// What survives a reboot: `/var/lib/davit` unless `--root` says otherwise.
    package var dataRoot: String
    /// What is true only while processes live: `/run/davit` unless `--run-root` says otherwise.
    package var runRoot: String

    package init(dataRoot: String, runRoot: String) {
        self.dataRoot = dataRoot
        self.runRoot = runRoot
    }

    package var database: String { "\(dataRoot)/davit.db" }
    /// Settings of this data root, written by its owner; most have none.
    package var configuration: String { "\(dataRoot)/config.json" }
    /// An OCI image layout.
    package var content: String { "\(dataRoot)/content" }
    /// Unpacked layers, each under its diffID.
    package var layers: String { "\(dataRoot)/layers" }
    package var containers: String { "\(dataRoot)/containers" }
    /// Tickets of containers that are being made or removed: an empty file each, held locked by whoever is at it.
    package var tickets: String { "\(dataRoot)/tickets" }
    package var volumes: String { "\(dataRoot)/volumes" }
    package var cache: String { "\(dataRoot)/cache" }
    /// Compiled system call filters, a file each.
    package var seccompFilters: String { "\(cache)/seccomp" }
    /// What `RUN --mount=type=cache` keeps, a directory each.
    package var buildMounts: String { "\(cache)/mounts" }
    /// Builds under way, a directory each, which is held locked by whoever is at it; see flock(2).
    package var builds: String { "\(dataRoot)/builds" }
    /// What a build's steps may see and nobody else.
    package func secrets(ofBuild id: String) -> String { "\(runRoot)/builds/\(id)" }
    /// Held shared while an image is being used for something that will name it, exclusively while one is removed; see flock(2).
    package var imagesLock: String { "\(dataRoot)/images.lock" }
    /// Held shared while content and layers come in that no row names yet, exclusively while such are deleted.
    package var ingestLock: String { "\(dataRoot)/ingest.lock" }
    /// The lowest layer of every container: empty files and directories to mount over, so that nothing of it shows as a change.
    package var skeleton: String { "\(dataRoot)/skeleton" }
    /// A registry's directory, when its configuration names no other.
    package var registry: String { "\(dataRoot)/registry" }
    package var apiSocket: String { "\(runRoot)/davit.sock" }

    /// What happened since boot, for `events`.
    package var events: String { "\(runRoot)/events" }

    /// What is known of the endpoints on each network while they live: `networks/<id>/…`.
    package var networks: String { "\(runRoot)/networks" }
    /// Held shared while the host's side of networks is made, exclusively while some of it is taken away; see flock(2).
    package var networksLock: String { "\(networks)/lock" }
    package func network(_ id: Identifier) -> String { "\(networks)/\(id)" }

    /// Each supervisor holds a byte of it locked, which tells that it lives; see fcntl(2), `F_OFD_SETLK`.
    package var supervisors: String { "\(runRoot)/supervisors" }

    package func container(_ id: Identifier) -> ContainerPaths {
        ContainerPaths(data: "\(containers)/\(id)", run: "\(runRoot)/containers/\(id)")
    }
}

/// One container's durable directory and its living one.
package struct ContainerPaths: Sendable, Hashable {
    package var data: String
    package var run: String

    // Durable.
    package var upper: String { "\(data)/upper" }
    package var work: String { "\(data)/work" }
    /// What a volatile overlay leaves in its work directory while it is mounted.
    package var volatileMark: String { [work, "work", "incompat"].joined(separator: "/") }
    package var log: String { "\(data)/container-json.log" }
    /// How it was asked to run, for people and scripts that look where Docker has it: a copy that nothing is read from.
    package var hostConfig: String { "\(data)/hostconfig.json" }

    // Living.
    /// Held exclusively by whoever changes this container's life; see flock(2).
    package var lock: String { "\(run)/lock" }
    /// What the supervisor is told to run.
    package var plan: String { "\(run)/plan.json" }
    /// The process that runs now, written by the supervisor.
    package var state: String { "\(run)/state.json" }
    /// What is published now, written by the supervisor.
    package var ports: String { "\(run)/ports" }
    /// How it ended, written by the supervisor before anyone is told.
    package var exit: String { "\(run)/exit.json" }
    /// The supervisor's socket: attach, wait, signal, resize, exec.
    package var socket: String { "\(run)/supervisor.sock" }
    /// Files of the same names below the container's /etc, written anew at each start.
    package var hostname: String { "\(run)/hostname" }
    package var hosts: String { "\(run)/hosts" }
    package var resolvConf: String { "\(run)/resolv.conf" }
    /// Where the container's root is mounted, inside its own mount namespace only.
    package var rootfs: String { "\(run)/rootfs" }
    /// For another runtime than our own: its configuration, and what it keeps of the container.
    package var bundle: String { "\(run)/bundle" }
    /// Exec sessions, a file each.
    package var execs: String { "\(run)/exec" }
}

/// A container of the OCI runtime role, `<root>/<id>`; nothing of the engine lies there.
package struct RuntimePaths: Sendable, Hashable {
    package var directory: String

    package init(root: String, id: String) { directory = "\(root)/\(id)" }

    /// Below which directory, unless `--root` says otherwise.
    package static let defaultRoot = "/run/davit/runtime"
    /// Compiled system call filters of all containers below a root; no container can have this name.
    package static func seccompFilters(root: String) -> String { "\(root)/@seccomp" }

    /// Held exclusively by whoever changes this container's life; see flock(2).
    package static let lock = "lock"
    /// Where the first process listens for the word to begin, until it is the container's program.
    package static let start = "start.sock"

    /// What is told of it, and needed to delete it.
    package var state: String { "\(directory)/state.json" }
    /// The bundle's configuration as it was when the container was created.
    package var configuration: String { "\(directory)/config.json" }
}
