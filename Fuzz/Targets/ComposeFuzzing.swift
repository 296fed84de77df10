import ComposeFile
import JSON
import YAML

/// Compose files, which come with projects of others.
enum ComposeFuzzing {
    /// A file, which may extend and include itself. What was loaded and shown again is the same project.
    static func project(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
        let first = try load(text)
        // `config` doubles the sign in names too, as Docker's does, and nobody halves it there.
        if hasSignInName(first.readableDocument) { return }
        let again = try load(YAMLText.render(first.readableDocument).replacing("$", with: "$$"))
        let third = try load(YAMLText.render(again.readableDocument).replacing("$", with: "$$"))
        precondition(third.readableDocument == again.readableDocument, "another project")
        for service in again.services.values { _ = ConfigHash.text(service) }
    }

    private static func hasSignInName(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let object): object.members.contains { $0.name.contains("$") || hasSignInName($0.value) }
        case .array(let list): list.contains(where: hasSignInName)
        default: false
        }
    }

    private static func load(_ text: String) throws -> ComposeProject {
        try ComposeProject(
            ComposeSource(files: [(path: "/p/compose.yaml", text: text)], directory: "/p", environment: ["A": "a", "EMPTY": ""]) { path throws(ComposeFileError) in
                path == "/p/compose.yaml" ? text : path == "/p/.env" ? "B=$A\n" : nil
            })
    }
}
