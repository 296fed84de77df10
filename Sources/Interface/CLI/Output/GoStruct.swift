internal import JSON

/// Docker's Go structs as templates print them whole: `{no 0}`, their fields in order and without names. JSON alone would make maps of them.
enum GoStruct {
    /// The fields of structs, or of the structs in a list or map, by the name of the member that they are.
    private static let fields: [String: [String]] = [
        "RestartPolicy": ["Name", "MaximumRetryCount"], "LogConfig": ["Type", "Config"], "PortBindings": port, "Ports": port,
        "Mounts": ["Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation"], "RootFS": ["Type", "Layers"],
        "GraphDriver": ["Data", "Name"], "Volumes": [], "ExposedPorts": [],
        "State": ["Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid", "ExitCode", "Error", "StartedAt", "FinishedAt", "Health"],
    ]
    private static let port = ["HostIp", "HostPort"]

    /// Nil for what is no such struct, empty, or has a part that Go prints as an address in memory.
    static func text(_ name: String, _ value: JSONValue) -> String? {
        guard let fields = fields[name], value.object != nil || value.array != nil else { return nil }
        if value.object?.members.isEmpty == true || value.object?["Health"] != nil { return nil }
        return show(value, fields)
    }

    private static func show(_ value: JSONValue, _ fields: [String]) -> String {
        if let items = value.array { return "[\(items.map { show($0, fields) }.joined(separator: " "))]" }
        guard let object = value.object else { return plain(value) }
        // A map of structs: no member of it is one of their fields.
        if !object.members.isEmpty, !object.members.contains(where: { fields.contains($0.name) }) {
            let members = object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return "map[\(members.map { "\($0.name):\($0.value.isNull ? "[]" : show($0.value, fields))" }.joined(separator: " "))]"
        }
        return "{\(fields.map { $0 == "Health" ? "<nil>" : object[$0].map(plain) ?? "" }.joined(separator: " "))}"
    }

    /// Text, numbers, and lists and maps of them.
    private static func plain(_ value: JSONValue) -> String {
        if let text = value.string { return text }
        if let items = value.array { return "[\(items.map(plain).joined(separator: " "))]" }
        guard let object = value.object else { return value.compactText }
        let members = object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return "map[\(members.map { "\($0.name):\(plain($0.value))" }.joined(separator: " "))]"
    }
}
