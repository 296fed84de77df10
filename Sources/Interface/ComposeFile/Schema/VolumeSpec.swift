internal import JSON

/// Volumes in short form: `[source:]target[:options]`.
enum VolumeSpec {
    @Sendable static func parse(_ value: JSONValue, _ place: Place) throws(ComposeFileError) -> JSONValue? {
        guard let spec = value.string else { return nil }
        if spec.isEmpty { throw ComposeFileError("invalid empty volume spec") }
        let parts = sections(spec)
        func invalid(_ why: String) -> ComposeFileError { ComposeFileError("invalid spec: \(spec): \(why)") }
        if spec.utf8.count > 2, parts.contains("") { throw invalid("empty section between colons") }
        if parts.count > 3 { throw invalid("too many colons") }
        let source = parts.count > 1 ? parts[0] : "", target = parts.count > 1 ? parts[1] : spec
        let isPath = source.first.map { "./~".contains($0) } ?? false
        var result: JSONObject = ["type": .string(isPath ? "bind" : "volume")]
        if !source.isEmpty { result.append("source", .string(source)) }
        result.append("target", .string(FilePath.clean(target)))
        var bind = JSONObject(), volume = JSONObject()
        for option in (parts.count > 2 ? parts[2] : "").split(separator: ",") {
            switch option {
            case "ro": result["read_only"] = .bool(true)
            case "rw": result["read_only"] = nil
            case "nocopy": volume["nocopy"] = .bool(true)
            case "z", "Z": bind["selinux"] = .string(String(option))
            case "rprivate", "private", "rshared", "shared", "rslave", "slave": bind["propagation"] = .string(String(option))
            // As docker compose has it: an option that nobody knows is passed over.
            default: break
            }
        }
        if isPath {
            bind["create_host_path"] = .bool(true)
            if !volume.members.isEmpty { result.append("volume", .object(volume)) }
        } else {
            // docker compose reads the shortest ones another way, and hashes what it reads.
            if spec.utf8.count > 2 { result.append("volume", .object(volume)) }
        }
        if isPath || !bind.members.isEmpty { result.append("bind", .object(bind)) }
        return .object(result)
    }

    /// The parts between colons; those of variables that are still there do not count.
    private static func sections(_ spec: String) -> [String] {
        var parts = [""], depth = 0, before: Character = " "
        for character in spec {
            if character == "{", before == "$" { depth += 1 } else if character == "}", depth > 0 { depth -= 1 }
            if character == ":", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
            before = character
        }
        return parts
    }
}
