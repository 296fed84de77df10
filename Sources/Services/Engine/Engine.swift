package import Builder
package import Containers
import Database
import Diagnostics
package import Images
import Linux
package import Networks
package import Values
package import Volumes

/// All services over one pair of roots, wired to each other. It needs no daemon: every process that has work to do opens one.
package final class Engine: Sendable {
    package let paths: StatePaths
    package let images: Images
    package let containers: Containers
    package let volumes: Volumes
    package let networks: Networks
    package let builder: Builder
    private let database: Database

    /// Opens the state, making what is missing. Takes well under a millisecond where everything is there.
    /// `networkFlags` are the daemon's; nil for whoever is none.
    package init(paths: StatePaths, networkFlags: NetworkDefaults? = nil) throws {
        self.paths = paths
        do throws(SyscallError) {
            try FileSystem.makeDirectories(paths.dataRoot, mode: 0o711)
            try FileSystem.makeDirectories(paths.containers, mode: 0o710)
            try FileSystem.makeDirectories(paths.cache, mode: 0o700)
            try FileSystem.makeDirectories("\(paths.runRoot)/containers", mode: 0o711)
        } catch {
            throw Fault(
                error.errno == .access || error.errno == .notPermitted ? .forbidden : .internal,
                "cannot use the state in \(paths.dataRoot) and \(paths.runRoot) (\(error)): run as root, or choose other places with --root and --run-root")
        }
        try Containers.makeSkeleton(paths)
        database = try Database.open(
            paths.database,
            components: [
                ("images", Images.migrations), ("volumes", Volumes.migrations), ("networks", Networks.migrations), ("containers", Containers.migrations),
            ])
        // Images and volumes ask who uses them without seeing containers.
        images = Images(paths: paths, database: database) { [database] digest in
            try Containers.users(ofImage: digest, in: database).map { ImageUse(container: $0.id, isRunning: $0.running, image: $0.image) }
        }
        if !FileSystem.exists(paths.content) { try images.prepare() }
        volumes = Volumes(paths: paths, database: database)
        networks = Networks(paths: paths, database: database, flags: networkFlags)
        containers = Containers(paths: paths, database: database, images: images, volumes: volumes, networks: networks)
        builder = Builder(paths: paths, images: images, containers: containers)
    }

    /// Takes the database's log over into its file when it has grown: what whoever opens the database next would have to read.
    package func settle() { database.checkpointIfGrown() }

    /// The same whatever the log's length, for a process that was started to do it.
    package func settleNow() { database.checkpoint() }

    /// True after changes that left much to settle.
    package var needsSettling: Bool { database.hasLongLog }

    /// Brings everything in line with what is true after a crash or a reboot: for a daemon's start.
    package func recover() throws {
        try containers.recover()
        try networks.recover()
        try containers.restorePorts()
        try builder.recover()
        try volumes.recover()
        try images.recover()
    }
}
