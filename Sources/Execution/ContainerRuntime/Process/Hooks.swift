import JSON
package import Linux
package import OCI

extension RuntimeHook {
    /// Runs them in their order, up to the first that fails. What a hook has no environment for it gets from `environment`, or else the
    /// caller's.
    package static func run(
        _ hooks: [RuntimeHook]?, as kind: String, _ state: RuntimeState, environment: [String]? = nil
    ) throws(RuntimeError) {
        for (number, hook) in (hooks ?? []).enumerated() { try hook.run(as: kind, number, state, environment) }
    }

    /// Runs the program to its end with the state to read, and throws when it fails or takes longer than it may.
    private func run(as kind: String, _ number: Int, _ state: RuntimeState, _ environment: [String]?) throws(RuntimeError) {
        guard path.hasPrefix("/") else { throw RuntimeError("\(kind) hook: path \"\(path)\" is not absolute") }
        if let timeout, timeout <= 0 { throw RuntimeError("\(kind) hook \(path): the timeout must be more than 0") }
        let what = "\(kind) hook #\(number)"
        // Files hold all of it, whether the hook reads what it is given or not, and whatever it lives on with.
        let input = try at(what) { () throws(SyscallError) in try FileDescriptor.memoryFile("state") }
        try at(what) { () throws(SyscallError) in try input.writeAll(state.json.compact, at: 0) }
        let output = try at(what) { () throws(SyscallError) in try FileDescriptor.memoryFile("hook") }
        var spawn = Spawn(path, args.flatMap { $0.isEmpty ? nil : $0 } ?? [path], environment: env ?? environment)
        spawn.give(input, as: 0)
        for number: CInt in 1...2 { spawn.give(output, as: number) }
        let status: ExitStatus?
        do throws(SyscallError) {
            status = try spawn.start().wait(seconds: timeout)
        } catch { throw RuntimeError("error running \(what)", error) }
        if status == .exited(0) { return }
        let end =
            switch status {
            case nil: "hook ran past its timeout of \(timeout ?? 0)s"
            case .exited(let code): "exit status \(code)"
            case .signaled(let number): "signal: \(number)"
            }
        // What cannot be read is not told.
        let said = (try? output.read(upTo: 4096, at: 0)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw RuntimeError("error running \(what): \(end)\(said.isEmpty ? "" : ", output: \(said)")")
    }
}

extension ChildProcess {
    /// Waits for the end; nil when it had to be killed for taking longer than it may.
    package func wait(seconds: Int?) throws(SyscallError) -> ExitStatus? {
        guard let seconds else { return try wait() }
        let process = try Process.open(pid)
        var set = PollSet()
        set.add(process, read: true, token: 0)
        let end = MonotonicClock.now + .seconds(min(seconds, 1 << 30))
        while try set.wait(timeoutMilliseconds: max(0, Int((end - MonotonicClock.now) / .milliseconds(1)) + 1)).isEmpty {
            if MonotonicClock.now < end { continue }
            try Process.signal(process, 9)
            _ = try wait()
            return nil
        }
        return try wait()
    }
}

extension Independence {
    private func state(_ pid: Int32, _ status: RuntimeState.Status) -> RuntimeState {
        var state = state
        state.pid = pid
        state.status = status
        return state
    }

    /// The hooks of the runtime's side, by the runtime.
    func runOutside(_ pid: Int32) throws(RuntimeError) {
        try RuntimeHook.run(hooks.prestart, as: "prestart", state(pid, .creating))
        try RuntimeHook.run(hooks.createRuntime, as: "createRuntime", state(pid, .creating))
    }

    /// All that run before pivot_root(2), by the container's process, which has the runtime run those of its side.
    func runAround(_ channel: borrowing FileDescriptor) throws(RuntimeError) {
        let isAny = [hooks.prestart, hooks.createRuntime, hooks.createContainer].contains { $0?.isEmpty == false }
        guard isAny else { return }
        let pid = try ChildMessage.ask(.hooks, on: channel)
        try RuntimeHook.run(hooks.createContainer, as: "createContainer", state(pid, .creating))
    }

    /// Those in the container, right before the program.
    func runInside(_ pid: Int32, environment: [String]) throws(RuntimeError) {
        try RuntimeHook.run(hooks.startContainer, as: "startContainer", state(pid, .created), environment: environment)
    }
}
