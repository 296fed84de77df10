internal import CLinux

/// The places between two steps of a container's life at which a test can have the process killed, as a crash would: the variable
/// `DAVIT_FAILPOINT` names one, and whoever reaches it first gets SIGKILL. Without the variable a place costs one comparison.
///
/// A supervisor, whose environment is empty otherwise, is given the variable too. `Tests/Integration/FailpointTests.swift` goes
/// through all of them and looks at what the next commands make of the remains.
package enum Failpoint: String, CaseIterable, Sendable {
    // Making a container, in the engine.
    /// The note that a container is being made is there; nothing else is.
    case createAfterTicket = "create.after-ticket"
    /// Its directories are there.
    case createAfterDirectories = "create.after-directories"
    /// Its volumes and the sources of its binds are there and marked as used.
    case createAfterVolumes = "create.after-volumes"
    /// Its row is there; the note is still there.
    case createAfterRow = "create.after-row"

    // Starting it, in the engine.
    /// The container's lock and the supervisor's are held.
    case startAfterLock = "start.after-lock"
    /// The supervisor's socket is listened on.
    case startAfterListen = "start.after-listen"
    /// The row says "running", and its addresses are leased.
    case startAfterRow = "start.after-row"
    /// The networks that it is on are there on the host.
    case startAfterNetworks = "start.after-networks"
    /// The plan and all the files that go with it are written.
    case startAfterPlan = "start.after-plan"
    /// The supervisor was spawned and has not been heard of.
    case startAfterSpawn = "start.after-spawn"
    /// The supervisor has said that the program runs.
    case startAfterReport = "start.after-report"

    // Starting it, in the supervisor.
    /// The cgroup is there, without limits.
    case supervisorAfterCgroup = "supervisor.after-cgroup"
    /// It has read its plan.
    case supervisorAfterPlan = "supervisor.after-plan"
    /// The container's network namespace is there.
    case networkAfterNamespace = "network.after-namespace"
    /// Its interfaces are there.
    case networkAfterInterfaces = "network.after-interfaces"
    /// Its ports are published.
    case networkAfterPorts = "network.after-ports"
    /// Its names are told.
    case networkAfterNames = "network.after-names"
    /// The program runs; nothing tells of it.
    case supervisorAfterProcess = "supervisor.after-process"
    /// `state.json` tells of it.
    case supervisorAfterState = "supervisor.after-state"
    /// The engine has been told.
    case supervisorAfterReport = "supervisor.after-report"

    // Its end, in the supervisor, or in the command that finds the supervisor dead.
    /// The first process has been waited for, so that nobody else will know how it ended.
    case exitAfterReap = "exit.after-reap"
    /// `exit.json` tells how.
    case exitAfterFile = "exit.after-file"
    /// All who waited have been told.
    case exitAfterTelling = "exit.after-telling"
    /// The cgroup is gone.
    case exitAfterCgroup = "exit.after-cgroup"
    /// The row says how.
    case exitAfterRow = "exit.after-row"
    /// The living files are gone.
    case exitAfterFiles = "exit.after-files"

    // Removing it, in the engine, or with `--rm` in the supervisor.
    /// A ticket tells of it.
    case removeAfterTicket = "remove.after-ticket"
    /// The row is gone.
    case removeAfterRow = "remove.after-row"
    /// Its volumes are let go of.
    case removeAfterVolumes = "remove.after-volumes"
    /// Its directory is gone.
    case removeAfterData = "remove.after-data"
    /// Its run directory is gone.
    case removeAfterRun = "remove.after-run"

    // What is done to it while it runs.
    /// It is on another network and has an address there, but no interface.
    case connectAfterLease = "connect.after-lease"
    /// Its interface on a network is gone; nothing else of it is.
    case disconnectAfterInterface = "disconnect.after-interface"
    /// A stop has sent its signal and not yet waited.
    case stopAfterSignal = "stop.after-signal"
    /// A restart has stopped it and not yet started it.
    case restartAfterStop = "restart.after-stop"
    /// The row says "paused"; nothing is frozen.
    case pauseAfterRow = "pause.after-row"
    /// All is frozen; nobody has been told.
    case pauseAfterFreeze = "pause.after-freeze"
    /// All is thawed; the row still says "paused".
    case unpauseAfterThaw = "unpause.after-thaw"
    /// An exec session is noted down and not started.
    case execAfterFile = "exec.after-file"
    /// The supervisor has started it and told nobody.
    case execAfterProcess = "exec.after-process"
    /// It has ended, and nothing tells how.
    case execAfterReap = "exec.after-reap"

    // A registry server's work, see Tests/Integration/Registry.
    /// A blob's content is whole and synced, and still an upload.
    case registryBlobBeforeRename = "registry.blob-before-rename"
    /// It stands among the blobs; no repository has it.
    case registryBlobAfterRename = "registry.blob-after-rename"
    /// Its repository has it; the upload's remains are still there.
    case registryBlobAfterLink = "registry.blob-after-link"
    /// A manifest's content is there; the repository does not know it.
    case registryManifestAfterBlob = "registry.manifest-after-blob"
    /// The repository knows it; no tag names it.
    case registryManifestAfterRevision = "registry.manifest-after-revision"
    /// The garbage collection knows what to delete and has deleted nothing.
    case registryCollectAfterMark = "registry.collect-after-mark"
    /// It has taken manifests and links away.
    case registryCollectAfterLinks = "registry.collect-after-links"
    /// It has deleted one blob.
    case registryCollectAfterBlob = "registry.collect-after-blob"

    // Pulling an image, in the engine.
    /// A piece of a layer has come in.
    case pullAfterPart = "pull.after-part"
    /// All layers are unpacked, none is in its place.
    case pullAfterContent = "pull.after-content"
    /// And all of it is on disk.
    case pullAfterSync = "pull.after-sync"
    /// The layers are in their places; no row names them.
    case pullAfterLayers = "pull.after-layers"

    // Building an image, in the engine.
    /// The build has its directory, and nothing in it.
    case buildAfterWorkplace = "build.after-workplace"
    /// A step's layer is in its place; no row tells of it.
    case buildAfterLayer = "build.after-layer"
    /// The row is there.
    case buildAfterStep = "build.after-step"
    /// A layer has come from a cache elsewhere; no row tells of it.
    case buildAfterCachedLayer = "build.after-cached-layer"
    /// The images are there, without names.
    case buildAfterImages = "build.after-images"
    /// Their layers are compressed and their manifests made; no row tells of those.
    case buildAfterManifests = "build.after-manifests"

    /// The variable's name.
    package static let variable = "DAVIT_FAILPOINT"

    private static let wanted: Failpoint? = Environment.value(variable).flatMap { Failpoint(rawValue: $0) }

    /// The variables as a program that is started with an environment of its own must get them; empty when none is set.
    package static var environment: [String] {
        [variable, stepsVariable].compactMap { name in Environment.value(name).map { "\(name)=\($0)" } }
    }

    /// The name of a variable that has every place told as it is reached: a file to which `nanoseconds place` is added, by the
    /// clock that never jumps. So a benchmark sees what each step takes.
    package static let stepsVariable = "DAVIT_STEPS"

    private static let steps: FileDescriptor? = Environment.value(stepsVariable).flatMap {
        // Without the file there is nothing to measure for.
        try? FileDescriptor.open($0, [.writeOnly, .create, .append])
    }

    /// Tells that this place was reached when asked to, and ends this process, all its threads, with SIGKILL if it was told to end here.
    package static func hit(_ point: Failpoint) {
        switch steps {
        case .some(let file): tell(point, to: file)
        case .none: break
        }
        if wanted == point {
            kill(getpid(), SIGKILL)
            // The signal may reach another thread first.
            while true { pause() }
        }
    }

    private static func tell(_ point: Failpoint, to file: borrowing FileDescriptor) {
        let (seconds, attoseconds) = MonotonicClock.now.components
        // A step that is not told is missing from the figures, nothing more.
        try? file.writeAll(Array("\(seconds * 1_000_000_000 + attoseconds / 1_000_000_000) \(point.rawValue)\n".utf8))
    }
}
