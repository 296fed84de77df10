internal import ComposeFile
internal import Dockerfile
internal import Linux

/// One entry of a service's `develop.watch`: which files it is about, and where they are in a container.
struct WatchRule: Sendable {
    let service: String
    let watch: ComposeWatch
    private let included: IgnorePatterns
    private let ignored: IgnorePatterns
    /// The directory that the image is built from, and what it leaves out of it.
    private let context: String
    private let notBuilt: IgnorePatterns

    /// What version control and editors keep beside the user's files.
    private static let temporary = ["**/.git", "**/*~", "**/.*.sw?", "**/.*.sw?x", "**/4913", "**/.#*", "**/#*#", "**/*___jb_tmp___", "**/*___jb_old___", "**/.*.kate-swp"]

    /// Throws for patterns that are none, and for a `.dockerignore` that cannot be read.
    init(_ watch: ComposeWatch, of service: ComposeService, named name: String) throws {
        self.service = name
        self.watch = watch
        included = try IgnorePatterns(watch.include)
        ignored = try IgnorePatterns(Self.temporary + watch.ignore)
        context = service.build?.context ?? ""
        let file = context.hasPrefix("/") ? try FileSystem.readIfPresent("\(context)/.dockerignore", limit: 1 << 20) : nil
        notBuilt = try file.map { try IgnorePatterns(file: $0) } ?? .none
    }

    var isSync: Bool { watch.action.hasPrefix("sync") }

    /// Whether changes of this file are this rule's.
    func matches(_ path: String) -> Bool {
        guard let inner = Self.path(path, in: watch.path), !isIgnored(path) else { return false }
        return inner.isEmpty || included.isEmpty || included.matches(inner)
    }

    /// Whether it is the directory that is watched: its counterpart may be anything, such as a link to where the files belong.
    func isRoot(_ path: String) throws -> Bool { try path == watch.path && FileSystem.status(path)?.isDirectory == true }

    /// Whether nothing at or below this path can be this rule's.
    func isIgnored(_ path: String) -> Bool {
        guard let inner = Self.path(path, in: watch.path) else { return true }
        return ignored.matches(inner) || Self.path(path, in: context).map(notBuilt.matches) ?? false
    }

    /// The file's place in a container.
    func target(of path: String) -> String {
        let inner = Self.path(path, in: watch.path) ?? ""
        return inner.isEmpty ? watch.target : FilePath.clean("\(watch.target)/\(inner)")
    }

    /// The part of a path below a directory, empty for the directory itself; nil for what is elsewhere.
    private static func path(_ path: String, in directory: String) -> String? {
        if path == directory { return "" }
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
    }
}
