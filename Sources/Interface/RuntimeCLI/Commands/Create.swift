import Arguments
import ContainerRuntime
import Linux

extension RuntimeCommand {
    private static var launchFlags: [Flag] {
        [
            .value("bundle", short: "b", "Path of the bundle directory (default: the current one)"),
            .value("console-socket", "Socket that the container's terminal is sent to"),
            .value("pidfd-socket", "Socket that a descriptor of the container's process is sent to"),
            .value("pid-file", "File to write the number of the container's process to"),
            .bool("no-pivot", "Move the root rather than pivot to it"),
            .bool("no-new-keyring", "Keep the session keyring"),
            .int("preserve-fds", "Pass so many more descriptors on to the container"),
        ]
    }

    static var create: RuntimeCommand {
        RuntimeCommand("create", "Create a container, whose program waits for start", usage: "[OPTIONS] CONTAINER", arity: .exactly(1), flags: { launchFlags }) { call in
            var options = try LaunchOptions(call.flags)
            options.waits = true
            options.isDetached = true
            _ = try call.store.launch(call.id, options)
            return 0
        }
    }

    static var run: RuntimeCommand {
        RuntimeCommand(
            "run", "Create and start a container", usage: "[OPTIONS] CONTAINER", arity: .exactly(1),
            flags: {
                launchFlags + [
                    .bool("detach", short: "d", "Do not wait for its end"),
                    .bool("keep", "Do not delete it when it has ended"),
                    .bool("no-subreaper", "Leave its orphans to others"),
                ]
            }
        ) { call in
            var options = try LaunchOptions(call.flags)
            options.isDetached = call.flags.bool("detach")
            options.isKept = call.flags.bool("keep")
            return try run(call, options)
        }
    }

    private static func run(_ call: RuntimeInvocation, _ options: LaunchOptions) throws -> Int32 {
        if options.isDetached {
            _ = try call.store.launch(call.id, options)
            return 0
        }
        // Its orphans become this process's children, whom it waits for like any parent.
        if !call.flags.bool("no-subreaper") { try Process.becomeSubreaper() }
        Foreground.holdSignals()
        let launched = try call.store.launch(call.id, options)
        let container = launched.container
        let code = try Foreground(launched.process).wait()
        if !options.isKept {
            let lock = try container.lock()
            defer { withExtendedLifetime(lock) {} }
            try container.clear()
        }
        return code
    }
}

extension LaunchOptions {
    init(_ flags: FlagValues) throws {
        if flags.isSet("bundle") { bundle = flags.string("bundle") }
        pidFile = flags.optional("pid-file")
        consoleSocket = flags.optional("console-socket")
        pidfdSocket = flags.optional("pidfd-socket")
        pivots = !flags.bool("no-pivot")
        extras = try ProcessExtras(flags)
    }
}

extension ProcessExtras {
    /// Of `create`, `run` and `exec`.
    init(_ flags: FlagValues) throws {
        self.init()
        keepsKeyring = flags.bool("no-new-keyring")
        // What a service manager hands down is for the program: sd_listen_fds(3).
        let handedDown = Environment.value("LISTEN_FDS").flatMap { Int($0) } ?? 0
        passedFiles = flags.int("preserve-fds") + max(0, handedDown)
        guard (0...1024).contains(passedFiles) else { throw RuntimeFault("cannot pass \(passedFiles) descriptors on") }
        // One that is not there would be one of ours by and by.
        for number in 0..<passedFiles where !Process.hasDescriptor(Int32(3 + number)) {
            throw RuntimeFault("unable to stat preserved-fd \(number + 1) (of \(passedFiles)): bad file descriptor")
        }
    }
}
