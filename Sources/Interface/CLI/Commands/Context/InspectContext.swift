internal import Arguments
internal import JSON

extension Root {
    static func inspectContext() -> AnyCommand {
        AnyCommand(
            "inspect", "Display detailed information on one or more contexts", usage: "[OPTIONS] [CONTEXT] [CONTEXT...]", arity: .any, subject: .contexts,
            flags: {
                [.value("format", short: "f", "Format output using a custom template:\n'json': JSON on one line\n'TEMPLATE': the given Go template")]
            },
            action: { session in
                let contexts = try Contexts(session)
                let names = session.arguments.isEmpty ? [contexts.current] : session.arguments
                let format = session.flags.string("format")
                let inspection = Inspection(format: format, typeName: "context.contextWithTLSListing", escapesHTML: true)
                return try await inspection.run(session, names) { name in
                    var object = try described(name, contexts)
                    // In Go `Metadata` is the struct around the fields, and the field of that name within it.
                    if !["", "json"].contains(format) { object["Metadata"] = .object(try contexts.context(name).document) }
                    return .object(object)
                }
            })
    }

    private static func described(_ name: String, _ contexts: Contexts) throws -> JSONObject {
        var object = try contexts.context(name).document, files = JSONObject()
        for (endpoint, material) in try contexts.material(name).sorted(by: { $0.key < $1.key }) {
            files.append(endpoint, .array(material.keys.sorted().map { .string($0) }))
        }
        let isBuiltIn = name == EngineContext.builtIn
        object.append("TLSMaterial", .object(files))
        object.append(
            "Storage",
            .object([
                "MetadataPath": .string(isBuiltIn ? "<IN MEMORY>" : contexts.store.metadataDirectory(name)),
                "TLSPath": .string(isBuiltIn ? "<IN MEMORY>" : contexts.store.materialDirectory(name)),
            ]))
        return object
    }
}
