internal import JSON

/// What goes without saying: names of resources, the default network, dependencies that follow from other settings.
struct Normalization {
    let projectName: String
    let environment: [String: String]

    func model(_ value: JSONValue) -> JSONValue {
        guard var project = value.object else { return value }
        var usesDefault = false
        project["services"] = project["services"].map { mapMembers($0) { service($0, &usesDefault) } }
        if usesDefault, project["networks"]?["default"] == nil {
            var networks = project["networks"]?.object ?? JSONObject()
            networks["default"] = .null
            project["networks"] = .object(networks)
        }
        for kind in ["networks", "volumes", "configs", "secrets"] {
            guard var resources = project[kind]?.object else { continue }
            for index in resources.members.indices {
                var resource = resources.members[index].value.object ?? JSONObject()
                if resource["name"] == nil {
                    let key = resources.members[index].name
                    resource["name"] = .string(resource["external"]?.bool == true ? key : "\(projectName)_\(key)")
                }
                if kind == "configs", let variable = resource["environment"]?.string, let content = environment[variable] {
                    resource["content"] = .string(content)
                }
                resources.members[index].value = .object(resource)
            }
            project[kind] = .object(resources)
        }
        return .object(project)
    }

    private func service(_ value: JSONValue, _ usesDefault: inout Bool) -> JSONValue {
        guard var service = value.object else { return value }
        if service["provider"] == nil, service["network_mode"] == nil {
            if service["networks"]?.object?.members.isEmpty ?? true { service["networks"] = .object(["default": .null]) }
            if service["networks"]?.object?["default"] != nil { usesDefault = true }
        }
        if service["pull_policy"]?.string == "if_not_present" { service["pull_policy"] = .string("missing") }
        if var build = service["build"]?.object {
            if build["dockerfile"] == nil, build["dockerfile_inline"] == nil { build["dockerfile"] = .string("Dockerfile") }
            build["args"] = build["args"].map { resolved($0, keepsUnset: false) }
            service["build"] = .object(build)
        }
        service["environment"] = service["environment"].map { resolved($0, keepsUnset: true) }
        let dependencies = withImplied(service["depends_on"]?.object ?? JSONObject(), service)
        if !dependencies.members.isEmpty { service["depends_on"] = .object(dependencies) }
        if let volumes = service["volumes"]?.array {
            service["volumes"] = .array(
                volumes.map { volume in
                    guard var object = volume.object, let target = object["target"]?.string else { return volume }
                    object["target"] = .string(FilePath.clean(target))
                    return .object(object)
                })
        }
        if let image = service["image"], let hooks = service["pre_start"]?.array {
            service["pre_start"] = .array(
                hooks.map { hook in
                    guard var object = hook.object, object["image"] == nil else { return hook }
                    object["image"] = image
                    return .object(object)
                })
        }
        return .object(service)
    }

    /// Names without values take those of the environment.
    private func resolved(_ pairs: JSONValue, keepsUnset: Bool) -> JSONValue {
        var result = JSONObject()
        for member in pairs.object?.members ?? [] {
            if !member.value.isNull {
                result.append(member.name, member.value)
            } else if let value = environment[member.name] {
                result.append(member.name, .string(value))
            } else if keepsUnset {
                result.append(member.name, .null)
            }
        }
        return .object(result)
    }

    private func withImplied(_ dependencies: JSONObject, _ service: JSONObject) -> JSONObject {
        var dependencies = dependencies
        func add(_ name: Substring, restarts: Bool) {
            let name = String(name)
            if dependencies[name] != nil { return }
            var dependency: JSONObject = ["condition": .string("service_started")]
            if restarts { dependency.append("restart", .bool(true)) }
            dependency.append("required", .bool(true))
            dependencies.append(name, .object(dependency))
        }
        for link in service["links"]?.array ?? [] { add((link.string ?? "").prefix { $0 != ":" }, restarts: true) }
        for namespace in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
            if let mode = service[namespace]?.string, mode.hasPrefix("service:") { add(mode.dropFirst("service:".count), restarts: true) }
        }
        for volume in service["volumes_from"]?.array ?? [] {
            guard let text = volume.string, !text.hasPrefix("container:") else { continue }
            add(text.prefix { $0 != ":" }, restarts: false)
        }
        return dependencies
    }
}
