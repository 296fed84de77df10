package import JSON

/// The whole project as one document again, which `config` shows.
extension ComposeProject {
    /// As JSON text: members by name, with everything that Go's encoder writes, and as it writes it.
    package var jsonText: String {
        guard var object = document.object else { return "" }
        object.members += extensions(model)
        object.members.sort { $0.name < $1.name }
        return String(decoding: ConfigHash.escaped(JSONValue.object(object).indented(by: "  ")), as: UTF8.self)
    }

    /// For YAML: without what says nothing, with what users keep under `x-` names.
    package var readableDocument: JSONValue { extended(Self.readable(document, in: []), like: model) }

    /// As the files have it, variables and all.
    package var plainDocument: JSONValue {
        var object = model.object ?? [:]
        object["name"] = .string(name)
        return Self.readable(Self.sorted(.object(object)), in: [])
    }

    private var document: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object.append("services", .object(sorted(services) { $1.json }))
        if !networks.isEmpty { object.append("networks", .object(sorted(networks) { $1.json })) }
        if !volumes.isEmpty { object.append("volumes", .object(sorted(volumes) { $1.json })) }
        if !secrets.isEmpty { object.append("secrets", .object(sorted(secrets) { withoutContent($1).json })) }
        if !configs.isEmpty { object.append("configs", .object(sorted(configs) { $1.environment.isEmpty ? $1.json : withoutContent($1).json })) }
        if !models.isEmpty { object.append("models", .object(sorted(models) { $1 })) }
        return .object(object)
    }

    private func extensions(_ value: JSONValue) -> [JSONObject.Member] {
        (value.object?.members ?? []).filter { $0.name.hasPrefix("x-") }.map { member in
            var member = member
            member.value = Self.sorted(member.value)
            return member
        }
    }

    /// With the `x-` members of the model, wherever they are.
    private func extended(_ value: JSONValue, like model: JSONValue) -> JSONValue {
        switch (value, model) {
        case (.array(let items), .array(let others)) where items.count == others.count: return .array(zip(items, others).map { extended($0, like: $1) })
        case (.object(var object), .object(let other)):
            for index in object.members.indices {
                if let inner = other[object.members[index].name] { object.members[index].value = extended(object.members[index].value, like: inner) }
            }
            for member in extensions(model) where object[member.name] == nil { object.append(member.name, member.value) }
            return .object(object)
        default: return value
        }
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
                result.append(member.name, place.last == "build" && member.name == "ssh" ? keys(value) : value)
            }
            return .object(result)
        default: return value
        }
    }

    /// Keys of ssh as docker compose shows them.
    private static func keys(_ value: JSONValue) -> JSONValue {
        .array((value.object?.members ?? []).sorted { $0.name < $1.name }.map { .string($0.value.string == "" ? $0.name : "\($0.name): \($0.value.string ?? "")") })
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
