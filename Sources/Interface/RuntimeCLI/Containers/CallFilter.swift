import JSON
import Linux
import OCI
import Seccomp
import Values

/// A specification's system call filter as the kernel takes it.
struct CallFilter {
    /// Instructions; empty for none.
    private(set) var program: [UInt8] = []
    /// `SECCOMP_FILTER_FLAG_…` of seccomp(2).
    private(set) var flags: UInt32 = 0
    private let seccomp: LinuxSeccomp?

    private static let flagNames: [String: UInt32] = [
        // Of a program with one thread there are no others to filter.
        "SECCOMP_FILTER_FLAG_TSYNC": 0, "SECCOMP_FILTER_FLAG_LOG": 2, "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 4,
    ]
    private static let listens: UInt32 = 8
    private static let waitsKillable: UInt32 = 32

    /// Compiled ones are kept below the runtime's root.
    init(_ seccomp: LinuxSeccomp?, root: String) throws {
        self.seccomp = seccomp
        guard let seccomp else { return }
        if seccomp.defaultAction == "SCMP_ACT_NOTIFY" { throw RuntimeFault("SCMP_ACT_NOTIFY cannot be used as default action") }
        program = try SeccompFilter.bytes(profile: .oci(seccomp), capabilities: [], cacheDirectory: RuntimePaths.seccompFilters(root: root)) ?? []
        for name in seccomp.flags ?? [] { flags |= Self.flagNames[name] ?? 0 }
        let asking = (seccomp.syscalls ?? []).filter { $0.action == "SCMP_ACT_NOTIFY" }
        if asking.isEmpty { return }
        // With these the descriptor gets to who answers; runc tells of it by `write`.
        let needed = ["sendmsg", "recvmsg", "close", "write"]
        if let name = asking.flatMap(\.names).first(where: needed.contains) {
            throw RuntimeFault("SCMP_ACT_NOTIFY cannot be used for the \(name) syscall")
        }
        flags |= Self.listens
        if seccomp.flags?.contains("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") == true { flags |= Self.waitsKillable }
    }

    /// Gives the descriptor that tells of calls to who listens for it.
    /// https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#containerprocessstate
    func hand(_ file: OpenFile, pid: Int32, _ record: ContainerRecord) throws {
        guard let path = seccomp?.listenerPath else { return }
        var state = record.state(.creating)
        if state.pid == 0 { state.pid = pid } else { state.status = .running }
        let message: JSONObject = [
            "ociVersion": .string(record.ociVersion), "fds": .array([.string("seccompFd")]), "pid": JSONValue(Int(pid)),
            "metadata": .string(seccomp?.listenerMetadata ?? ""), "state": state.json,
        ]
        do throws(SyscallError) {
            try UnixSocket.connect(path: path).send(JSONValue.object(message).compact, passing: file.descriptor)
        } catch { throw RuntimeFault("unable to send the seccomp descriptor to \(path): \(error)") }
    }
}
