import Linux

/// What execve(2) takes.
struct Program {
    var path: String
    var arguments: [String]
    var environment: [String]
    /// So many descriptors from 3 on are the program's.
    var passedFiles = 0

    /// execve(2), which returns only when it failed: a script without an interpreter is told on stderr and ends with 255, as
    /// runc has it; the rest is thrown.
    func run() throws(RuntimeError) -> Never {
        if passedFiles > 0 {
            try at("pass files on") { () throws(SyscallError) in
                try Process.closeOnExec(from: UInt32(clamping: 3 + passedFiles))
                try Process.passOn(3..<CInt(clamping: 3 + passedFiles))
            }
        }
        let error = Process.execute(path, arguments, environment: environment)
        if error.errno == .execFormat {
            StandardStreams.say("exec \(path): exec format error\n")
            Process.exit(255)
        }
        if error.errno == .noEntry { throw RuntimeError("exec \(path): no such file or directory") }
        throw RuntimeError("exec: \"\(path)\": \(error.errno)")
    }
}
