import Linux

/// Finds the program that a command names, as Go's `exec.LookPath` does: its words are what Docker's users and clients know.
enum ExecutableSearch {
    static func find(_ name: String, path: String) throws(RuntimeError) -> String {
        if name.contains("/") {
            let error = check(name)
            guard let error else { return name }
            throw RuntimeError(error == .noEntry ? "exec: \"\(name)\": stat \(name): \(error)" : "exec: \"\(name)\": \(error)")
        }
        var denied = false
        for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
            let candidate = (directory.isEmpty ? "." : String(directory)) + "/" + name
            switch check(candidate) {
            case nil: return candidate
            case .some(.access): denied = true
            default: break
            }
        }
        throw RuntimeError(name.isEmpty || !denied ? "exec: \"\(name)\": executable file not found in $PATH" : "exec: \"\(name)\": permission denied")
    }

    /// Nil when the file can be executed by someone.
    private static func check(_ path: String) -> Errno? {
        do throws(SyscallError) {
            guard let status = try FileSystem.status(path) else { return .noEntry }
            if status.isDirectory { return .isDirectory }
            return status.permissions & 0o111 == 0 ? .access : nil
        } catch { return error.errno }
    }
}
