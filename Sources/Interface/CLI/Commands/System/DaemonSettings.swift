internal import Arguments
internal import JSON
internal import Settings

/// What `daemon.json` and the flags say of the daemon's own sockets, files and directories.
struct DaemonSettings: JSONRecord {
    var hosts: [String] = []
    var group = "docker"
    var pidFile = ""
    var dataRoot: String?
    var runRoot: String?
    private var tlsFlags: [String: JSONValue] = [:]

    init() {}

    /// `isDockers`: the program is in dockerd's place. Only then is it meant by what Docker's own file says.
    init(isDockers: Bool) throws {
        let isMeant = try isDockers || DaemonFile.file().path != DaemonFile.dockers
        self = isMeant ? try DaemonFile.read() : try DaemonSettings(json: .object(DaemonFile.flags))
    }

    mutating func members(_ m: inout JSONMembers) throws {
        try m("hosts", &hosts)
        try m("group", &group)
        try m("pidfile", &pidFile)
        try m("data-root", &dataRoot, .unlessNil)
        try m("exec-root", &runRoot, .unlessNil)
        for flag in TLSFlags.all {
            var value = JSONValue.null
            try m(flag.name, &value, .unlessNil)
            tlsFlags[flag.name] = value
        }
    }

    /// The file's words about TLS, as flags.
    var tls: FlagValues {
        TLSFlags.all.reduce(into: FlagValues()) { values, flag in
            guard let value = tlsFlags[flag.name], !value.isNull, value != .bool(false) else { return }
            values.set(flag, value.string ?? value.compactText)
        }
    }
}
