import Linux

/// Process 1 of a container started with `--init`: passes signals on to the one program, reaps every orphan, and ends as
/// the program does. It is a fork of the runtime itself, so the container needs no file for it.
package enum ReapingInit {
    /// `docker-init [--] PROGRAM [ARGUMENT...]`: the same as a program, for containers that another runtime makes.
    package static func main(_ arguments: [String]) -> Int32 {
        let words = arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
        do throws(RuntimeError) {
            guard let name = words.first else { throw RuntimeError("no command specified") }
            let program = Program(path: try ExecutableSearch.find(name, path: Environment.value("PATH") ?? ""), arguments: words, environment: Environment.all)
            try at("start init") { () throws(SyscallError) in try split() }
            try program.run()
        } catch {
            StandardStreams.say("docker-init: \(error)\n")
            return 127
        }
    }

    /// Forks; the child returns and goes on to its program, the parent never returns.
    static func split() throws(SyscallError) {
        let signals = (1...64).map(CInt.init).filter { ![9, 19, 11, 8, 4, 7, 5, 32, 33].contains($0) }
        Signal.block(signals)
        var isChild = false
        // A plain fork that returns in both: the child leaves this function, so it cannot be made by `fork { }`.
        let pid = try Process.duplicate(&isChild)
        if isChild {
            Signal.reset()
            return
        }
        Process.setName("docker-init")
        // The pipe to the runtime must end when the program has begun.
        try Process.closeAll(from: 3)
        while true {
            let number = Signal.wait(for: signals)
            if number == 17 {
                while let (ended, status) = try Process.waitAny(block: false) {
                    if ended == pid { Process.exit(CInt(truncatingIfNeeded: status.code)) }
                }
            } else {
                // It may have ended just now; its SIGCHLD is the next signal.
                try? Process.signal(pid, number)
            }
        }
    }
}
