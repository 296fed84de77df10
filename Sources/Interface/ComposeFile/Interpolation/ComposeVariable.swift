package import JSON

/// A variable that files ask for.
package struct ComposeVariable: Sendable, Hashable {
    package var name: String
    package var isRequired = false
    package var fallback = ""
    package var alternative = ""

    /// Those of all files, by name.
    package static func all(in files: [String]) throws(ComposeFileError) -> [ComposeVariable] {
        var found: [String: ComposeVariable] = [:]
        for file in files {
            let documents: [MarkedDocument]
            do { documents = try MarkedDocument.parse(file) } catch { throw ComposeFileError("\(error)") }
            for document in documents { collect(document.value, &found) }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// What is known of it.
    package var document: JSONObject {
        ["Name": .string(name), "DefaultValue": .string(fallback), "PresenceValue": .string(alternative), "Required": .bool(isRequired)]
    }

    private static func collect(_ value: JSONValue, _ found: inout [String: ComposeVariable]) {
        switch value {
        case .array(let items): for item in items { collect(item, &found) }
        case .object(let object): for member in object.members { collect(member.value, &found) }
        case .string(let text):
            for match in text.matches(of: #/\$\$|\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?([-+?])([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))/#) {
                guard let name = match.1 ?? match.4 else { continue }
                var variable = found[String(name)] ?? ComposeVariable(name: String(name))
                let word = match.3.map(String.init) ?? ""
                switch match.2 {
                case "-": variable.fallback = word
                case "+": variable.alternative = word
                case "?": variable.isRequired = true
                default: break
                }
                found[String(name)] = variable
            }
        default: break
        }
    }
}
