import Engine
import Linux
import RuntimeCLI

/// `davit-runtime …`: one container after another, without an engine.
enum RuntimeRole {
    /// Does it, and gives the exit code.
    static func run(_ arguments: [String], program: String) -> Int32 {
        sealOwnFile()
        return RuntimeProgram.main(arguments, program: program, version: Engine.version)
    }

    /// Goes on from a read-only copy of the mount that the program's file is on, so that nothing in a container can reach the file itself
    /// through /proc (CVE-2019-5736). Where the kernel has no such copies, or this process may make none, it goes on as it is: then the
    /// file is not this user's to write, or busy while anything runs from it.
    private static func sealOwnFile() {
        guard let own = try? FileDescriptor.open("/proc/self/exe", [.path]), let flags = try? own.mountFlags(), !flags.contains(.readOnly) else { return }
        guard let copy = try? Mounts.sealed("/proc/self/exe") else { return }
        // Returns only when it failed.
        _ = Process.execute(copy, CommandLine.arguments, environment: Environment.all)
    }
}
