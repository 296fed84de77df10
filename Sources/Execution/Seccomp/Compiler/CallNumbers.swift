internal import CSeccomp

/// Where calls arrive in one architecture's table, by their names: what libseccomp knows, and `RecentCalls`.
struct CallNumbers {
    /// A call's number; with a selector, only if its argument 0 is that.
    struct Entry {
        var number: UInt32
        var selector: UInt64?
    }

    private let architecture: SeccompArchitecture
    private let token: UInt32
    /// The numbers of their own that calls have besides their place in a multiplexer.
    private let direct: [String: UInt32]

    /// Calls that stand for others. By the name of one of those, libseccomp gives -`base` less what selects it: `__PNR_socket` is -101.
    private static let multiplexers: [(name: String, base: Int)] = [("socketcall", 100), ("ipc", 200)]

    init(_ architecture: SeccompArchitecture) throws(SeccompError) {
        let token = try architecture.token
        self.architecture = architecture
        self.token = token
        direct =
            Self.multiplexers.contains { seccomp_syscall_resolve_name_arch(token, $0.name) >= 0 } ? Self.names(architecture, token) : [:]
    }

    /// None for a call that nobody knows, or that is not in this table.
    func entries(_ name: String) -> [Entry] {
        let found = seccomp_syscall_resolve_name_arch(token, name)
        if let number = UInt32(exactly: found) { return [Entry(number: number)] }
        for multiplexer in Self.multiplexers {
            let selector = -Int(found) - multiplexer.base
            guard (1...24).contains(selector), let number = UInt32(exactly: seccomp_syscall_resolve_name_arch(token, multiplexer.name))
            else {
                continue
            }
            return [Entry(number: number, selector: UInt64(selector))] + (direct[name].map { [Entry(number: $0)] } ?? [])
        }
        return RecentCalls.number(name, architecture).map { [Entry(number: $0)] } ?? []
    }

    /// libseccomp's table, the other way round.
    private static func names(_ architecture: SeccompArchitecture, _ token: UInt32) -> [String: UInt32] {
        var numbers: [String: UInt32] = [:]
        for number in RecentCalls.base(architecture)..<RecentCalls.base(architecture) + 512 {
            guard let name = seccomp_syscall_resolve_num_arch(token, CInt(number)) else { continue }
            defer { cseccomp_free(name) }
            numbers[String(cString: name)] = number
        }
        return numbers
    }
}
