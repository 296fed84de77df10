internal import JSON

/// Makes relative paths of a canonical model absolute.
struct PathResolution {
    let directory: String
    let home: String?

    func model(_ value: JSONValue) -> JSONValue {
        guard var project = value.object else { return value }
        project["services"] = project["services"].map { mapMembers($0, service) }
        for kind in ["configs", "secrets"] { project[kind] = project[kind].map { mapMembers($0) { changed($0, "file", absolute) } } }
        project["volumes"] = project["volumes"].map { mapMembers($0, volume) }
        return .object(project)
    }

    func service(_ value: JSONValue) -> JSONValue {
        var value = changed(value, "build") { build in
            let contexts = changed(build, "context", context)
            return changed(changed(contexts, "additional_contexts") { mapMembers($0, context) }, "ssh") { mapMembers($0) { $0.string == "" ? $0 : absolute($0) } }
        }
        value = changed(value, "env_file") { each($0) { changed($0, "path", absolute) } }
        value = changed(value, "label_file") { each($0, absolute) }
        value = changed(value, "extends") { changed($0, "file", absolute) }
        value = changed(value, "develop") { changed($0, "watch") { each($0) { changed($0, "path", absolute) } } }
        return changed(value, "volumes") { each($0) { $0["type"]?.string == "bind" ? changed($0, "source", absolute) : $0 } }
    }

    private func volume(_ value: JSONValue) -> JSONValue {
        guard value["driver"]?.string == "local", value["driver_opts"]?["o"]?.string == "bind" else { return value }
        // Nothing is the project's directory.
        return changed(value, "driver_opts") { changed($0, "device") { .string(FilePath.absolute($0.string ?? "", in: directory, home: home)) } }
    }

    private func absolute(_ value: JSONValue) -> JSONValue {
        guard let path = value.string, !path.isEmpty else { return value }
        return .string(FilePath.absolute(path, in: directory, home: home))
    }

    /// Contexts may be elsewhere: addresses, images, other services.
    private func context(_ value: JSONValue) -> JSONValue {
        guard let path = value.string else { return value }
        let isElsewhere = path.contains("://") || path.hasPrefix("service:") || path.hasPrefix("github.com/") || path.hasPrefix("git@")
        return isElsewhere ? value : absolute(value)
    }

    private func changed(_ value: JSONValue, _ name: String, _ body: (JSONValue) -> JSONValue) -> JSONValue {
        guard var object = value.object, let member = object[name] else { return value }
        object[name] = body(member)
        return .object(object)
    }

    private func each(_ value: JSONValue, _ body: (JSONValue) -> JSONValue) -> JSONValue { .array((value.array ?? []).map(body)) }
}
