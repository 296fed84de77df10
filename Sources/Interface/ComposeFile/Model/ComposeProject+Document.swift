package import JSON

/// The whole project as one document again, which `config` shows.
extension ComposeProject {
    /// As JSON text: members by name, with everything that Go's encoder writes, and as it writes it.
    package var jsonText: String {
        guard var object = document({ $1.json }).object else { return "" }
        object.members.sort { $0.name < $1.name }
        return String(decoding: ConfigHash.escaped(JSONValue.object(object).indented(by: "  ")), as: UTF8.self)
    }

    private func document(_ service: (String, ComposeService) -> JSONValue) -> JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object.append("services", .object(sorted(services, service)))
        if !networks.isEmpty { object.append("networks", .object(sorted(networks) { $1.json })) }
        if !volumes.isEmpty { object.append("volumes", .object(sorted(volumes) { $1.json })) }
        if !secrets.isEmpty { object.append("secrets", .object(sorted(secrets) { withoutContent($1).json })) }
        if !configs.isEmpty { object.append("configs", .object(sorted(configs) { $1.environment.isEmpty ? $1.json : withoutContent($1).json })) }
        if !models.isEmpty { object.append("models", .object(sorted(models) { $1 })) }
        for member in extensions.members { object.append(member.name, Self.sorted(member.value)) }
        return .object(object)
    }

    /// For YAML: without what says nothing.
    package var readableDocument: JSONValue { Self.readable(document(service), in: []) }

    private func service(_ name: String, _ service: ComposeService) -> JSONValue {
        guard var object = service.json.object else { return .null }
        for member in serviceExtensions[name]?.members ?? [] { object.append(member.name, Self.sorted(member.value)) }
        return .object(object)
    }

    private func withoutContent(_ file: ComposeFileObject) -> ComposeFileObject {
        var file = file
        file.content = ""
        return file
    }

    private func sorted<Value>(_ values: [String: Value], _ json: (String, Value) -> JSONValue) -> JSONObject {
        var object = JSONObject()
        for (name, value) in values.sorted(by: { $0.key < $1.key }) { object.append(name, json(name, value)) }
        return object
    }

    /// With the members of all mappings by name.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map { sorted($0) })
        case .object(var object):
            for index in object.members.indices { object.members[index].value = sorted(object.members[index].value) }
            object.members.sort { $0.name < $1.name }
            return .object(object)
        default: return value
        }
    }

    private static func readable(_ value: JSONValue, in place: [String]) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map { readable($0, in: place + ["[]"]) })
        case .object(let object):
            var result = JSONObject()
            for member in object.members {
                let value = readable(member.value, in: place + [member.name])
                let isEmpty = value.isNull || value.object?.members.isEmpty ?? false
                if isEmpty, isOmitted(member.name, in: place) { continue }
                result.append(member.name, value)
            }
            return .object(result)
        default: return value
        }
    }

    private static func isOmitted(_ name: String, in place: [String]) -> Bool {
        switch name {
        case "command", "entrypoint": place.count == 2 || place.last == "[]" || place.last == "exec"
        case "resources", "placement": place.last == "deploy"
        case "ipam": place.count == 2 && place.first == "networks"
        case "exec": place.dropLast().last == "watch"
        default: false
        }
    }
}
