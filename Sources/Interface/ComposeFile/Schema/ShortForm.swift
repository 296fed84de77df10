internal import JSON

/// Short forms and the long ones that they stand for. Nil for what is long already, or is nothing that has a short form.
enum ShortForm {
    typealias Expansion = @Sendable (JSONValue, Place) throws(ComposeFileError) -> JSONValue?

    static let source: Expansion = { (value, _) throws(ComposeFileError) in value.string.map { .object(["source": .string($0)]) } }
    static let context: Expansion = { (value, _) throws(ComposeFileError) in value.string.map { .object(["context": .string($0)]) } }
    static let service: Expansion = { (value, _) throws(ComposeFileError) in value.string.map { .object(["service": .string($0)]) } }
    static let path: Expansion = { (value, _) throws(ComposeFileError) in value.string.map { .object(["path": .string($0)]) } }
    static let list: Expansion = { (value, _) throws(ComposeFileError) in value.string.map { .array([.string($0)]) } }
    static let shellTest: Expansion = { (value, _) throws(ComposeFileError) in value.string.map { .array([.string("CMD-SHELL"), .string($0)]) } }
    static let allGPUs: Expansion = { (value, _) throws(ComposeFileError) in value.string == "all" ? .array([.object(["count": .string("all")])]) : nil }
    /// All devices are -1.
    static let allOf: Expansion = { (value, _) throws(ComposeFileError) in value.string?.lowercased() == "all" ? JSONValue(-1) : nil }
    /// Permission bits in octal as text.
    static let modeBits: Expansion = { (value, _) throws(ComposeFileError) in value.string.flatMap { Int($0, radix: 8) }.map { JSONValue($0) } }
    /// `true` as text.
    static let word: Expansion = { (value, _) throws(ComposeFileError) in value.bool.map { .string("\($0)") } }
    static let ulimit: Expansion = { (value, place) throws(ComposeFileError) in
        guard let object = value.object else { return .object(["single": value]) }
        if object["single"] == nil, object["soft"] == nil || object["hard"] == nil { throw ComposeFileError(schema: "\(place) must be a integer or string") }
        return nil
    }
    /// A list of names as a mapping to nothing.
    static let names: Expansion = { (value, place) throws(ComposeFileError) in
        guard let items = value.array else { return nil }
        var object = JSONObject()
        for (index, item) in items.enumerated() {
            guard let name = item.string else { throw ComposeFileError(schema: "\(place.at(index)) must be a string") }
            object[name] = .null
        }
        return .object(object)
    }

    static let dependencies: Expansion = { (value, place) throws(ComposeFileError) in
        var object = JSONObject()
        if let items = value.array {
            for (index, item) in items.enumerated() {
                guard let name = item.string else { throw ComposeFileError(schema: "\(place.at(index)) must be a string") }
                object[name] = .object(["condition": .string("service_started"), "required": .bool(true)])
            }
        } else if let given = value.object {
            for member in given.members {
                guard var dependency = member.value.object else {
                    object.append(member.name, member.value)
                    continue
                }
                if dependency["required"] == nil { dependency["required"] = .bool(true) }
                object.append(member.name, .object(dependency))
            }
        } else {
            return nil
        }
        return .object(object)
    }

    static let device: Expansion = { (value, _) throws(ComposeFileError) in
        guard let text = value.string else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3 else { throw ComposeFileError("confusing device mapping, please use long syntax: \(text)") }
        let target = parts.count > 1 && !parts[1].isEmpty ? parts[1] : parts[0]
        return .object(["source": .string(parts[0]), "target": .string(target), "permissions": .string(parts.count > 2 ? parts[2] : "rwm")])
    }

    /// `name:address`, `name=address` and mappings become a sorted list of `name=address`.
    static let hosts: Expansion = { (value, place) throws(ComposeFileError) in
        var lines: [String] = []
        func add(_ name: String, _ address: String) throws(ComposeFileError) {
            if name.isEmpty || name.contains(where: { ":=".contains($0) }) { throw ComposeFileError("bad host name '\(name)'") }
            let isBracketed = address.hasPrefix("[") && address.hasSuffix("]") && address.utf8.count > 2
            lines.append("\(name)=\(isBracketed ? String(address.dropFirst().dropLast()) : address)")
        }
        if let items = value.array {
            for item in items {
                let text = item.string ?? item.compactText
                guard let mark = text.firstIndex(of: "=") ?? text.firstIndex(of: ":") else {
                    throw ComposeFileError("decoding failed due to the following error(s):\n\n'\(place.inStructure)' invalid additional host, missing IP: \(text)")
                }
                for address in text[text.index(after: mark)...].split(separator: ",", omittingEmptySubsequences: false) {
                    try add(String(text[..<mark]), String(address))
                }
            }
        } else if let object = value.object {
            for member in object.members {
                for address in member.value.array ?? [member.value] { try add(member.name, address.string ?? "") }
            }
        } else {
            throw ComposeFileError(schema: "\(place) must be a mapping")
        }
        return .array(lines.sorted().map { .string($0) })
    }

    /// `external: {name: …}`, which is old.
    static let external: Expansion = { (value, place) throws(ComposeFileError) in
        guard var object = value.object, let outside = object["external"]?.object else { return nil }
        let unknown = outside.members.map(\.name).filter { $0 != "name" && !$0.hasPrefix("x-") }
        if let first = unknown.first { throw ComposeFileError(schema: "\(place).external additional properties '\(first)' not allowed") }
        object["external"] = .bool(true)
        if let name = outside["name"] {
            if let own = object["name"], own != name { throw ComposeFileError("\(place): name and external.name conflict; only use name") }
            object["name"] = name
        }
        return .object(object)
    }
}
