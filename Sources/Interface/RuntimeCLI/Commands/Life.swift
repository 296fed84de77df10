import Arguments
import Cgroups
import ContainerRuntime
import Linux
import OCI
import Values

extension RuntimeCommand {
    static var start: RuntimeCommand {
        RuntimeCommand("start", "Begin the program of a container that was created", usage: "CONTAINER", arity: .exactly(1)) { call in
            let container = try call.container()
            let lock = try container.lock()
            defer { withExtendedLifetime(lock) {} }
            switch try container.status() {
            case .created: break
            case .stopped: throw RuntimeFault("cannot start a container that has stopped")
            case .running: throw RuntimeFault("cannot start an already running container")
            case let status: throw RuntimeFault("cannot start a container in the \(status.rawValue) state")
            }
            try container.begin()
            do { try RuntimeHook.run(container.record.hooks.poststart, as: "poststart", container.record.state(.running)) } catch {
                try container.end()
                throw error
            }
            return 0
        }
    }

    static var kill: RuntimeCommand {
        RuntimeCommand(
            "kill", "Send a signal to a container's first process (default: SIGTERM)", usage: "[OPTIONS] CONTAINER [SIGNAL]", arity: .between(1, 2),
            flags: { [.bool("all", short: "a", "Send it to all processes of the container")] }
        ) { call in
            let text = call.arguments.dropFirst().first ?? "SIGTERM"
            // 0 only looks whether it is there.
            guard let number = text == "0" ? 0 : Signal.number(text) else { throw RuntimeFault("unknown signal \"\(text)\"") }
            try call.container().signal(number, all: call.flags.bool("all"))
            return 0
        }
    }

    static var delete: RuntimeCommand {
        RuntimeCommand(
            "delete", "Delete a container", usage: "[OPTIONS] CONTAINER", arity: .exactly(1),
            flags: { [.bool("force", short: "f", "Kill it when it still runs, and be content when there is none")] }
        ) { call in
            let isForced = call.flags.bool("force")
            do {
                let container = try call.container()
                let lock = try container.lock()
                defer { withExtendedLifetime(lock) {} }
                let status = try container.status()
                guard isForced || [.stopped, .created].contains(status) || container.record.pid == 0 else {
                    throw RuntimeFault("cannot delete container \(call.id) that is not stopped: \(status.rawValue)")
                }
                try container.clear()
            } catch let fault as RuntimeFault where isForced && fault.description == "container does not exist" {}
            return 0
        }
    }

    static var pause: RuntimeCommand {
        RuntimeCommand("pause", "Stop all processes of a container", usage: "CONTAINER", arity: .exactly(1)) { call in
            let container = try call.container()
            let lock = try container.lock()
            defer { withExtendedLifetime(lock) {} }
            let status = try container.status()
            guard [.running, .created].contains(status) else { throw RuntimeFault("container not running or created: \(status.rawValue)") }
            guard let cgroup = try container.cgroup else { throw RuntimeFault("the container has no cgroup to freeze") }
            try cgroup.freeze()
            return 0
        }
    }

    static var resume: RuntimeCommand {
        RuntimeCommand("resume", "Let all processes of a container go on", usage: "CONTAINER", arity: .exactly(1)) { call in
            let container = try call.container()
            let lock = try container.lock()
            defer { withExtendedLifetime(lock) {} }
            guard try container.cgroup?.isFrozen() == true else { throw RuntimeFault("container not paused") }
            try container.cgroup?.thaw()
            return 0
        }
    }

    /// What nobody has written.
    static func refused(_ name: String) -> RuntimeCommand {
        RuntimeCommand(name, "Not supported", usage: "CONTAINER", arity: .any, interspersed: false) { _ in
            throw RuntimeFault("\(name) is not supported")
        }.hidden()
    }
}
