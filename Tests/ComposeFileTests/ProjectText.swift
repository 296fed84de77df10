import ComposeFile

/// Files in memory, and the project that they make.
struct ProjectText {
    var files: [String: String] = [:]
    var environment: [String: String] = ["HOME": "/home/me"]
    var profiles: [String] = []

    init(_ main: String, _ others: [String: String] = [:]) { files = others.merging(["/p/compose.yaml": main]) { $1 } }

    /// Loads `/p/compose.yaml` and after it the other named ones.
    func load(also overrides: [String] = [], change: (inout ComposeSource) -> Void = { _ in }) throws -> ComposeProject {
        let files = files
        let paths = ["/p/compose.yaml"] + overrides
        var source = ComposeSource(files: paths.map { (path: $0, text: files[$0] ?? "") }, directory: "/p", environment: environment, profiles: profiles) {
            path throws(ComposeFileError) in files[path]
        }
        change(&source)
        return try ComposeProject(source)
    }

    /// What is wrong with it; empty when nothing is.
    static func problem(_ text: String, _ others: [String: String] = [:]) -> String {
        do {
            _ = try ProjectText(text, others).load()
            return ""
        } catch { return "\(error)" }
    }
}
