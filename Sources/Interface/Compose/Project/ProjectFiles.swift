package import ComposeFile
internal import Linux
internal import Values

/// Where a project's files are, and the variables they may use: flags, environment and the disk, in docker compose's order.
package struct ProjectFiles: Sendable {
    /// `--file`: paths, or `-` for standard input.
    package var files: [String] = []
    /// `--env-file`.
    package var environmentFiles: [String] = []
    /// `--profile`.
    package var profiles: [String] = []
    /// `--project-directory`.
    package var directory = ""
    /// `--project-name`.
    package var name = ""

    package init() {}

    private static let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
    private static let overrideNames = [
        "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
    ]

    /// Reads everything that there is to read but what the files name themselves. Warnings are what a user should know of it.
    package func source(warn: (String) -> Void) throws -> ComposeSource {
        let working = try Self.workingDirectory()
        var environment: [String: String] = ["PWD": working]
        for case let (name, value)? in Environment.all.map({ $0.cut("=") }) { environment[name] = value }
        let given = directory.isEmpty ? nil : FilePath.absolute(directory, in: working, home: nil)
        // Variables of the directory that the user is in may say which files are meant; those of the project's own come after.
        let outer = environment
        environment = try withFiles(outer, in: given ?? working, working)
        let paths = try paths(environment, in: given ?? working, working, warn: warn)
        let directory = given ?? (paths.first { $0 != "-" }.map(FilePath.parent) ?? working)
        environment = try withFiles(outer, in: directory, working).merging(environment) { $1 }
        var source = ComposeSource(
            files: try paths.map { (path: $0, text: try text($0)) }, directory: directory, environment: environment,
            name: name.isEmpty ? environment["COMPOSE_PROJECT_NAME"] ?? "" : name, profiles: profiles
        ) { path throws(ComposeFileError) in try Self.read(path) }
        if source.profiles.isEmpty, let wanted = environment["COMPOSE_PROFILES"] {
            source.profiles = wanted.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        }
        return source
    }

    /// As the user came here, symbolic links included, where that is known.
    private static func workingDirectory() throws(SyscallError) -> String {
        let real = try FileSystem.workingDirectory()
        guard let named = Environment.value("PWD"), named.hasPrefix("/"), let there = try FileSystem.status(named), let here = try FileSystem.status(real),
            there.inode == here.inode, there.device == here.device
        else { return real }
        return named
    }

    /// The files of the project, found where nobody names them in the directory or one above.
    private func paths(_ environment: [String: String], in directory: String, _ working: String, warn: (String) -> Void) throws -> [String] {
        var named = files
        if named.isEmpty, let listed = environment["COMPOSE_FILE"], !listed.isEmpty {
            let separator = environment["COMPOSE_PATH_SEPARATOR"].flatMap { $0.isEmpty ? nil : $0 } ?? ":"
            named = listed.split(separator: separator).map(String.init)
        }
        if !named.isEmpty {
            return named.map { $0 == "-" ? $0 : FilePath.absolute($0, in: working, home: environment["HOME"]) }
        }
        var place = directory
        while true {
            let found = Self.names.filter { FileSystem.exists("\(place)/\($0)") }
            if let first = found.first {
                let path = FilePath.absolute(first, in: place, home: nil)
                if found.count > 1 {
                    warn("Found multiple config files with supported names: \(found.map { FilePath.absolute($0, in: place, home: nil) }.joined(separator: ", "))")
                    warn("Using \(path)")
                }
                let overrides = Self.overrideNames.filter { FileSystem.exists("\(place)/\($0)") }
                if overrides.count > 1 {
                    warn("Found multiple override files with supported names: \(overrides.map { FilePath.absolute($0, in: place, home: nil) }.joined(separator: ", "))")
                    warn("Using \(FilePath.absolute(overrides[0], in: place, home: nil))")
                }
                return [path] + overrides.prefix(1).map { FilePath.absolute($0, in: place, home: nil) }
            }
            let above = FilePath.parent(place)
            if above == place { throw ComposeFileError("no configuration file provided: not found") }
            place = above
        }
    }

    /// The variables with those of `--env-file`, `COMPOSE_ENV_FILES` or `.env` under them.
    private func withFiles(_ outer: [String: String], in directory: String, _ working: String) throws -> [String: String] {
        var named = environmentFiles
        if named.isEmpty { named = (outer["COMPOSE_ENV_FILES"] ?? "").split(separator: ",").map(String.init) }
        var paths = named.map { FilePath.absolute($0, in: working, home: nil) }
        if named.isEmpty {
            let usual = "\(directory)/.env"
            let isThere = try FileSystem.status(usual)?.kind == .regular && outer["COMPOSE_DISABLE_ENV_FILE"].map { !["1", "true"].contains($0) } ?? true
            paths = isThere ? [usual] : []
        }
        var found: [String: String] = [:]
        for path in paths {
            guard let text = try Self.read(path) else { throw ComposeFileError("couldn't find env file: \(path)") }
            let before = found
            do throws(ComposeFileError) { found.merge(try EnvironmentFile.parse(text) { outer[$0] ?? before[$0] }) { $1 } } catch {
                throw ComposeFileError("failed to read \(path): \(error)")
            }
        }
        return outer.merging(found) { mine, _ in mine }
    }

    private func text(_ path: String) throws -> String {
        guard let text = try path == "-" ? Self.standardInput() : Self.read(path) else {
            throw ComposeFileError("open \(path): no such file or directory")
        }
        return text
    }

    private static let sizeLimit = 4 << 20

    private static func standardInput() throws -> String? {
        let input = try FileDescriptor.standard(0)
        var bytes: [UInt8] = []
        while true {
            let piece = try input.read(upTo: 64 << 10)
            if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece
            guard bytes.count <= sizeLimit else { throw ComposeFileError("-: more than the limit of \(sizeLimit) bytes") }
        }
    }

    @Sendable private static func read(_ path: String) throws(ComposeFileError) -> String? {
        do throws(SyscallError) {
            return try FileSystem.readIfPresent(path, limit: sizeLimit).map { String(decoding: $0, as: UTF8.self) }
        } catch { throw ComposeFileError(error.errno == .isDirectory ? "read \(path): is a directory" : "open \(path): \(error.errno)") }
    }
}
