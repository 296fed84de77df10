/// What a project is loaded from. Reading files is the caller's, so that everything here is values in, values out.
package struct ComposeSource: Sendable {
    /// A file that is there; nil for one that is not. Errors are those of reading it.
    package typealias Read = @Sendable (String) throws(ComposeFileError) -> String?

    /// Absolute paths of the files, the later over the earlier, each with its text.
    package var files: [(path: String, text: String)]
    /// Where relative paths begin: absolute.
    package var directory: String
    /// The variables that the files may use.
    package var environment: [String: String]
    /// The project's name where it is given from outside; empty where the files or the directory say it.
    package var name: String
    package var profiles: [String]
    package var interpolates = true
    package var resolvesPaths = true
    package var resolvesEnvironment = true
    package var normalizes = true
    package var checksConsistency = true
    package var read: Read

    package init(
        files: [(path: String, text: String)], directory: String, environment: [String: String], name: String = "", profiles: [String] = [], read: @escaping Read
    ) {
        self.files = files
        self.directory = directory
        self.environment = environment
        self.name = name
        self.profiles = profiles
        self.read = read
    }
}
