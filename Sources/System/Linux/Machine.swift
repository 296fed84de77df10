internal import CLinux

/// Facts about the machine and its kernel that do not change while it runs.
package enum Machine {
    /// Processors this process may use.
    package static var processors: Int { max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) }

    /// Bytes of memory.
    package static var memory: Int64 {
        var info = sysinfo()
        return clinux_sysinfo(&info) == 0 ? Int64(info.totalram) * Int64(info.mem_unit) : 0
    }

    /// uname(2): `sysname`, `nodename`, `release`, `version` and `machine`.
    package static var names: (system: String, host: String, release: String, version: String, machine: String) {
        var names = utsname()
        _ = uname(&names)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return (text(names.sysname), text(names.nodename), text(names.release), text(names.version), text(names.machine))
    }
}
